import type { StreamRecord } from '../../records/types.ts';
import { type DelayLevel, type DelayStep, delaySteps, levelsOf } from './delay-levels.ts';
import { lasting } from './path-marks.ts';
import type { Restart } from './restarted-media.ts';
import { type StandingQueue, standingQueues } from './standing-queue.ts';
import type { Thresholds } from './thresholds.ts';

/** What the delay of a stream did from interval to interval, and why: several findings go by it. */
export interface DelayPicture {
  levels: readonly DelayLevel[];
  /** Steps that stayed: other paths. */
  steps: readonly DelayStep[];
  /** Higher levels that were queues. */
  queues: readonly StandingQueue[];
  /** When the path changed, us, as far as steps and TTL tell. */
  pathsUs: readonly number[];
}

/** A step is known to an interval or two. */
const NEAR_US = 10_000_000;

/** @param restarts where the sender paused, and went on where its timestamps were */
export function delayPicture(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): DelayPicture {
  const levels = levelsOf(stream, limits, restarts);
  const all = delaySteps(levels, limits);
  const hops = lasting(stream, ({ ttl }) => ttl, limits.settledMs).slice(1);
  const queues = hops.length > 0 ? [] : standingQueues(stream, levels, all, limits);
  const steps = all.filter(
    ({ atUs }) => !queues.some(({ startUs, endUs }) => atUs >= startUs - NEAR_US && atUs <= endUs + NEAR_US),
  );
  const pathsUs = [...steps.map(({ atUs }) => atUs), ...hops.map(({ atMs }) => stream.startUs + atMs * 1000)];
  return { levels, steps, queues, pathsUs: pathsUs.sort((a, b) => a - b) };
}
