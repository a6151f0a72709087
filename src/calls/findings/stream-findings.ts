import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { DEFAULT_MARKING, type MarkingPolicy } from '../marking.ts';
import { isAudio } from './call-facts.ts';
import { driftFinding } from './drift.ts';
import { discardFinding, jitterFinding, reorderingFinding } from './jitter.ts';
import { lossFinding } from './loss.ts';
import { unmarkedFinding } from './marking.ts';
import { deadAirFinding, interruptedFinding, pausedFinding } from './media-gaps.ts';
import { clockRateFinding } from './negotiation.ts';
import { lossPlaceFindings, pathFinding, remarkedFinding } from './path.ts';
import { periodicFinding } from './periodic.ts';
import { queueingFinding } from './queueing.ts';
import type { Span } from './talk-time.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './thresholds.ts';

/** What else is known when a stream is judged. */
export interface StreamCircumstances {
  /** When its call was on hold; null for a stream whose call is not known, which may have been at any time. */
  held: readonly Span[] | null;
  /** All streams of its call. */
  streams: readonly StreamRecord[];
  /** How packets are to be marked. */
  marking?: MarkingPolicy;
}

const ALONE: StreamCircumstances = { held: null, streams: [] };

/** What is wrong with one stream by itself, with the measurements that say so. */
export function streamFindings(
  stream: StreamRecord,
  limits: Thresholds = DEFAULT_THRESHOLDS,
  { held, streams, marking = DEFAULT_MARKING }: StreamCircumstances = ALONE,
): FindingRecord[] {
  if (stream.expected < limits.expectedMin) return [];
  const found: (FindingRecord | null)[] = [
    lossFinding(stream, limits),
    ...lossPlaceFindings(stream, limits),
    reorderingFinding(stream, limits),
    interruptedFinding(stream, limits, held ?? []),
    held === null ? null : pausedFinding(stream, limits, held),
    pathFinding(stream, limits),
    remarkedFinding(stream, limits),
  ];
  if (isAudio(stream)) {
    found.push(unmarkedFinding(stream, streams, marking), clockRateFinding(stream));
    if (held !== null) found.push(deadAirFinding(stream, limits, held));
    // By a clock that is not the sender's, its timing cannot be judged.
    if (stream.clockRateMeasured === null) found.push(...timingFindings(stream, limits));
  }
  return found.filter((finding) => finding !== null);
}

function timingFindings(stream: StreamRecord, limits: Thresholds): (FindingRecord | null)[] {
  return [
    jitterFinding(stream, limits),
    discardFinding(stream, limits),
    queueingFinding(stream, limits),
    driftFinding(stream, limits),
    periodicFinding(stream, limits),
  ];
}
