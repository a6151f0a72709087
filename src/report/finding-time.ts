import { clock, day, span } from './amounts.ts';
import type { ReportCall, ReportFinding } from './contract.ts';
import { microsOf } from './iso-time.ts';

/** What of a call says how much of it a finding is about. */
export type CallTimes = Pick<ReportCall, 'startTime' | 'answerTime' | 'endTime' | 'durationMs'>;

/** What of a finding says when it was. */
export type FindingTimes = Pick<ReportFinding, 'startTime' | 'endTime'>;

/** A finding that leaves out no more of a call at either end is about all of it: media begins and ends a little off. */
const LEFT_OUT_MAX_SHARE = 0.1;
const LEFT_OUT_MAX_US = 5e6;
/** What is shorter is a moment. */
const MOMENT_US = 1000;

/**
 * When a finding of a call was: `09:00:08.201` for a moment, `09:00:08.201 for 14.1 s`, `from 09:00:19.201` to the end
 * of the call; UTC, with the day where the call began on another. Null for what is about the call as a whole.
 */
export function findingTime(
  { startTime, endTime }: FindingTimes,
  call: CallTimes,
  clockOf: (iso: string) => string = clock,
): string | null {
  const startUs = microsOf(startTime);
  if (startTime === null || startUs === null) return null;
  const endUs = microsOf(endTime) ?? Number.POSITIVE_INFINITY;
  const dayOf = day(startTime) === day(call.startTime) ? '' : `${day(startTime)} `;
  const at = `${dayOf}${clockOf(startTime)}`;
  if (endUs - startUs < MOMENT_US) return startTime === call.startTime ? null : at;
  const { fromUs, untilUs } = boundsOf(call);
  const leftOutUs = Math.min(LEFT_OUT_MAX_US, (untilUs - fromUs) * LEFT_OUT_MAX_SHARE);
  const toEnd = startUs < untilUs && endUs >= untilUs - leftOutUs;
  if (toEnd && startUs <= fromUs + leftOutUs) return null;
  if (toEnd || endUs === Number.POSITIVE_INFINITY) return `from ${at}`;
  return `${at} for ${span((endUs - startUs) / 1000)}`;
}

/** The talk, or the attempt where nobody answered. A call that the capture saw only a part of has no bounds to compare with. */
function boundsOf({ startTime, answerTime, endTime, durationMs }: CallTimes): {
  fromUs: number;
  untilUs: number;
} {
  if (durationMs === null || endTime === null)
    return { fromUs: Number.NEGATIVE_INFINITY, untilUs: Number.POSITIVE_INFINITY };
  return {
    fromUs: microsOf(answerTime ?? startTime) ?? Number.NEGATIVE_INFINITY,
    untilUs: microsOf(endTime) ?? Number.POSITIVE_INFINITY,
  };
}
