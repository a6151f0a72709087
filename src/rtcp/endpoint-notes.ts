import type { EndpointView } from '../records/endpoint-view.ts';
import {
  BURST_GAP_DISCARD,
  BURST_GAP_LOSS,
  DE_JITTER_BUFFER,
  DELAY,
  DISCARD_COUNT,
  DISCARD_RLE,
  DLRR,
  DUPLICATE_RLE,
  LOSS_RLE,
  MEASUREMENT_INFORMATION,
  MOS_METRICS,
  PACKET_DELAY_VARIATION,
  RECEIVER_REFERENCE_TIME,
  STATISTICS_SUMMARY,
  VOIP_METRICS,
  type XrBlock,
} from './xr.ts';
import type { StatisticsBlock } from './xr-statistics.ts';

/** The endpoint's view with its jitter still in ticks: the stream's clock rate is known elsewhere. */
export type EndpointNotes = Omit<EndpointView, 'statistics'> & { statistics: StatisticsBlock | null };

/** A view in which nothing was said. */
export function emptyNotes(): EndpointNotes {
  return {
    voipMetrics: null,
    statistics: null,
    lossRuns: null,
    duplicateRuns: null,
    discardRuns: null,
    measurement: null,
    delayVariation: null,
    delay: null,
    burstGapLoss: null,
    burstGapDiscard: null,
    jitterBuffer: null,
    discards: [],
    mos: [],
  };
}

/** Notes what one block says; the newest word on each matter stays. */
export function noteBlock(notes: EndpointNotes, block: XrBlock): void {
  switch (block.type) {
    case VOIP_METRICS:
      notes.voipMetrics = block.value;
      break;
    case STATISTICS_SUMMARY:
      notes.statistics = block.value;
      break;
    case LOSS_RLE:
      notes.lossRuns = block.value;
      break;
    case DUPLICATE_RLE:
      notes.duplicateRuns = block.value;
      break;
    case DISCARD_RLE:
      notes.discardRuns = { ...block.value, early: block.early };
      break;
    case MEASUREMENT_INFORMATION:
      notes.measurement = block.value;
      break;
    case PACKET_DELAY_VARIATION:
      notes.delayVariation = block.value;
      break;
    case DELAY:
      notes.delay = block.value;
      break;
    case BURST_GAP_LOSS:
      notes.burstGapLoss = block.value;
      break;
    case BURST_GAP_DISCARD:
      notes.burstGapDiscard = block.value;
      break;
    case DE_JITTER_BUFFER:
      notes.jitterBuffer = block.value;
      break;
    case DISCARD_COUNT:
      // One per kind: four at most.
      notes.discards = [...notes.discards.filter((other) => other.kind !== block.value.kind), block.value];
      break;
    case MOS_METRICS:
      notes.mos = block.value;
      break;
    case RECEIVER_REFERENCE_TIME:
    case DLRR:
      break;
  }
}
