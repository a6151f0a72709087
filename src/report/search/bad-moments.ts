import type { ReportCall, ReportStream } from '../contract.ts';
import { microsOf } from '../iso-time.ts';
import type { RecordStore } from '../record-store.ts';
import { overlaps, type TimeSpan } from './time-window.ts';

/** Intervals of a stream in which packets were lost or discarded and the score was bad. */
export interface BadMoments {
  streamId: string;
  direction: ReportStream['direction'];
  intervals: number;
  /** Intervals looked at. */
  of: number;
  /** Below this R time is bad, on the stream's own scale. */
  badR: number;
  lowestR: number;
  lowestTime: string | null;
}

/** Bad moments of a stream within some times, or at all; null when it had none. */
export function badMoments(stream: ReportStream, times: readonly TimeSpan[] | undefined): BadMoments | null {
  const badR = stream.quality?.badR ?? null;
  if (badR === null) return null;
  const { id: streamId, direction } = stream;
  const found: BadMoments = {
    streamId,
    direction,
    intervals: 0,
    of: 0,
    badR,
    lowestR: badR,
    lowestTime: null,
  };
  for (const { startTime, durationMs, rFactor, lost, discarded } of stream.intervals) {
    const startUs = microsOf(startTime);
    if (startUs === null || rFactor === null) continue;
    if (times !== undefined && !overlaps(times, startUs, startUs + (durationMs ?? 0) * 1000)) continue;
    found.of++;
    if (rFactor >= badR || lost + discarded === 0) continue;
    found.intervals++;
    if (rFactor >= found.lowestR) continue;
    found.lowestR = rFactor;
    found.lowestTime = startTime;
  }
  return found.intervals === 0 ? null : found;
}

/** Bad moments of a call's streams; those that the capture may have made are left out. */
export function badMomentsOfCall(
  records: RecordStore,
  call: number,
  times: readonly TimeSpan[] | undefined,
): BadMoments[] {
  const streams = records.streamsOf(call).filter((stream) => records.streams.summary(stream).badTime);
  if (streams.length === 0) return [];
  const { heldBack } = JSON.parse(records.calls.text(call)) as ReportCall;
  const doubted = new Set(heldBack.map(({ streamId }) => streamId));
  return streams
    .filter((stream) => !doubted.has(records.streams.summary(stream).id))
    .map((stream) => badMomentsOfStream(records, stream, times))
    .filter((moments) => moments !== null);
}

/** Bad moments of a stream by its sequence number. */
export function badMomentsOfStream(
  records: RecordStore,
  stream: number,
  times: readonly TimeSpan[] | undefined,
): BadMoments | null {
  if (!records.streams.summary(stream).badTime) return null;
  return badMoments(JSON.parse(records.streams.text(stream)) as ReportStream, times);
}
