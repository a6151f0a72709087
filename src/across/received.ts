import type { FindingRecord, StreamRecord } from '../records/types.ts';

/** So much of what a stream lacks must have reached its receiver, and so much of all, before the capture lost it. */
const CAPTURE_LOSS_SHARE = 0.5;
const CAPTURE_LOSS_RATIO = 0.01;
/** Fewer may come of the moment at which a report was made. */
const CAPTURE_LOSS_MIN = 20;

/** Whether the receiver's reports say that it had what the capture lacks (standards 7.1). */
export function isCaptureLoss({ rtcp }: StreamRecord): boolean {
  const { lossCompared, lossOnlyAtProbe, lossBeforeProbe } = rtcp;
  if (lossCompared === null || lossOnlyAtProbe === null) return false;
  const missing = lossOnlyAtProbe + (lossBeforeProbe ?? 0);
  return (
    lossOnlyAtProbe >= Math.max(CAPTURE_LOSS_MIN, lossCompared * CAPTURE_LOSS_RATIO) &&
    lossOnlyAtProbe > missing * CAPTURE_LOSS_SHARE
  );
}

/**
 * Whether receivers had what this finding says is missing, of a stream of which the capture lost packets itself. What is
 * missing in one piece may be a loss of another kind: most of it must be among what its receiver reports to have had,
 * even if all that is missing elsewhere were, too.
 */
export function isReceived({ code, evidence }: FindingRecord, stream: StreamRecord): boolean {
  if (code !== 'media_interrupted') return true;
  const { missingPackets } = evidence;
  if (typeof missingPackets !== 'number' || missingPackets === 0) return false;
  const elsewhere = stream.lost - missingPackets;
  return (stream.rtcp.lossOnlyAtProbe ?? 0) - elsewhere > missingPackets * CAPTURE_LOSS_SHARE;
}
