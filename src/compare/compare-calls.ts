import type { Direction } from '../records/types.ts';
import type { ReportStream } from '../report/contract.ts';
import { finite, type Loose } from './call-sample.ts';
import type { CallRecords } from './reported-calls.ts';

/** One fact of two calls, side by side. */
export interface CallRow {
  key: string;
  title: string;
  /** Null for what is about the whole call. */
  direction: Direction | null;
  unit: 'ms' | 'MOS' | 'R' | 'ratio' | 'text' | 'packets';
  a: number | string | null;
  b: number | string | null;
  /** Which of the two is worse by more than people would overlook; null where neither is, or it is no matter of better. */
  worse: 'a' | 'b' | null;
  differs: boolean;
}

/** Two calls side by side. No chance is computed: two calls are two calls. */
export interface CallsComparison {
  kind: 'calls';
  a: CallName;
  b: CallName;
  rows: CallRow[];
}

export interface CallName {
  id: string;
  callId: string;
  from: string | null;
  to: string | null;
  startTime: string | null;
}

type Fact = readonly [
  key: string,
  title: string,
  unit: CallRow['unit'],
  /** From where on a difference makes one the worse one; 0 never, below 0 where lower is worse. */
  matters: number,
  read: (records: CallRecords) => unknown,
];
type StreamFact = readonly [
  key: string,
  title: string,
  unit: CallRow['unit'],
  matters: number,
  read: (stream: Loose<ReportStream>) => unknown,
];

const CALL_FACTS: readonly Fact[] = [
  ['verdict', 'verdict', 'text', 0, ({ call }) => call.verdict],
  ['state', 'state', 'text', 0, ({ call }) => call.state],
  ['finalCode', 'final code', 'text', 0, ({ call }) => text(call.finalCode)],
  ['releasedBy', 'released by', 'text', 0, ({ call }) => call.releasedBy],
  ['durationMs', 'duration', 'ms', 0, ({ call }) => call.durationMs],
  ['postDialDelayMs', 'post-dial delay', 'ms', 100, ({ call }) => call.setup?.postDialDelayMs],
  ['answerDelayMs', 'answer', 'ms', 0, ({ call }) => call.setup?.answerDelayMs],
  ['roundTripMs', 'round trip', 'ms', 10, ({ call }) => call.roundTripMs],
  ['findings', 'findings', 'text', 0, ({ findings }) => codes(findings)],
];

const STREAM_FACTS: readonly StreamFact[] = [
  ['codec', 'codec', 'text', 0, ({ codec }) => codec],
  ['ptimeMs', 'packet time', 'ms', 0, ({ ptimeMs }) => ptimeMs],
  ['dscp', 'DSCP', 'text', 0, ({ dscp }) => listed(dscp)],
  ['packets', 'packets', 'packets', 0, ({ packets }) => packets],
  ['lostRatio', 'lost', 'ratio', 0.002, ({ lostRatio }) => lostRatio],
  ['longestLossRun', 'longest loss run', 'packets', 0, ({ burst }) => burst?.longestLossRun],
  ['discardRatio', 'too late to be played', 'ratio', 0.002, discardRatio],
  ['jitterP95Ms', 'jitter p95', 'ms', 1, ({ jitterMs }) => jitterMs?.p95],
  ['pdvP95Ms', 'PDV p95', 'ms', 2, ({ pdvMs }) => pdvMs?.p95],
  ['reordered', 'reordered', 'packets', 0, ({ reordered }) => reordered],
  ['duplicates', 'duplicates', 'packets', 0, ({ duplicates }) => duplicates],
  ['mediaDelayMs', 'round trip to the receiver', 'ms', 10, ({ roundTripMs }) => roundTripMs?.p50],
  ['scale', 'scale', 'text', 0, ({ quality }) => quality?.scale],
  ['mosLq', 'MOS-LQ', 'MOS', -0.1, ({ quality }) => quality?.mosLq],
  ['mosCq', 'MOS-CQ', 'MOS', -0.1, ({ quality }) => quality?.mosCq],
  ['rFactor', 'R', 'R', -3, ({ quality }) => quality?.rFactor],
  ['badTimeRatio', 'bad time', 'ratio', 0.01, ({ quality }) => quality?.badTimeRatio],
];
/** Scores of two scales are not comparable. */
const SCALED = new Set(['mosLq', 'mosCq', 'rFactor']);

/** Puts two calls side by side. */
export function compareCalls(a: CallRecords, b: CallRecords): CallsComparison {
  const rows = CALL_FACTS.map(([key, title, unit, matters, read]) =>
    row({ key, title, direction: null, unit }, matters, read(a), read(b)),
  );
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const [left, right] = [mainStream(a, direction), mainStream(b, direction)];
    if (left === null && right === null) continue;
    const sameScale = left?.quality?.scale === right?.quality?.scale;
    for (const [key, title, unit, matters, read] of STREAM_FACTS) {
      const comparable = sameScale || !SCALED.has(key) ? matters : 0;
      const value = (stream: Loose<ReportStream> | null): unknown => (stream === null ? null : read(stream));
      rows.push(row({ key, title, direction, unit }, comparable, value(left), value(right)));
    }
  }
  return { kind: 'calls', a: nameOf(a), b: nameOf(b), rows };
}

function row(
  facts: Pick<CallRow, 'key' | 'title' | 'direction' | 'unit'>,
  matters: number,
  left: unknown,
  right: unknown,
): CallRow {
  const [a, b] = [known(left), known(right)];
  const difference = typeof a === 'number' && typeof b === 'number' ? b - a : 0;
  const counts = matters !== 0 && Math.abs(difference) >= Math.abs(matters);
  const worse = !counts ? null : difference > 0 === matters > 0 ? 'b' : 'a';
  return { ...facts, a, b, worse, differs: a !== b };
}

/** Of several streams of one direction the one with the most packets. */
function mainStream({ streams }: CallRecords, direction: Direction): Loose<ReportStream> | null {
  const own = streams.filter((stream) => stream.direction === direction);
  return own.reduce<Loose<ReportStream> | null>(
    (best, stream) => ((stream.packets ?? 0) > (best?.packets ?? -1) ? stream : best),
    null,
  );
}

function nameOf({ call }: CallRecords): CallName {
  const { id, callId, from, to, startTime } = call;
  return {
    id: id ?? '',
    callId: callId ?? '',
    from: from ?? null,
    to: to ?? null,
    startTime: startTime ?? null,
  };
}

function discardRatio({ quality, playout }: Loose<ReportStream>): unknown {
  const model = quality?.assumptions?.playout;
  return typeof model === 'string' ? playout?.[model]?.discardRatio : null;
}

function codes(findings: CallRecords['findings']): string {
  const grave = findings.filter(({ severity }) => severity !== 'info').flatMap(({ code }) => code ?? []);
  return [...new Set(grave)].sort().join(' ') || 'none';
}

function listed(values: readonly number[] | null | undefined): string | null {
  return values == null || values.length === 0 ? null : values.join(' ');
}

function text(value: unknown): string | null {
  return value == null ? null : String(value);
}

function known(value: unknown): number | string | null {
  return typeof value === 'string' ? value : finite(value);
}
