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
