import { ABSENT, counted, fixed, grouped, percent } from '../report/amounts.ts';
import { type Column, tableLines } from '../report/columns.ts';
import { headed } from '../report/headed.ts';
import { PLAIN, type TextStyle } from '../report/paint.ts';
import { wrapped } from '../report/terminal-text.ts';
import type {
  Culprit,
  OtherPackets,
  SegmentLoss,
  StreamPath,
  StreamSight,
  TapsComparison,
  WaySummary,
} from './taps-contract.ts';

/** Streams that a table shows; all are in the JSON. */
const STREAMS_SHOWN = 40;
const OTHERS_SHOWN = 10;

/** A comparison of two points as text, line by line. */
export function* renderTaps(comparison: TapsComparison, style: TextStyle): Generator<string> {
  for (const line of lines(comparison, style)) yield `${line}\n`;
}

function* lines(comparison: TapsComparison, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const width = style.columns ?? 0;
  const { taps, ways, streams, notes, leftOut } = comparison;
  for (const { tap, files, packets, streams: count, startTime, trust } of taps) {
    const when = startTime === null ? '' : `, from ${startTime.slice(0, 19).replace('T', ' ')} UTC`;
    const facts = `${grouped(packets)} packets, ${counted(count, 'stream')}${when}, capture ${trust}`;
    yield* headed(`TAP ${tap}`, `${files.join(', ')}: ${facts}`, style);
  }
  yield* wrapped(clockText(comparison), width);
  for (const note of notes) for (const line of wrapped(`note: ${note}`, width)) yield paint.yellow(line);
  for (const [reason, count] of Object.entries(leftOut))
    yield paint.yellow(`note: not compared, ${reason}: ${grouped(count)}`);
  for (const way of ways) {
    yield '';
    yield paint.bold(wayTitle(way));
    for (const text of wayLines(way))
      for (const line of wrapped(text, Math.max(0, width - 2))) yield `  ${line}`;
  }
  if (streams.length > 0) {
    yield '';
    const more = streams.length > STREAMS_SHOWN ? `, the first ${STREAMS_SHOWN} of ${streams.length}` : '';
    yield paint.bold(`STREAMS AT TWO POINTS${more}`);
    const worst = [...streams].sort((a, b) => b.between.lostRatio - a.between.lostRatio);
    yield* tableLines(STREAM_COLUMNS, worst.slice(0, STREAMS_SHOWN), () => [], style);
  }
  yield* otherLines(comparison, style);
  yield* signallingLines(comparison, style);
}

function clockText({ clocks, taps }: TapsComparison): string {
  if (taps.length === 1) return 'one capture, one clock: times between the points are what they are';
  const { offsetMs, uncertaintyMs, driftPpm } = clocks;
  if (offsetMs === null) return 'clocks: what they are apart is not known; only variations of delay are';
  const certain =
    uncertaintyMs === null ? 'as far as one direction shows' : `+-${fixed(uncertaintyMs, 3)} ms`;
  const drift = driftPpm === 0 ? '' : `, drifting by ${fixed(driftPpm, 1)} ppm (taken out)`;
  const ahead = `${fixed(Math.abs(offsetMs), 3)} ms ${offsetMs < 0 ? 'behind' : 'ahead of'}`;
  return `clocks: that of tap 2 is ${ahead} that of tap 1, ${certain}${drift}; variations of delay are measured, one-way delays are not`;
}

function wayTitle({ firstTap, secondTap, box, streams, direction }: WaySummary): string {
  const way = direction === null ? '' : `, ${DIRECTIONS[direction]}`;
  const through = box === null ? '' : ` through ${box}`;
  const points = firstTap === secondTap ? 'BETWEEN THE TWO SIGHTS' : `TAP ${firstTap} TO TAP ${secondTap}`;
  return `${points}${through}${way}, ${counted(streams, 'stream')}`;
}

const DIRECTIONS = { callerToCallee: 'caller to callee', calleeToCaller: 'callee to caller' } as const;

const CULPRITS: Readonly<Record<Culprit, string>> = {
  sender_to_first: 'most of it before the first point',
  between: 'most of it between the points',
  second_to_receiver: 'most of it behind the second point',
  none: 'nothing to speak of',
  unknown: 'where is not known',
};

function* wayLines(way: WaySummary): Generator<string> {
  const { senderToFirst, between, secondToReceiver, lossBy } = way;
  yield `loss: ${lossText(senderToFirst)} before, ${lossText(between)} between, ${lossText(secondToReceiver)} behind (by the receiver's reports): ${CULPRITS[lossBy]}`;
  yield `delay variation (p95, of the worst stream): ${fixed(way.pdvAtFirstP95Ms, 1)} ms at the first point, ${fixed(way.addedDelayP95Ms, 1)} ms added between: ${CULPRITS[way.delayVariationBy]}`;
  if (way.reordered + way.duplicated > 0)
    yield `between: ${grouped(way.reordered)} reordered, ${grouped(way.duplicated)} duplicated`;
  if (way.changes.length > 0) yield `changed between: ${way.changes.join(', ')}`;
}

function lossText(loss: SegmentLoss | null): string {
  if (loss === null) return 'unknown';
  if (loss.lost === 0) return 'none';
  return `${grouped(loss.lost)} of ${grouped(loss.of)} (${percent(loss.of === 0 ? null : loss.lost / loss.of)} %)`;
}

const STREAM_COLUMNS: readonly Column<StreamPath>[] = [
  { header: 'way', align: 'left', cell: ({ first, second }) => `${first.tap}>${second.tap}` },
  { header: 'at the first point', align: 'left', min: 12, cell: ({ first }) => flowText(first) },
  { header: 'at the second', align: 'left', min: 12, cell: ({ second }) => flowText(second) },
  { header: 'by', align: 'left', leaveOut: 2, cell: ({ identity, orderBy }) => `${identity}, ${orderBy}` },
  lossColumn('before', ({ senderToFirst }) => senderToFirst.loss),
  lossColumn('between', ({ between }) => ({ lost: between.lost, of: between.compared })),
  lossColumn('behind', ({ secondToReceiver }) => secondToReceiver.loss),
  delayColumn('p50', 1, ({ between }) => between.addedDelayMs?.p50 ?? null),
  delayColumn('p95', null, ({ between }) => between.addedDelayMs?.p95 ?? null),
  delayColumn('max', 4, ({ between }) => between.addedDelayMs?.max ?? null),
  {
    header: 'reord',
    align: 'right',
    leaveOut: 3,
    cell: ({ between: segment }) => grouped(segment.reordered),
  },
  { header: 'dup', align: 'right', leaveOut: 3, cell: ({ between: segment }) => grouped(segment.duplicated) },
];

function lossColumn(header: string, read: (path: StreamPath) => SegmentLoss | null): Column<StreamPath> {
  return {
    header,
    group: 'lost',
    align: 'right',
    cell: (path) => {
      const loss = read(path);
      return loss === null ? ABSENT : grouped(loss.lost);
    },
  };
}

function delayColumn(
  header: string,
  leaveOut: number | null,
  read: (path: StreamPath) => number | null,
): Column<StreamPath> {
  const column: Column<StreamPath> = {
    ...{ header, group: 'added ms', align: 'right' },
    cell: (path) => fixed(read(path), 1),
  };
  return leaveOut === null ? column : { ...column, leaveOut };
}

function flowText({ src, dst }: StreamSight): string {
  return `${src}>${dst}`;
}

function* otherLines({ otherPackets, unmatched }: TapsComparison, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const width = Math.max(0, (style.columns ?? 0) - 2);
  if (otherPackets.length > 0) {
    yield '';
    yield paint.bold('OTHER PACKETS, made anew on the way: they cannot be matched one to one');
    for (const each of otherPackets.slice(0, OTHERS_SHOWN))
      for (const line of wrapped(otherText(each), width)) yield `  ${line}`;
    if (otherPackets.length > OTHERS_SHOWN)
      yield `  +${otherPackets.length - OTHERS_SHOWN} more (all with --json)`;
  }
  if (unmatched.length === 0) return;
  yield '';
  yield paint.bold(`AT ONE POINT ONLY, ${counted(unmatched.length, 'stream')}`);
  for (const sight of unmatched.slice(0, OTHERS_SHOWN))
    yield `  tap ${sight.tap}: ${flowText(sight)}, ${counted(sight.packets, 'packet')}`;
  if (unmatched.length > OTHERS_SHOWN) yield `  +${unmatched.length - OTHERS_SHOWN} more (all with --json)`;
}

function otherText({ first, second, codecChanged, ptimeChanged, direction }: OtherPackets): string {
  const way = direction === null ? '' : `${DIRECTIONS[direction]}: `;
  const codec = codecChanged ? `, codec ${first.codec} -> ${second.codec}` : '';
  const ptime = ptimeChanged ? `, packet time ${first.ptimeMs} -> ${second.ptimeMs} ms` : '';
  return `${way}${flowText(first)} and ${flowText(second)}${codec}${ptime}`;
}

function* signallingLines({ signalling, taps }: TapsComparison, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const width = Math.max(0, (style.columns ?? 0) - 2);
  const { compared, onlyAt, rewrites, viaAdded } = signalling;
  if (compared === 0 && onlyAt.every((count) => count === 0)) return;
  yield '';
  yield paint.bold('SIGNALLING');
  const only =
    taps.length === 1
      ? `${grouped(onlyAt[0]!)} seen once only`
      : `${grouped(onlyAt[0]!)} only at tap 1, ${grouped(onlyAt[1]!)} only at tap 2`;
  const rewritten = rewrites.filter(({ usual }) => !usual);
  const passes =
    viaAdded === null || rewritten.length === 0
      ? ''
      : viaAdded > 0
        ? '; a proxy or SBC is between: it adds a Via'
        : '; whatever rewrites them adds no Via: an ALG in a router or firewall does so';
  yield* wrapped(
    `  ${counted(compared, 'message')} seen at both points, ${only}${passes}`,
    style.columns ?? 0,
  );
  for (const { part, name, kind, messages, examples } of rewritten) {
    const example = examples[0]!;
    const values = [example.first ?? '(none)', example.second ?? '(none)'].join(' -> ');
    const text = `${part === 'sdp' ? 'SDP ' : ''}${name} ${kind} in ${counted(messages, 'message')}, ${example.message}: ${values}`;
    for (const line of wrapped(text, width)) yield `  ${paint.yellow(line)}`;
  }
  const usual = rewrites.filter(({ usual }) => usual).map(({ name }) => name);
  if (usual.length > 0) yield `  as every proxy does: ${usual.join(', ')}`;
}
