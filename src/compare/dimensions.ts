import type { TimeZone } from '../report/search/time-zone.ts';
import type { JudgedCall } from './failed-calls.ts';
import { hourText } from './groupings.ts';

/** What calls are told apart by, where it is asked which of it goes with failing. */
export const DIMENSIONS = {
  site: 'site',
  trunk: 'trunk',
  direction: 'direction',
  callerDevice: "caller's device",
  calleeDevice: "callee's device",
  source: 'host that sent the INVITE',
  destination: 'host that it went to',
  codec: 'codec',
  hour: 'hour of the day',
  load: 'calls up at its start',
} as const;

export type Dimension = keyof typeof DIMENSIONS;

/** Kinds that calls are put into by load: as many calls in each as there is room between equal loads. */
const LOAD_KINDS = 5;
/** What stands for calls that do not say. */
const UNKNOWN = 'unknown';

/** The kind of each call in one dimension. */
export function kindsOf(dimension: Dimension, calls: readonly JudgedCall[], zone: TimeZone): string[] {
  if (dimension === 'load') return loadKinds(calls);
  if (dimension === 'hour') return calls.map(({ ran }) => hourText(ran.fromUs, zone));
  if (dimension === 'codec')
    return calls.map(({ sample }) => [...sample.codecs].sort().join(' and ') || UNKNOWN);
  return calls.map(({ sample }) => sample.marks[dimension] ?? UNKNOWN);
}

/** How many of these calls were up when each began, in a few kinds. */
function loadKinds(calls: readonly JudgedCall[]): string[] {
  const starts = Float64Array.from(calls, ({ ran }) => ran.fromUs).sort();
  const ends = Float64Array.from(calls, ({ ran }) => ran.toUs).sort();
  const loads = calls.map(({ ran }) => below(starts, ran.fromUs) - below(ends, ran.fromUs));
  const sorted = Float64Array.from(loads).sort();
  const bounds = Array.from({ length: LOAD_KINDS - 1 }, (_, at) => {
    return sorted[Math.floor(((at + 1) * sorted.length) / LOAD_KINDS)]!;
  });
  const uppers = [...new Set(bounds)];
  return loads.map((load) => {
    const at = uppers.findIndex((upper) => load < upper);
    const from = at === 0 ? 0 : uppers.at(at < 0 ? -1 : at - 1)!;
    return at < 0 ? `${from} or more` : `${from} to ${uppers[at]! - 1}`;
  });
}

/** How many of sorted values are less. */
function below(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
