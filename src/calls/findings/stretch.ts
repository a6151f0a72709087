import type { ScoredInterval } from '../../records/interval-log.ts';
import type { StreamRecord } from '../../records/types.ts';

/** Intervals that follow each other begin nearer than this: one and a half of their usual length. */
const BREAK_US = 7_500_000;

/** Whether a time without any interval lies between two of them: a hold, or a long silence. */
export function isBreak(before: { startUs: number }, after: { startUs: number }): boolean {
  return after.startUs - before.startUs > BREAK_US;
}

/** The part of a stream from its first bad interval to its last. */
export interface Stretch {
  startUs: number;
  endUs: number;
  /** How many intervals were bad, and how long they were together. */
  intervals: number;
  badMs: number;
  /** Longest time on end that was bad. */
  longestMs: number;
}

/** Where a stream was bad by some measure of its intervals; null where it never was. */
export function badStretch(
  { intervals }: StreamRecord,
  isBad: (interval: ScoredInterval) => boolean,
): Stretch | null {
  let stretch: Stretch | null = null;
  let onEndMs = 0;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    if (!isBad(interval)) {
      onEndMs = 0;
      continue;
    }
    const { startUs, durationMs } = interval;
    stretch ??= { startUs, endUs: startUs, intervals: 0, badMs: 0, longestMs: 0 };
    onEndMs += durationMs;
    stretch.endUs = startUs + durationMs * 1000;
    stretch.intervals++;
    stretch.badMs += durationMs;
    stretch.longestMs = Math.max(stretch.longestMs, onEndMs);
  }
  return stretch;
}
