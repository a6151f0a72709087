/**
 * What an endpoint says about a stream it receives, in RTCP extended reports. It is the endpoint's word, kept apart
 * from everything measured here. `null`: the endpoint said that it does not know, or what it said cannot be.
 */

/** Over which span a value was taken (RFC 6776): once, since the last report, or since the beginning. */
export type XrSpan = 'sampled' | 'interval' | 'cumulative' | null;

/** VoIP metrics (RFC 3611 4.7), over the whole reception so far. */
export interface VoipMetrics {
  lossRatio: number;
  discardRatio: number;
  burstDensity: number;
  gapDensity: number;
  burstDurationMs: number;
  gapDurationMs: number;
  roundTripMs: number;
  endSystemDelayMs: number;
  signalLevelDbm0: number | null;
  noiseLevelDbm0: number | null;
  residualEchoReturnLossDb: number | null;
  gmin: number;
  rFactor: number | null;
  externalRFactor: number | null;
  mosLq: number | null;
  mosCq: number | null;
  plc: 'standard' | 'enhanced' | 'disabled' | null;
  jitterBuffer: 'adaptive' | 'fixed' | null;
  /** J of RFC 3611 4.7.7: the buffer adapts to a 30 to 100 ms step in about 2 J frames. */
  jitterBufferRate: number;
  jitterBufferNominalMs: number;
  jitterBufferMaximumMs: number;
  jitterBufferAbsoluteMaximumMs: number;
}

/** Least, greatest, mean and standard deviation. */
export interface Spread {
  min: number;
  max: number;
  mean: number;
  deviation: number;
}

/** Statistics summary (RFC 3611 4.6) over the numbers from `beginSequence` to before `endSequence`. */
export interface StatisticsSummary {
  beginSequence: number;
  endSequence: number;
  lost: number | null;
  duplicates: number | null;
  /** Jitter between neighbours, ms; null also while the stream's clock rate is unknown. */
  jitterMs: Spread | null;
  ttl: Spread | null;
}

/** A run-length report (RFC 3611 4.1, RFC 7097) as counts. */
export interface RunLengthCounts {
  beginSequence: number;
  endSequence: number;
  /** Every 2^thinning-th number is reported on. */
  thinning: number;
  /** Numbers reported on, and their bits: for losses, 1 is received. */
  reported: number;
  ones: number;
  zeros: number;
  longestRunOfZeros: number;
  /** Numbers of the range that no chunk spoke of. */
  missing: number;
}

/** Measurement information (RFC 6776): the span that the blocks beside it refer to. */
export interface MeasurementSpan {
  firstSequence: number;
  extendedFirstSequence: number;
  extendedLastSequence: number;
  intervalMs: number;
  cumulativeMs: number;
}

/** Packet delay variation (RFC 6798): thresholds or peaks, and the share of packets within them. */
export interface DelayVariationReport {
  span: XrSpan;
  kind: 'mapdv2' | 'y1540' | null;
  positiveMs: number | null;
  positivePercent: number | null;
  negativeMs: number | null;
  negativePercent: number | null;
  meanMs: number | null;
}

/** Delay (RFC 6843): round trips as the endpoint sees them, and its own share of the delay. */
export interface DelayReport {
  span: XrSpan;
  roundTripMeanMs: number | null;
  roundTripMinMs: number | null;
  roundTripMaxMs: number | null;
  endSystemDelayMs: number | null;
}

/** Burst/gap loss (RFC 6958). */
export interface BurstGapLoss {
  span: XrSpan;
  /** Lost and discarded packets are counted together. */
  combined: boolean;
  gmin: number;
  burstDurationsMs: number | null;
  lostInBursts: number | null;
  expectedInBursts: number | null;
  bursts: number | null;
  /** Sum of the squares of the burst durations, ms². */
  burstDurationsSquared: number | null;
}

/** Burst/gap discard (RFC 7003). */
export interface BurstGapDiscard {
  span: XrSpan;
  gmin: number;
  discardedInBursts: number | null;
  expectedInBursts: number | null;
}

/** De-jitter buffer (RFC 7005). */
export interface JitterBufferReport {
  span: XrSpan;
  kind: 'adaptive' | 'fixed';
  nominalMs: number | null;
  maximumMs: number | null;
  highWaterMarkMs: number | null;
  lowWaterMarkMs: number | null;
}

/** Discard count (RFC 7002), one per kind of discard. */
export interface DiscardCount {
  span: XrSpan;
  kind: 'duplicates' | 'early' | 'late' | 'earlyAndLate';
  count: number | null;
}

/** One MOS of a MOS metrics block (RFC 7266). */
export interface ReportedMos {
  span: XrSpan;
  /** Which algorithm, by the numbers that SDP agreed on (`calgextmap`). */
  algorithm: number;
  payloadType: number;
  mos: number | null;
}

/** The newest word of an endpoint on each matter; null for matters it never spoke of. */
export interface EndpointView {
  voipMetrics: VoipMetrics | null;
  statistics: StatisticsSummary | null;
  lossRuns: RunLengthCounts | null;
  duplicateRuns: RunLengthCounts | null;
  /** RFC 7097; which of the two bit values marks a discard is left to the reader. */
  discardRuns: (RunLengthCounts & { early: boolean }) | null;
  measurement: MeasurementSpan | null;
  delayVariation: DelayVariationReport | null;
  delay: DelayReport | null;
  burstGapLoss: BurstGapLoss | null;
  burstGapDiscard: BurstGapDiscard | null;
  jitterBuffer: JitterBufferReport | null;
  discards: DiscardCount[];
  mos: ReportedMos[];
}
