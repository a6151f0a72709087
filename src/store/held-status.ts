import type { HeldKind } from './segment.ts';

/** What holds are on. */
export type HeldOf = 'packets' | 'history' | 'badCalls';

export const HELD_OF: Readonly<Record<HeldKind, HeldOf>> = {
  pcapng: 'packets',
  ndjson: 'history',
  calls: 'badCalls',
};

/** A hold on files of one directory, as it stands. */
export interface HoldStatus {
  name: string;
  /** Files that are held, octets in them, and how many of these there may be; null where its marker cannot be read. */
  files: number;
  bytes: number;
  maxBytes: number | null;
  /** From when on it has nothing for want of room, ISO 8601; null where it has room. */
  fullSince: string | null;
  /** Why it did not get the file that it was to have last; null while it gets what it is about. */
  problem: string | null;
}

/** The holds on the files of one directory, as they stand. */
export interface HeldPlace {
  of: HeldOf;
  holds: HoldStatus[];
  /** Why nobody knows which holds there are; null while all is well. */
  problem: string | null;
}
