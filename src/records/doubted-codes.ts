/*
 * Findings by what the capture itself may have made up. Whoever holds findings back goes by these lists: call by call
 * (across/), and at the end of a file whose machine says that it lost packets (report/).
 */

/** What lost packets explain. */
export const ABOUT_LOSS: ReadonlySet<string> = new Set([
  'random_loss',
  'burst_loss',
  'critical_loss',
  'media_interrupted',
  'periodic_impairment',
  't38_loss',
]);

/** What wrong times explain. */
export const ABOUT_TIME: ReadonlySet<string> = new Set([
  'high_jitter',
  'late_discard',
  'queueing',
  'path_change',
  'sender_paused',
  'periodic_impairment',
]);

/** What a clock that is set explains: a time that never passed. */
export const ABOUT_DURATION: ReadonlySet<string> = new Set(['late_media', 'clock_rate_mismatch']);

/** What a wait for the next stamp explains. */
export const ABOUT_JITTER: ReadonlySet<string> = new Set([
  'high_jitter',
  'late_discard',
  'queueing',
  'periodic_impairment',
]);

/** What streams explain that are there and were not measured. */
export const ABOUT_PRESENCE: ReadonlySet<string> = new Set([
  'no_media',
  'one_way_media',
  'late_media',
  'media_stopped',
]);

/** What a capturing machine that is too slow explains: it loses packets and stamps others late. */
export const MADE_BY_DROPS: ReadonlySet<string> = new Set([
  ...ABOUT_LOSS,
  'high_jitter',
  'late_discard',
  'queueing',
  'shared_onset',
]);
