/** Where media findings begin: decision points of standards section 8, and the evidence a finding needs. */
export interface MediaThresholds {
  /** Fewer expected packets than this (5 s of 20 ms audio) say nothing about a stream. */
  expectedMin: number;
  lossWarningRatio: number;
  lossCriticalRatio: number;
  /** Loss within one stretch of a stream whose whole is below `lossWarningRatio`. */
  lossStretchRatio: number;
  /** Runs this much longer than independent loss would make them are bursts. */
  burstyRatio: number;
  /** Packets from this length on are too long to conceal one of them. */
  unconcealedPtimeMs: number;
  jitterWarningMs: number;
  jitterCriticalMs: number;
  /** Delay variation beyond this is beyond a usual 50 ms playout buffer, whatever the smoothed jitter says. */
  pdvWarningMs: number;
  pdvCriticalMs: number;
  /** Jitter may be high for so long before it counts although the rest of the stream is quiet, ms. */
  jitterStretchMs: number;
  discardWarningRatio: number;
  discardCriticalRatio: number;
  /** One-way delay, half the round trip: G.114. */
  delayInfoMs: number;
  delayWarningMs: number;
  reorderedInfoRatio: number;
  reorderedWarningRatio: number;
  reorderedMin: number;
  skewInfoPpm: number;
  skewWarningPpm: number;
  /** How far the delay moves within an interval, or over several, to be a ramp. */
  queueRampMs: number;
  /** A step of the least delay that is another path, and one that is worth a warning. */
  pathStepMs: number;
  pathStepWarningMs: number;
  /** Shortest beat of an impairment, and how many times it must be heard. */
  periodMinMs: number;
  periodEpisodesMin: number;
  /** The first moments after an answer or a re-INVITE in which media may be absent. */
  graceMs: number;
  /** Media must be missing so long to be called absent. */
  absentMediaMs: number;
  lateMediaMs: number;
  /** A direction that ends so long before its call has stopped; one with silence suppression. */
  stoppedMs: number;
  stoppedWithDtxMs: number;
  /** Media that goes on for so long after its call is unexpected. */
  afterEndMs: number;
  /** A hole or a pause of so long is an interruption. */
  interruptionMs: number;
  deadAirMs: number;
  /** What is sent for less than this is a stray packet, not a format or a path. */
  settledMs: number;
  /** Streams that must become bad at one moment, of so many calls, within so long. */
  onsetStreams: number;
  onsetCalls: number;
  onsetWithinMs: number;
  /** Calls that must lose media at one age, within so long. */
  deathCalls: number;
  deathWithinMs: number;
}

const MEDIA_DEFAULTS: MediaThresholds = {
  expectedMin: 250,
  lossWarningRatio: 0.01,
  lossCriticalRatio: 0.03,
  lossStretchRatio: 0.05,
  burstyRatio: 1.5,
  unconcealedPtimeMs: 40,
  jitterWarningMs: 30,
  jitterCriticalMs: 50,
  pdvWarningMs: 60,
  pdvCriticalMs: 100,
  jitterStretchMs: 10_000,
  discardWarningRatio: 0.01,
  discardCriticalRatio: 0.03,
  delayInfoMs: 150,
  delayWarningMs: 400,
  reorderedInfoRatio: 0.01,
  reorderedWarningRatio: 0.1,
  reorderedMin: 5,
  skewInfoPpm: 200,
  skewWarningPpm: 1000,
  queueRampMs: 40,
  pathStepMs: 10,
  pathStepWarningMs: 100,
  periodMinMs: 500,
  periodEpisodesMin: 5,
  graceMs: 3000,
  absentMediaMs: 5000,
  lateMediaMs: 2000,
  stoppedMs: 5000,
  stoppedWithDtxMs: 30_000,
  afterEndMs: 5000,
  interruptionMs: 1000,
  deadAirMs: 10_000,
  settledMs: 1000,
  onsetStreams: 4,
  onsetCalls: 3,
  onsetWithinMs: 2000,
  deathCalls: 3,
  deathWithinMs: 2000,
};

/** R below which many users are dissatisfied (G.107 Annex B: MOS 3.60). */
export const R_BAD = 70;
/** R of a scale over the narrowband R of the same MOS. */
export const R_FACTOR_OF_SCALE = { NB: 1, WB: 1.29, FB: 1.48 } as const;
/** Points of R that loss and discard must take before a low score is called bad media. */
export const SUFFERED_POINTS = 5;

/** Where signalling findings begin. */
export interface SignallingThresholds {
  /** Post-dial delay above this is slow, ms (standards section 8). */
  slowSetupMs: number;
  /** A call that only a 100 answered has timed out after this, ms: whoever sent it gives up then (RFC 3261 timer B). */
  tryingTimeoutMs: number;
  /** A call that rings so long without any final response has timed out, ms (RFC 3261 timer C is 180 s). */
  ringingTimeoutMs: number;
  /** A call answered and over within this is short, ms. */
  shortCallMs: number;
  /** From so many retransmissions of one message on they are a warning; fewer are information. */
  retransmissionsWarning: number;
  /**
   * A request that its sender repeated so often counts as unanswered even where the capture ends before 32 s are
   * over.
   */
  unansweredCopies: number;
  /** A 480 or 408 for a registered user that came later than this was a wait for a telephone, ms. */
  unreachableWaitMs: number;
}

const SIGNALLING_DEFAULTS: SignallingThresholds = {
  slowSetupMs: 6000,
  tryingTimeoutMs: 32_000,
  ringingTimeoutMs: 300_000,
  shortCallMs: 5000,
  retransmissionsWarning: 3,
  unansweredCopies: 5,
  unreachableWaitMs: 5000,
};

/** Where findings begin. */
export interface Thresholds extends SignallingThresholds, MediaThresholds {}

export const DEFAULT_THRESHOLDS: Thresholds = { ...SIGNALLING_DEFAULTS, ...MEDIA_DEFAULTS };
