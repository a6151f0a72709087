/*
 * Bounds of all histograms. They are the same in every probe, or sums over probes would be wrong: to change one is a
 * breaking change. Every decision point of standards section 8 is a bound, so that "p95 over T" is decided without
 * error; between them they are close enough for percentiles (standards section 10).
 */

/** Jitter, seconds. Decided at 20 and 30 ms; findings begin at 30 and 50 ms. */
export const JITTER_SECONDS = [
  0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5,
] as const;

/** Delay variation, seconds. Decided at 30 and 60 ms. */
export const PDV_SECONDS = [
  0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1,
] as const;

/** Loss and discard, shares. Decided at 1 % and 3 %; the first bound counts what lost nothing at all. */
export const LOSS_RATIO = [
  0, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1,
] as const;

/** Most packets lost in a row. Decided at 9: ten in a row, 200 ms of most codecs, no concealment hides. */
export const LOSS_RUN_PACKETS = [0, 1, 2, 3, 5, 9, 15, 25, 50, 100, 250, 1000] as const;

/** Round trips, seconds. Decided at 300 and 800 ms. */
export const ROUND_TRIP_SECONDS = [
  0.01, 0.02, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 2,
] as const;

/** MOS. Decided at 2.58, 3.10, 3.60, 4.03 and 4.34 (G.107 Annex B). Scores count below a bound: see `ScoreHistogram`. */
export const MOS = [
  1, 1.5, 2, 2.3, 2.58, 2.8, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4, 4.03, 4.1, 4.2, 4.3, 4.34,
  4.4, 4.5,
] as const;

/**
 * R on the narrowband scale. Decided at 50, 60, 70, 80 and 90. The scales are told apart by a label, never mixed;
 * 93.2 is the best of narrowband, 100 to 148 belong to the wider scales, and 64.5 to 116.1 and 74 to 133.2 are where the
 * decision points lie on them (1.29 R and 1.48 R).
 */
export const R_FACTOR = [
  0, 10, 20, 30, 40, 50, 60, 64.5, 70, 74, 77.4, 80, 88.8, 90, 90.3, 95, 100, 103.2, 103.6, 110, 116.1, 118.4,
  125, 133.2, 140, 148,
] as const;

/** Post-dial delay and its kin, seconds. Decided at 3 and 6 s. */
export const SETUP_SECONDS = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30] as const;

/** INVITE to the answer, and ringing, seconds: people decide how long. */
export const ANSWER_SECONDS = [1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 120, 180] as const;

/** Answer to first media, seconds. */
export const MEDIA_DELAY_SECONDS = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10] as const;

/** Answers to single requests, seconds; 32 s is timer F. */
export const RESPONSE_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 6, 10, 32] as const;

/** Length of calls, seconds. A call of less than 5 s is short. */
export const DURATION_SECONDS = [
  1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600, 7200,
] as const;
