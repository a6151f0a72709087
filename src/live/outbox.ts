import type { LiveRecord, LiveRecordType } from './live-records.ts';

/** Records that the other thread has not taken yet; beyond it they are dropped, the least telling first. */
export const OUTSTANDING_MAX = 32_768;
/** Records posted together. */
const BATCH_MAX = 256;

/** How much of the room must be left for a record of a type to be taken. */
const ROOM_NEEDED: Partial<Record<LiveRecordType, number>> = {
  interval: OUTSTANDING_MAX / 2,
  stream: OUTSTANDING_MAX / 4,
  registration: OUTSTANDING_MAX / 4,
  trunk: OUTSTANDING_MAX / 4,
};

/** What the thread that takes records tells the one that makes them. */
export interface Taken {
  /** Records taken since the beginning, modulo 2^32. */
  count(): number;
}

/**
 * Records on their way to the thread that serves. That thread may stand still: what finds no room is dropped and
 * counted, first intervals, then streams and what endpoints registered, calls and findings last. Measuring goes on.
 */
export class Outbox {
  /** Records posted or dropped since the beginning, by type. */
  readonly told: Record<string, number> = {};
  readonly dropped: Record<string, number> = {};
  private pending: LiveRecord[] = [];
  private posted = 0;
  private unbounded = false;
  private readonly post: (records: LiveRecord[]) => void;
  private readonly taken: Taken;

  constructor(post: (records: LiveRecord[]) => void, taken: Taken) {
    this.post = post;
    this.taken = taken;
  }

  /** Records made and not taken yet. */
  get outstanding(): number {
    return ((this.posted - this.taken.count()) | 0) + this.pending.length;
  }

  /** Takes a record, made only if there is room for it. */
  add(type: LiveRecordType, make: () => LiveRecord): void {
    const room = OUTSTANDING_MAX - this.outstanding;
    if (!this.unbounded && room <= (ROOM_NEEDED[type] ?? 0)) {
      this.dropped[type] = (this.dropped[type] ?? 0) + 1;
      return;
    }
    this.told[type] = (this.told[type] ?? 0) + 1;
    this.pending.push(make());
    if (this.pending.length >= BATCH_MAX) this.flush();
  }

  /** Posts what waits. */
  flush(): void {
    if (this.pending.length === 0) return;
    const records = this.pending;
    this.pending = [];
    this.posted = (this.posted + records.length) | 0;
    this.post(records);
  }

  /** What comes from now on is the last there is, and bounded by the tables it comes from: nothing is dropped. */
  close(): void {
    this.unbounded = true;
  }
}
