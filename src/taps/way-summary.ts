import { lossCulprit, sumOf, variationCulprit } from './culprit.ts';
import type { Changed } from './segment.ts';
import type { StreamPath, WaySummary } from './taps-contract.ts';

/** Ways of one capture that are told apart: boxes it holds both sides of. */
const WAYS_MAX = 64;
const CHANGES_MAX = 16;

/** Adds up what happened to all streams of each way: from one tap to the other, or through one box. */
export function waySummaries(streams: readonly StreamPath[]): WaySummary[] {
  const ways = new Map<string, StreamPath[]>();
  for (const stream of streams) {
    const { first, second, direction } = stream;
    // Two taps tell both ways apart by their order.
    const way = first.tap === second.tap ? direction : '';
    const key = `${first.tap} ${second.tap} ${boxOf(stream) ?? ''} ${way ?? ''}`;
    const known = ways.get(key);
    if (known !== undefined) known.push(stream);
    else if (ways.size < WAYS_MAX) ways.set(key, [stream]);
  }
  return [...ways.values()].map(summary);
}

function summary(streams: readonly StreamPath[]): WaySummary {
  const [{ first, second, direction }] = streams as [StreamPath];
  const senderToFirst = sumOf(streams.map((stream) => stream.senderToFirst.loss));
  const between = sumOf(
    streams.map((stream) => ({ lost: stream.between.lost, of: stream.between.compared })),
  )!;
  const secondToReceiver = sumOf(streams.map((stream) => stream.secondToReceiver.loss));
  const added = streams.flatMap((stream) => stream.between.addedDelayMs?.p95 ?? []);
  const before = streams.flatMap((stream) => stream.senderToFirst.pdvP95Ms ?? []);
  const greatest = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));
  const total = (of: (stream: StreamPath) => number): number =>
    streams.reduce((sum, stream) => sum + of(stream), 0);
  return {
    firstTap: first.tap,
    secondTap: second.tap,
    box: boxOf(streams[0]!),
    direction: streams.every((stream) => stream.direction === direction) ? direction : null,
    streams: streams.length,
    senderToFirst,
    between,
    secondToReceiver,
    lossBy: lossCulprit(senderToFirst, between, secondToReceiver),
    pdvAtFirstP95Ms: greatest(before),
    addedDelayP95Ms: greatest(added),
    delayVariationBy: variationCulprit(greatest(before), greatest(added)),
    reordered: total(({ between: segment }) => segment.reordered),
    duplicated: total(({ between: segment }) => segment.duplicated),
    changes: changesOf(streams),
  };
}

/** The address that media was sent to and the one it came from, where a box took it and sent it on. */
function boxOf({ first, second }: StreamPath): string | null {
  const taken = hostOf(first.dst);
  const sent = hostOf(second.src);
  if (first.src === second.src && first.dst === second.dst) return null;
  if (first.dst === second.dst) return sent;
  if (first.src === second.src) return taken;
  return taken === sent ? taken : `${[taken, sent].sort().join(' and ')}`;
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'));
}

/** Every kind of change with the packets or streams it concerns, the most frequent first. */
function changesOf(streams: readonly StreamPath[]): string[] {
  const counts = new Map<string, number>();
  const add = (text: string, count: number): void => void counts.set(text, (counts.get(text) ?? 0) + count);
  const list = (name: string, changes: readonly Changed[], none = ''): void => {
    const shown = (value: number): string => (value < 0 ? none : String(value));
    for (const { from, to, packets } of changes) add(`${name} ${shown(from)} -> ${shown(to)}`, packets);
  };
  for (const { between } of streams) {
    list('DSCP', between.dscp);
    list('VLAN priority', between.priority, 'none');
    list('payload type', between.payloadTypes);
    if (between.ssrcChanged) add('SSRC made anew', between.paired);
    if (between.renumbered) add('sequence numbers or timestamps made anew', between.paired);
    if (between.payloadChanged > 0) add('payload octets changed', between.payloadChanged);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return sorted.slice(0, CHANGES_MAX).map(([text, packets]) => `${text} (${packets} packets)`);
}
