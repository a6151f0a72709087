import type { StreamRecord } from '../../records/types.ts';
import { driftPpm } from './drift.ts';
import { isSloping } from './queueing.ts';
import { pausedBefore, type Restart } from './restarted-media.ts';
import { isBreak } from './stretch.ts';
import type { Thresholds } from './thresholds.ts';

/** Intervals before and after a step whose levels must agree among themselves. */
const BEFORE = 2;
const AFTER = 3;

/** The delay of one interval. */
export interface DelayLevel {
  startUs: number;
  /** Least delay, what the clock drifted taken out; null where it is not known. */
  leastMs: number | null;
  /** The same; null, too, where the delay moves evenly within the interval and has no level. */
  levelMs: number | null;
  /** Delay variation above the least, ms. */
  variationMs: number;
  /** What comes after does not compare with what was before. */
  isBreak: boolean;
}

const NO_LEVEL = { leastMs: null, levelMs: null, variationMs: 0 };

/** The levels of a stream's delay, interval by interval; what its sender paused and its clock drifts taken out. */
export function levelsOf(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[],
): DelayLevel[] {
  const { intervals, startUs: firstUs } = stream;
  const levels: DelayLevel[] = [];
  const drift = driftPpm(stream, restarts) ?? 0;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    const { startUs, leastDelayMs, pdvP95Ms, packets } = interval;
    const isKnown = leastDelayMs !== null && packets >= 50;
    // After a hold or a long silence a sender may take its time anew: what came before does not compare.
    const last = levels.at(-1);
    if (last !== undefined && isBreak(last, { startUs })) {
      // Two: one interval without a level may lie within a step.
      for (const k of [1, 2]) levels.push({ ...NO_LEVEL, startUs: last.startUs + k, isBreak: true });
    }
    const known = (drift * (startUs - firstUs)) / 1e9 + pausedBefore(restarts, startUs);
    const leastMs = isKnown ? leastDelayMs - known : null;
    const levelMs = isSloping(interval, limits.pathStepMs) ? null : leastMs;
    levels.push({ startUs, leastMs, levelMs, variationMs: pdvP95Ms ?? 0, isBreak: false });
  }
  return levels;
}

/** The delay is on one level for two intervals and on another for the three that follow. */
export interface DelayStep {
  /** Within one interval before this. */
  atUs: number;
  stepMs: number;
}

/** No way is so much longer than another (satellites take half a second): the sender's timestamps jumped. */
const STEP_MAX_MS = 3000;

/** Near the ends of a stream there is less to go by: one interval before, or two after, and a step so much larger. */
const NEAR_BEGINNING = 1;
const NEAR_END = 2;
const NEAR_ENDS_TIMES = 3;

/** All steps of the least delay that stayed. */
export function delaySteps(levels: readonly DelayLevel[], limits: Thresholds): DelayStep[] {
  const steps: DelayStep[] = [];
  // Most streams stay on their level: no step is larger than all of what they differ by.
  if (widthOf(levels) < limits.pathStepMs) return steps;
  for (let i = NEAR_BEGINNING; i + NEAR_END <= levels.length; i++) {
    const before = spread(levels, Math.max(0, i - BEFORE), i);
    // The interval in which it happens may belong to neither side.
    for (const skip of [0, 1]) {
      const from = i + skip;
      if (from + NEAR_END > levels.length) continue;
      const isInside = i >= BEFORE && from + AFTER <= levels.length;
      // At one of the two ends at most.
      if (!isInside && i < BEFORE && from + AFTER > levels.length) continue;
      const after = spread(levels, from, Math.min(levels.length, from + AFTER));
      if (before === null || after === null) continue;
      const times = isInside ? 1 : NEAR_ENDS_TIMES;
      const stepMs = after.middle - before.middle;
      const noise = Math.max(before.width, after.width);
      // Where jitter sets in or ends, packets that wait for each other lift the least delay as well.
      const jitterMs = Math.abs(after.variation - before.variation);
      // And under heavy jitter it is not known that well.
      const doubtMs = Math.max(jitterMs, Math.max(after.variation, before.variation) / 2);
      if (Math.abs(stepMs) <= doubtMs * times || Math.abs(stepMs) > STEP_MAX_MS) continue;
      if (Math.abs(stepMs) < limits.pathStepMs * times || Math.abs(stepMs) < 2 * noise * times) continue;
      const atUs = levels[i + skip]!.startUs;
      const known = steps.at(-1);
      if (known === undefined || atUs - known.atUs > AFTER * 5e6) steps.push({ atUs, stepMs });
      else if (Math.abs(stepMs) > Math.abs(known.stepMs)) Object.assign(known, { atUs, stepMs });
      break;
    }
  }
  return steps;
}

function widthOf(levels: readonly DelayLevel[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { levelMs } of levels) {
    if (levelMs === null) continue;
    least = Math.min(least, levelMs);
    most = Math.max(most, levelMs);
  }
  return most - least;
}

function spread(
  levels: readonly DelayLevel[],
  from: number,
  to: number,
): { middle: number; width: number; variation: number } | null {
  if (from < 0 || to > levels.length) return null;
  const values: number[] = [];
  let variation = 0;
  for (let i = from; i < to; i++) {
    const { levelMs, variationMs } = levels[i]!;
    if (levelMs === null) return null;
    values.push(levelMs);
    variation = Math.max(variation, variationMs);
  }
  values.sort((a, b) => a - b);
  return { middle: values[Math.floor(values.length / 2)]!, width: values.at(-1)! - values[0]!, variation };
}
