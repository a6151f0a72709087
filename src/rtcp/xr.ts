import type {
  BurstGapDiscard,
  BurstGapLoss,
  DelayReport,
  DelayVariationReport,
  DiscardCount,
  JitterBufferReport,
  MeasurementSpan,
  ReportedMos,
  RunLengthCounts,
  VoipMetrics,
} from '../records/endpoint-view.ts';
import { readBurstGapDiscard, readBurstGapLoss, readDiscardCount } from './xr-burst.ts';
import { readDelay, readDelayVariation, readJitterBuffer, readMeasurementSpan } from './xr-delay.ts';
import { readMos } from './xr-mos.ts';
import {
  type ReferenceEcho,
  type ReferenceTime,
  readReferenceEchoes,
  readReferenceTime,
} from './xr-reference-time.ts';
import { countRuns, RLE_HEAD } from './xr-rle.ts';
import { readStatistics, type StatisticsBlock } from './xr-statistics.ts';
import { readVoipMetrics } from './xr-voip-metrics.ts';

/** Block types (IANA "RTCP XR Block Type") that are decoded here. */
export const LOSS_RLE = 1;
export const DUPLICATE_RLE = 2;
export const RECEIVER_REFERENCE_TIME = 4;
export const DLRR = 5;
export const STATISTICS_SUMMARY = 6;
export const VOIP_METRICS = 7;
export const MEASUREMENT_INFORMATION = 14;
export const PACKET_DELAY_VARIATION = 15;
export const DELAY = 16;
export const BURST_GAP_LOSS = 20;
export const BURST_GAP_DISCARD = 21;
export const DE_JITTER_BUFFER = 23;
export const DISCARD_COUNT = 24;
export const DISCARD_RLE = 25;
export const MOS_METRICS = 29;

/** One decoded block; `ssrc` is the stream it is about. */
export type XrBlock =
  | { type: typeof LOSS_RLE | typeof DUPLICATE_RLE; ssrc: number; value: RunLengthCounts }
  | { type: typeof DISCARD_RLE; ssrc: number; value: RunLengthCounts; early: boolean }
  | { type: typeof RECEIVER_REFERENCE_TIME; value: ReferenceTime }
  | { type: typeof DLRR; value: ReferenceEcho[] }
  | { type: typeof STATISTICS_SUMMARY; ssrc: number; value: StatisticsBlock }
  | { type: typeof VOIP_METRICS; ssrc: number; value: VoipMetrics }
  | { type: typeof MEASUREMENT_INFORMATION; ssrc: number; value: MeasurementSpan }
  | { type: typeof PACKET_DELAY_VARIATION; ssrc: number; value: DelayVariationReport }
  | { type: typeof DELAY; ssrc: number; value: DelayReport }
  | { type: typeof BURST_GAP_LOSS; ssrc: number; value: BurstGapLoss }
  | { type: typeof BURST_GAP_DISCARD; ssrc: number; value: BurstGapDiscard }
  | { type: typeof DE_JITTER_BUFFER; ssrc: number; value: JitterBufferReport }
  | { type: typeof DISCARD_COUNT; ssrc: number; value: DiscardCount }
  | { type: typeof MOS_METRICS; ssrc: number; value: ReportedMos[] };

/** One extended report packet. */
export interface ExtendedReport {
  /** Who reports. */
  ssrc: number;
  blocks: XrBlock[];
  /** Blocks of types not decoded here, or beyond those kept. */
  skipped: number;
  /** Blocks too short for their type, or reaching beyond the packet, which ends the walk. */
  malformed: number;
}

/** Blocks kept of one packet. A conference bridge sends a few per member. */
const BLOCKS_MAX = 128;

/** Octets of the blocks of fixed length; of the others, the least that makes sense. */
const LEAST_OCTETS: Readonly<Record<number, number>> = {
  [LOSS_RLE]: RLE_HEAD,
  [DUPLICATE_RLE]: RLE_HEAD,
  [RECEIVER_REFERENCE_TIME]: 12,
  [DLRR]: 4,
  [STATISTICS_SUMMARY]: 40,
  [VOIP_METRICS]: 36,
  [MEASUREMENT_INFORMATION]: 32,
  [PACKET_DELAY_VARIATION]: 20,
  [DELAY]: 28,
  [BURST_GAP_LOSS]: 24,
  [BURST_GAP_DISCARD]: 16,
  [DE_JITTER_BUFFER]: 16,
  [DISCARD_COUNT]: 12,
  [DISCARD_RLE]: RLE_HEAD,
  [MOS_METRICS]: 8,
};

/**
 * Walks an extended report (RFC 3611 section 2) block by block, each `4 * (length + 1)` octets long. Types not known
 * here are skipped and counted; a block that reaches beyond the packet ends the walk.
 *
 * @param offset of the RTCP packet; @param end of it, without padding
 */
export function parseExtendedReport(data: DataView, offset: number, end: number): ExtendedReport {
  const report: ExtendedReport = { ssrc: data.getUint32(offset + 4), blocks: [], skipped: 0, malformed: 0 };
  let at = offset + 8;
  while (at + 4 <= end) {
    const next = at + 4 * (data.getUint16(at + 2) + 1);
    if (next > end) {
      report.malformed++;
      break;
    }
    const least = LEAST_OCTETS[data.getUint8(at)];
    if (least === undefined || report.blocks.length >= BLOCKS_MAX) report.skipped++;
    else if (next - at < least) report.malformed++;
    else report.blocks.push(readBlock(data, at, next));
    at = next;
  }
  return report;
}

/** Reads one block of a known type that is long enough for it. */
function readBlock(data: DataView, at: number, end: number): XrBlock {
  const type = data.getUint8(at);
  if (type === RECEIVER_REFERENCE_TIME) return { type, value: readReferenceTime(data, at) };
  if (type === DLRR) return { type, value: readReferenceEchoes(data, at, end) };
  const ssrc = data.getUint32(at + 4);
  switch (type) {
    case LOSS_RLE:
    case DUPLICATE_RLE:
      return { type, ssrc, value: countRuns(data, at, end) };
    case DISCARD_RLE:
      return { type, ssrc, value: countRuns(data, at, end), early: (data.getUint8(at + 1) & 0x10) !== 0 };
    case STATISTICS_SUMMARY:
      return { type, ssrc, value: readStatistics(data, at) };
    case VOIP_METRICS:
      return { type, ssrc, value: readVoipMetrics(data, at) };
    case MEASUREMENT_INFORMATION:
      return { type, ssrc, value: readMeasurementSpan(data, at) };
    case PACKET_DELAY_VARIATION:
      return { type, ssrc, value: readDelayVariation(data, at) };
    case DELAY:
      return { type, ssrc, value: readDelay(data, at) };
    case BURST_GAP_LOSS:
      return { type, ssrc, value: readBurstGapLoss(data, at) };
    case BURST_GAP_DISCARD:
      return { type, ssrc, value: readBurstGapDiscard(data, at) };
    case DE_JITTER_BUFFER:
      return { type, ssrc, value: readJitterBuffer(data, at) };
    case DISCARD_COUNT:
      return { type, ssrc, value: readDiscardCount(data, at) };
    default:
      return { type: MOS_METRICS, ssrc, value: readMos(data, at, end) };
  }
}
