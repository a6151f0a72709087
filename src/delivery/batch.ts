/** Lines that are sent together, compressed. */
export interface Batch {
  points: number;
  /** gzip of the lines, each with its line feed. */
  body: Buffer<ArrayBuffer>;
}

/** Why points were not delivered. */
export const DROP_REASONS = [
  /** No room in memory. */
  'queue_full',
  /** No room in the spool: the oldest made room. */
  'spool_full',
  /** The spool holds something else than was written. */
  'spool_damaged',
  /** The server will never take them. */
  'rejected',
  /** They have no time that can be written. */
  'no_time',
  /** The probe ended before they could be delivered, and has no spool. */
  'stopped',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
