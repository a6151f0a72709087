import type { Driver } from './alert.ts';
import type { KnownCalls } from './known-calls.ts';
import { CODEC, DELAY, DISCARD, EXPLAINED, LOSS } from './panes.ts';
import type { Series } from './series.ts';
import type { TouchedCall } from './touched-calls.ts';

const CAUSES = [
  ['codec', CODEC],
  ['loss', LOSS],
  ['discard', DISCARD],
  ['delay', DELAY],
] as const;

/** Points of R below which a cause drives nothing. */
const DRIVING_POINTS = 5;

/** What takes most of the score in the samples that made a series bad; of calls, what answered most of them. */
export function driverOf(
  series: Series,
  nowUs: number,
  calls: readonly TouchedCall[],
  known: KnownCalls,
): Driver | null {
  const explained = series.sum(EXPLAINED, nowUs);
  if (explained === 0) return codeOf(calls);
  const points = CAUSES.map(([name, column]) => ({ name, points: series.sum(column, nowUs) / explained }));
  // The codec takes its part of every call: it drives only what nothing else does.
  const others = points.filter(({ name, points: taken }) => name !== 'codec' && taken >= DRIVING_POINTS);
  const most = (others.length > 0 ? others : points).reduce((a, b) => (b.points > a.points ? b : a));
  if (most.points < DRIVING_POINTS) return null;
  const where = most.name === 'loss' ? whereLost(calls, known) : '';
  const name = most.name === 'loss' && where !== '' ? `loss ${where}` : most.name;
  return { name, text: `${name} takes ${most.points.toFixed(1)} points of R` };
}

/** Is there a cause that somebody can do something about, unlike the codec that was chosen? */
export function hasDriver(series: Series, nowUs: number): boolean {
  const explained = series.sum(EXPLAINED, nowUs);
  if (explained === 0) return false;
  return [LOSS, DISCARD, DELAY].some((column) => series.sum(column, nowUs) / explained >= DRIVING_POINTS);
}

/** Before or after the probe, if the reports of receivers say so of most calls that they speak of. */
function whereLost(calls: readonly TouchedCall[], known: KnownCalls): string {
  let before = 0;
  let after = 0;
  for (const { callId } of calls) {
    const call = known.get(callId);
    if (call?.lossBefore === true) before++;
    if (call?.lossAfter === true) after++;
  }
  if (before === after) return '';
  return before > after ? 'before the probe' : 'after the probe';
}

/** Of calls that were answered the final response says nothing: 200 is what they all have. */
function codeOf(calls: readonly TouchedCall[]): Driver | null {
  const counts = new Map<string, number>();
  for (const { code } of calls)
    if (code !== null && !code.startsWith('2')) counts.set(code, (counts.get(code) ?? 0) + 1);
  const most = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0];
  if (most === undefined) return null;
  const [code, count] = most;
  return { name: code, text: `${count} of ${calls.length} ended with ${code}` };
}
