import type { StreamRecord } from '../../records/types.ts';
import type { DelayLevel, DelayStep } from './delay-levels.ts';
import type { Thresholds } from './thresholds.ts';

/** A time in which the delay stood on a higher level, lost packets there, and came back. */
export interface StandingQueue {
  /** From the first interval on that level to the end of the last. */
  startUs: number;
  endUs: number;
  riseMs: number;
  /** Packets lost and expected then. */
  lost: number;
  expected: number;
}

/** Of the rise, so much may be left over of it where the delay is taken to be back. */
const BACK_SHARE = 0.25;
/** The stream loses so many times as much there as elsewhere. */
const LOSS_TIMES = 4;
/** Losses lie in so many of the intervals: a path that changes loses where it changes. */
const LOSSY_SHARE = 0.5;
/** Intervals before a rise of which the least is where it rose from. */
const BEFORE = 3;
/** A shorter way lets packets overtake those before, all that were under way but the first; so many of them tell. */
const OVERTAKING_SHARE = 0.5;

/**
 * Levels of the delay that a full queue explains: what stands in it delays all that follows, what finds no room is lost,
 * and when it has drained the delay is what it was. Another path has its own delay, but no reason to lose more for as
 * long, and packets on a shorter one overtake; a queue keeps their order.
 */
export function standingQueues(
  stream: StreamRecord,
  levels: readonly DelayLevel[],
  steps: readonly DelayStep[],
  limits: Thresholds,
): StandingQueue[] {
  const plateaus: Plateau[] = [];
  for (const step of steps) {
    const plateau = plateauAt(levels, step);
    if (plateau !== null && plateau.roseUs !== plateaus.at(-1)?.roseUs) plateaus.push(plateau);
  }
  const queues = plateaus.flatMap((plateau) => queueOn(stream, plateau, plateaus, limits) ?? []);
  return overtook(stream, queues) ? [] : queues;
}

/** A higher level between two intervals, in which the delay rose and fell. */
interface Plateau {
  roseUs: number;
  startUs: number;
  fellUs: number;
  riseMs: number;
}

function plateauAt(levels: readonly DelayLevel[], { atUs, stepMs }: DelayStep): Plateau | null {
  const at = levels.findIndex(({ startUs }) => startUs === atUs);
  const riseMs = Math.abs(stepMs);
  const low = stepMs > 0 ? leastOf(levels.slice(Math.max(0, at - BEFORE), at)) : levels[at]?.levelMs;
  if (low == null) return null;
  const isHigh = (i: number): boolean => (levels[i]!.leastMs ?? Infinity) > low + riseMs * BACK_SHARE;
  let [from, to] = stepMs > 0 ? [at, at] : [at - 1, at - 1];
  while (from >= 0 && isHigh(from)) from--;
  while (to < levels.length && isHigh(to)) to++;
  if (from < 0 || to >= levels.length || to - from < 2) return null;
  if (levels.slice(from, to).some(({ isBreak }) => isBreak)) return null;
  return {
    roseUs: levels[from]!.startUs,
    startUs: levels[from + 1]!.startUs,
    fellUs: levels[to]!.startUs,
    riseMs,
  };
}

/** The losses on a plateau; null where they are not many, or no more than beside all of them. */
function queueOn(
  { intervals }: StreamRecord,
  plateau: Plateau,
  plateaus: readonly Plateau[],
  { lossWarningRatio }: Thresholds,
): StandingQueue | null {
  const on = { lost: 0, expected: 0, lossy: 0, intervals: 0 };
  const off = { lost: 0, expected: 0 };
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, lost, expected } = intervals.look(i);
    if (startUs > plateau.roseUs && startUs < plateau.fellUs) {
      on.lost += lost;
      on.expected += expected;
      on.intervals++;
      if (lost > 0) on.lossy++;
      continue;
    }
    // What is lost while the delay rises or falls may lie on either side.
    if (plateaus.some(({ roseUs, fellUs }) => startUs >= roseUs && startUs <= fellUs)) continue;
    off.lost += lost;
    off.expected += expected;
  }
  const ratio = on.expected === 0 ? 0 : on.lost / on.expected;
  const elsewhere = off.expected === 0 ? 0 : off.lost / off.expected;
  if (ratio < lossWarningRatio || ratio < elsewhere * LOSS_TIMES) return null;
  if (on.lossy < on.intervals * LOSSY_SHARE) return null;
  const { startUs, fellUs: endUs, riseMs } = plateau;
  return { startUs, endUs, riseMs, lost: on.lost, expected: on.expected };
}

function overtook({ reordered, ptimeMs }: StreamRecord, queues: readonly StandingQueue[]): boolean {
  if (ptimeMs === null || ptimeMs <= 0) return reordered > 0;
  const due = queues.reduce((sum, { riseMs }) => sum + Math.max(0, riseMs / ptimeMs - 1), 0);
  return due > 0 && reordered >= due * OVERTAKING_SHARE;
}

function leastOf(levels: readonly DelayLevel[]): number | null {
  let least: number | null = null;
  for (const { leastMs } of levels) if (leastMs !== null) least = Math.min(least ?? leastMs, leastMs);
  return least;
}
