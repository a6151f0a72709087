import type { WantedCall, WantedImage, WantedStream } from '../evidence/contract.ts';
import type { ReportCall, ReportStream } from '../report/contract.ts';
import { microsOf } from '../report/iso-time.ts';
import type { RecordStore } from '../report/record-store.ts';
import type { ReportT38 } from '../report/reported-media.ts';

/**
 * Calls of a report as evidence is looked for: with all their streams and T.38. The texts are read as they are, not as
 * they are shown: a Call-ID must be found octet by octet.
 */
export function wantedCalls(records: RecordStore, calls: Iterable<number>): WantedCall[] {
  return Array.from(calls, (sequence) => {
    const call = JSON.parse(records.calls.text(sequence)) as ReportCall;
    return {
      callId: call.callId,
      startUs: microsOf(call.startTime) ?? 0,
      streams: records.streamsOf(sequence).map((stream) => wantedStream(records, stream)),
      images: [call.t38?.callerToCallee ?? null, call.t38?.calleeToCaller ?? null].flatMap(wantedImage),
    };
  });
}

/** Streams that no call claims, each as a call of its own. */
export function wantedLoose(records: RecordStore, streams: Iterable<number>): WantedCall[] {
  return Array.from(streams, (sequence) => {
    const stream = wantedStream(records, sequence);
    return { callId: null, startUs: stream.startUs, streams: [stream], images: [] };
  });
}

function wantedStream(records: RecordStore, sequence: number): WantedStream {
  const { id, src, dst, ssrc, startTime, endTime, encapsulation } = JSON.parse(
    records.streams.text(sequence),
  ) as ReportStream;
  const startUs = microsOf(startTime) ?? 0;
  const inHep = encapsulation.includes('hep');
  return { id, src, dst, ssrc: Number(ssrc), inHep, startUs, endUs: microsOf(endTime) ?? startUs };
}

function wantedImage(image: ReportT38 | null): WantedImage[] {
  if (image === null) return [];
  const startUs = microsOf(image.startTime) ?? 0;
  return [{ src: image.src, dst: image.dst, startUs, endUs: microsOf(image.endTime) ?? startUs }];
}
