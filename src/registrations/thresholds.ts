/** Where registration findings begin. */
export interface RegistrationThresholds {
  /** A binding is lost when it was not refreshed so long after it expired, ms. */
  graceMs: number;
  /** So many returns within the window are flapping. */
  flappingReturns: number;
  flappingWindowMs: number;
  /** Refused credentials from one source within the window that look like password guessing. */
  guessingFailures: number;
  /** So many hosts that were refused for one user within ten windows look like it, too. */
  guessingHosts: number;
  guessingWindowMs: number;
  /** So many registrations of one network that are lost at once are told together. */
  lostTogether: number;
  /** They are told when all are back, at the latest so long after it is sure, ms. */
  lostTogetherWaitMs: number;
  /** Failures in a row are told together, at the latest after this, ms. */
  failureEpisodeMs: number;
}

export const DEFAULT_REGISTRATION_THRESHOLDS: RegistrationThresholds = {
  graceMs: 10_000,
  flappingReturns: 3,
  flappingWindowMs: 600_000,
  guessingFailures: 20,
  guessingHosts: 10,
  guessingWindowMs: 60_000,
  lostTogether: 5,
  lostTogetherWaitMs: 600_000,
  failureEpisodeMs: 60_000,
};
