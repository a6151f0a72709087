import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { DEFAULT_MARKING, type MarkingPolicy } from '../marking.ts';
import { isAudio } from './call-facts.ts';
import { type DelayPicture, delayPicture } from './delay-picture.ts';
import { discardFinding } from './discard.ts';
import { driftFinding } from './drift.ts';
import { jitterFinding, reorderingFinding } from './jitter.ts';
import { lossFinding } from './loss.ts';
import { lossPlaceFindings } from './loss-place.ts';
import { unmarkedFinding } from './marking.ts';
import { deadAirFinding, interruptedFinding, pausedFinding } from './media-gaps.ts';
import { clockRateFinding } from './negotiation.ts';
import { pathFinding, remarkedFinding } from './path.ts';
import { periodicFinding } from './periodic.ts';
import { queueingFinding } from './queueing.ts';
import { type Restart, restartsOf } from './restarted-media.ts';
import type { Span } from './talk-time.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.ts';

/** What else is known when a stream is judged. */
export interface StreamCircumstances {
  /** When its call was on hold; null for a stream whose call is not known, which may have been at any time. */
  held: readonly Span[] | null;
  /** All streams of its call. */
  streams: readonly StreamRecord[];
  /** When its call was answered, and when later descriptions came into force, us. */
  changesUs: readonly number[];
  /** How packets are to be marked. */
  marking?: MarkingPolicy;
}

const ALONE: StreamCircumstances = { held: null, streams: [], changesUs: [] };

/** What is wrong with one stream by itself, with the measurements that say so. */
export function streamFindings(
  stream: StreamRecord,
  limits: Thresholds = DEFAULT_THRESHOLDS,
  { held, streams, changesUs, marking = DEFAULT_MARKING }: StreamCircumstances = ALONE,
): FindingRecord[] {
  if (stream.expected < limits.expectedMin) return [];
  const restarts = restartsOf(stream, changesUs);
  const delay = delayPicture(stream, limits, restarts);
  const found: (FindingRecord | null)[] = [
    lossFinding(stream, limits, delay),
    ...lossPlaceFindings(stream, limits),
    reorderingFinding(stream, limits),
    interruptedFinding(stream, limits, held ?? [], streams),
    held === null ? null : pausedFinding(stream, limits, held, streams),
    pathFinding(stream, limits, delay),
    remarkedFinding(stream, limits),
  ];
  if (isAudio(stream)) {
    found.push(unmarkedFinding(stream, streams, marking), clockRateFinding(stream));
    if (held !== null) found.push(deadAirFinding(stream, limits, held));
    // By a clock that is not the sender's, its timing cannot be judged.
    if (stream.clockRateMeasured === null) found.push(...timingFindings(stream, limits, restarts, delay));
  }
  return found.filter((finding) => finding !== null);
}

function timingFindings(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[],
  delay: DelayPicture,
): (FindingRecord | null)[] {
  return [
    jitterFinding(stream, limits, restarts),
    discardFinding(stream, limits, restarts),
    queueingFinding(stream, limits, delay.queues),
    driftFinding(stream, limits, restarts),
    periodicFinding(stream, limits),
  ];
}
