/** Decision points of standards section 8, and the evidence a finding needs before it may fire. */

/** Fewer expected packets than this (5 s of 20 ms audio) say nothing about a stream. */
export const EXPECTED_MIN = 250;
export const LOSS_WARNING_RATIO = 0.01;
export const LOSS_CRITICAL_RATIO = 0.03;
/** Runs this much longer than independent loss would make them are bursts. */
export const BURSTY_RATIO = 1.5;
export const JITTER_WARNING_MS = 30;
export const JITTER_CRITICAL_MS = 50;
/** Delay variation beyond this is beyond a usual 50 ms playout buffer, whatever the smoothed jitter says. */
export const PDV_WARNING_MS = 60;
export const PDV_CRITICAL_MS = 100;
/** R below which many users are dissatisfied (G.107 Annex B: MOS 3.60). */
export const R_BAD = 70;
/** R of a scale over the narrowband R of the same MOS. */
export const R_FACTOR_OF_SCALE = { NB: 1, WB: 1.29, FB: 1.48 } as const;
/** Points of R that loss and discard must take before a low score is called bad media. */
export const SUFFERED_POINTS = 5;
/** Media may take this long after the answer, and must then be missing this long, to be called absent. */
export const ABSENT_MEDIA_US = 5_000_000;

/** Where signalling findings begin. */
export interface SignallingThresholds {
  /** Post-dial delay above this is slow, ms (standards section 8). */
  slowSetupMs: number;
  /** A call that only a 100 answered has timed out after this, ms. */
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

export const DEFAULT_THRESHOLDS: SignallingThresholds = {
  slowSetupMs: 6000,
  tryingTimeoutMs: 60_000,
  ringingTimeoutMs: 300_000,
  shortCallMs: 5000,
  retransmissionsWarning: 3,
  unansweredCopies: 5,
  unreachableWaitMs: 5000,
};
