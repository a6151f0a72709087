import { findingEntry } from '../records/finding-codes.ts';
import type { CallRecord, FindingRecord, StreamRecord, Verdict } from '../records/types.ts';
import { R_BAD, R_FACTOR_OF_SCALE, SUFFERED_POINTS, type Thresholds } from './findings/thresholds.ts';

/**
 * Signalling and media judged apart, one word for both. "unknown" is said where nothing was seen that could be
 * judged: a call that is still being set up, an answered call of which no media was measured, or media one way of a call
 * whose INVITE was not seen.
 */
export function judge(
  record: CallRecord,
  streams: readonly StreamRecord[],
  findings: readonly FindingRecord[],
  limits: Pick<Thresholds, 'expectedMin'>,
): Verdict {
  const serious = findings.filter((finding) => finding.severity !== 'info');
  const signalling = serious.some(({ code }) => findingEntry(code)?.about === 'signalling');
  // What the capture itself may have done to a stream is not held against the call.
  const doubted = new Set(record.heldBack.map(({ streamId }) => streamId));
  const judged = streams.filter(({ id }) => !doubted.has(id));
  const media =
    serious.some(({ code }) => findingEntry(code)?.about !== 'signalling') ||
    judged.some((stream) => isBad(stream, limits));
  if (signalling) return media ? 'both' : 'signalling';
  if (media) return 'media';
  if (record.state === 'failed' || record.state === 'canceled') return 'healthy';
  if (record.heldBack.length > 0 || findings.some(({ code }) => code === 'capture_one_sided'))
    return 'unknown';
  if (record.t38 !== null) return 'healthy';
  const heard = streams.filter((stream) => stream.expected >= limits.expectedMin);
  // Whether the other direction was to be heard stood in the INVITE.
  const isHalfKnown =
    record.signalling.tries === 0 && new Set(heard.map(({ direction }) => direction)).size === 1;
  return heard.length > 0 && !isHalfKnown ? 'healthy' : 'unknown';
}

/** A low score by what happened on the way. What the codec takes alone was chosen, not suffered. */
function isBad(stream: StreamRecord, { expectedMin }: Pick<Thresholds, 'expectedMin'>): boolean {
  const { quality } = stream;
  if (quality === null || stream.expected < expectedMin) return false;
  // The wider scales put the same MOS at a higher R (G.107.1, G.107.2).
  const factor = R_FACTOR_OF_SCALE[quality.scale];
  const suffered = quality.impairments.loss + quality.impairments.discard;
  return quality.rFactorLq < R_BAD * factor && suffered >= SUFFERED_POINTS * factor;
}
