import { type Handover as HandoverOf, handoversOf } from '../records/handovers.ts';
import type { ReportStream } from './contract.ts';
import { microsOf } from './iso-time.ts';

export { isSameDestination, isSameSource } from '../records/handovers.ts';

export type Handover = HandoverOf<ReportStream>;

/** The handovers between the audio streams of a call as a report has them, by time. */
export function handovers(streams: readonly ReportStream[]): Handover[] {
  const timed = streams.filter(isSound).map((stream) => {
    const { ssrc, direction, src, dst } = stream;
    const startUs = microsOf(stream.startTime) ?? 0;
    return { stream, ssrc, direction, src, dst, startUs, endUs: microsOf(stream.endTime) ?? startUs };
  });
  return handoversOf(timed).map((handover) => ({
    ...handover,
    before: handover.before.stream,
    after: handover.after.stream,
  }));
}

/** Audio that is more than keys. */
function isSound({ quality, noScore, media, packets }: ReportStream): boolean {
  return (quality !== null || noScore !== null) && media.eventPackets < packets;
}
