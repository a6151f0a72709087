import type { TimeSpan } from '../report/search/time-window.ts';

const HOUR_US = 3600e6;

/** A moment at which something changed, and the times before and after it that are compared. */
export interface AroundChange {
  /** What was asked for: a minute, or as long as the change took. What ran then is on neither side. */
  change: TimeSpan;
  before: TimeSpan;
  after: TimeSpan;
  hours: number;
  /** The time before is the same hours so many days earlier; null for the hours just before. */
  daysBack: number | null;
}

/** The hours before and after a change. */
export function aroundChange(change: TimeSpan, hours: number, daysBack: number | null): AroundChange {
  const lengthUs = hours * HOUR_US;
  const after = { fromUs: change.toUs, toUs: change.toUs + lengthUs };
  const backUs = (daysBack ?? 0) * 24 * HOUR_US;
  const before =
    daysBack === null
      ? { fromUs: change.fromUs - lengthUs, toUs: change.fromUs }
      : { fromUs: after.fromUs - backUs, toUs: after.toUs - backUs };
  return { change, before, after, hours, daysBack };
}

/** Where a call is that ran from one moment to another. */
export type PlaceInTime = 'before' | 'after' | 'across' | 'overEdge' | 'elsewhere';

/**
 * A call is on a side with all of its time: one that ran across the change had both, and the edges of both sides cut long
 * calls off alike.
 */
export function placeInTime({ change, before, after }: AroundChange, ran: TimeSpan): PlaceInTime {
  if (ran.fromUs < change.toUs && ran.toUs > change.fromUs) return 'across';
  if (ran.fromUs >= before.fromUs && ran.toUs <= before.toUs) return 'before';
  if (ran.fromUs >= after.fromUs && ran.toUs <= after.toUs) return 'after';
  const touches = [before, after].some((side) => ran.fromUs < side.toUs && ran.toUs > side.fromUs);
  return touches ? 'overEdge' : 'elsewhere';
}
