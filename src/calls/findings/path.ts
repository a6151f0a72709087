import type { PathMark } from '../../records/stream-history.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { driftPpm } from './drift.ts';
import { aboutStream } from './finding.ts';
import { isSloping } from './queueing.ts';
import { pausedBefore, type Restart } from './restarted-media.ts';
import { isBreak } from './stretch.ts';
import type { Thresholds } from './thresholds.ts';

/** Other way from some moment on: by TTL, else by a step of the least delay that no restart explains. */
export function pathFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  // Every packet seen twice, before and behind a router: two distances, one path.
  if (stream.duplicates * 2 >= stream.packets) return null;
  const levels = levelsOf(stream, limits, restarts);
  return hopsFinding(stream, limits, levels) ?? stepFinding(stream, limits, levels);
}

/** Values of one kind that lasted, one after the other; what lasted too short is left out. */
function lasting<T>(
  stream: StreamRecord,
  of: (mark: PathMark) => T | null,
  settledMs: number,
): { value: T; atMs: number }[] {
  const { path } = stream.history;
  const kept: { value: T; atMs: number }[] = [];
  for (let i = 0; i < path.length; i++) {
    const value = of(path[i]!);
    if (value === null) continue;
    let endMs = stream.durationMs;
    for (let j = i + 1; j < path.length; j++) {
      if (of(path[j]!) === value) continue;
      endMs = path[j]!.atMs;
      break;
    }
    if (kept.at(-1)?.value === value || endMs - path[i]!.atMs < settledMs) continue;
    kept.push({ value, atMs: path[i]!.atMs });
  }
  return kept;
}

function hopsFinding(
  stream: StreamRecord,
  limits: Thresholds,
  levels: readonly Level[],
): FindingRecord | null {
  const values = lasting(stream, ({ ttl }) => ttl, limits.settledMs);
  const before = values[0];
  const after = values[1];
  if (before === undefined || after === undefined) return null;
  const stepMs = stepAround(levels, stream.startUs + after.atMs * 1000);
  const delay = stepMs === null ? '' : `, the least delay ${stepText(stepMs)}`;
  return aboutStream(stream, {
    code: 'path_change',
    severity: Math.abs(stepMs ?? 0) >= limits.pathStepWarningMs ? 'warning' : 'info',
    text:
      `the packets came another way: TTL ${before.value} until then, ${after.value} from then on${delay}` +
      `${values.length > 2 ? `; ${values.length - 1} changes in all` : ''}`,
    evidence: { fromTtl: before.value, toTtl: after.value, stepMs, changes: values.length - 1 },
    startUs: stream.startUs + after.atMs * 1000,
  });
}

function stepText(stepMs: number): string {
  if (Math.abs(stepMs) < 0.5) return 'stayed as it was';
  return `${stepMs > 0 ? 'rose' : 'fell'} by ${Math.abs(stepMs).toFixed(0)} ms`;
}

/** Intervals before and after a step whose levels must agree among themselves. */
const BEFORE = 2;
const AFTER = 3;

/** Step of the least delay at a time, where the intervals around it show one. */
function stepAround(levels: readonly Level[], timeUs: number): number | null {
  const at = levels.findIndex(({ startUs }) => startUs > timeUs);
  const before = levels[(at < 0 ? levels.length : at) - 2];
  const after = at < 0 ? undefined : levels[at];
  if (before?.levelMs == null || after?.levelMs == null) return null;
  return after.levelMs - before.levelMs;
}

interface Level {
  startUs: number;
  /** Least delay, what the clock drifted taken out; null where it compares with nothing. */
  levelMs: number | null;
  /** Delay variation around it, ms. */
  variationMs: number;
}

function levelsOf(stream: StreamRecord, limits: Thresholds, restarts: readonly Restart[]): Level[] {
  const { intervals, startUs: firstUs } = stream;
  const levels: Level[] = [];
  const drift = driftPpm(stream, restarts) ?? 0;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    const { startUs, leastDelayMs, pdvP95Ms, packets } = interval;
    const usable = leastDelayMs !== null && packets >= 50 && !isSloping(interval, limits.pathStepMs);
    // After a hold or a long silence a sender may take its time anew: what came before does not compare.
    const last = levels.at(-1);
    if (last !== undefined && isBreak(last, { startUs })) {
      // Two: one interval without a level may lie within a step.
      for (const k of [1, 2]) levels.push({ startUs: last.startUs + k, levelMs: null, variationMs: 0 });
    }
    const known = (drift * (startUs - firstUs)) / 1e9 + pausedBefore(restarts, startUs);
    const levelMs = usable ? leastDelayMs - known : null;
    levels.push({ startUs, levelMs, variationMs: pdvP95Ms ?? 0 });
  }
  return levels;
}

/** The delay is on one level for two intervals and on another for the three that follow. */
interface DelayStep {
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
function delaySteps(levels: readonly Level[], limits: Thresholds): DelayStep[] {
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

function widthOf(levels: readonly Level[]): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { levelMs } of levels) {
    if (levelMs === null) continue;
    least = Math.min(least, levelMs);
    most = Math.max(most, levelMs);
  }
  return most - least;
}

function spread(
  levels: readonly Level[],
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

function stepFinding(
  stream: StreamRecord,
  limits: Thresholds,
  levels: readonly Level[],
): FindingRecord | null {
  const steps = delaySteps(levels, limits);
  const first = steps[0];
  if (first === undefined) return null;
  return aboutStream(stream, {
    code: 'path_change',
    severity: steps.some(({ stepMs }) => Math.abs(stepMs) >= limits.pathStepWarningMs) ? 'warning' : 'info',
    text:
      `the least delay ${stepText(first.stepMs)} and stayed there: the packets came another way` +
      `${steps.length > 1 ? `; ${steps.length} steps in all` : ''}`,
    evidence: { fromTtl: null, toTtl: null, stepMs: first.stepMs, changes: steps.length },
    startUs: first.atUs,
  });
}

/** A marking that changed and stayed so. */
export function remarkedFinding(stream: StreamRecord, limits: Thresholds): FindingRecord | null {
  const values = lasting(stream, ({ dscp }) => dscp, limits.settledMs);
  const before = values[0];
  const after = values[1];
  if (before === undefined || after === undefined) return null;
  return aboutStream(stream, {
    code: 'dscp_changed',
    severity: 'info',
    text:
      `the marking changed from DSCP ${before.value} to ${after.value}` +
      `${values.length > 2 ? `, ${values.length - 1} changes in all` : ''}`,
    evidence: { from: before.value, to: after.value, changes: values.length - 1 },
    startUs: stream.startUs + after.atMs * 1000,
  });
}
