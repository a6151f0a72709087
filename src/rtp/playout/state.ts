/**
 * What the playout models remember of the streams: one row of doubles each, and the tables of the adaptive ones.
 * Memory is only touched for slots in use.
 */
import type { ColumnMemory } from '../column-memory.ts';
import { NetEqTables } from './neteq-tables.ts';
import { SlidingDelays } from './sliding-delays.ts';

/** Models by number. The first is for scores that count no discards at all. */
export const MODEL_NONE = 0;
export const MODEL_FIXED_50 = 1;
export const MODEL_FIXED_200 = 2;
export const MODEL_ADAPTIVE = 3;
export const MODEL_NETEQ = 4;

/** Their names in outputs. */
export const MODEL_NAMES = ['none', 'fixed50', 'fixed200', 'adaptive', 'neteq'] as const;
export type PlayoutModelName = (typeof MODEL_NAMES)[number];

// Doubles of one stream, by index. Times are microseconds of capture time, the rest is counts or milliseconds.
export const DOUBLES_PER_STREAM = 48;
/** Fixed buffers: FIXED_FIELDS each, 50 ms first. */
export const FIXED = 0;
export const FIXED_FIELDS = 5;
export const ANCHOR_MS = 0;
export const ANCHORED_US = 1;
/** Packets in a row that were far late; negative: that found no room. */
export const ASTRAY = 2;
export const FIXED_LATE = 3;
export const FIXED_EARLY = 4;
/** Packets that all models have judged. */
export const JUDGED = 10;
/** Adaptive buffer (standards 6, JB2). */
export const ADAPTIVE_CURRENT_MS = 11;
/** Delay in force above the fastest packets, for packets that are not played. */
export const ADAPTIVE_DEPTH_MS = 12;
export const ADAPTIVE_SPREAD_MS = 13;
export const ADAPTIVE_ACCEPTED_MS = 14;
export const ADAPTIVE_CHANGED_US = 15;
export const ADAPTIVE_SPIKES = 16;
export const ADAPTIVE_LATE = 17;
export const ADAPTIVE_EARLY = 18;
export const ADAPTIVE_DROPPED = 19;
export const ADAPTIVE_CONCEALED_MS = 20;
/** Sum of the delay in force, one term per packet. */
export const ADAPTIVE_SUM_MS = 21;
/** NetEQ-like buffer (standards 6, JB3). */
export const NETEQ_CURRENT_MS = 22;
export const NETEQ_TARGET_MS = 23;
export const NETEQ_LEAST_MS = 24;
/** Where the block of media time at hand began, ms, and its least delay; when the histogram is updated next; greatest lateness since. */
export const NETEQ_BLOCK_MS = 25;
export const NETEQ_BLOCK_LEAST_MS = 35;
export const NETEQ_UPDATE_MS = 26;
export const NETEQ_PEAK_MS = 27;
export const NETEQ_UPDATES = 28;
export const NETEQ_LATE = 29;
export const NETEQ_CONCEALED_MS = 30;
export const NETEQ_ACCELERATED_MS = 31;
export const NETEQ_STRETCHED_MS = 32;
export const NETEQ_SUM_MS = 33;
/** Target that reordered packets ask for; 0 without any. */
export const NETEQ_REORDER_TARGET_MS = 34;

/** Least delays of the blocks before, a ring, and where the next goes. */
export const NETEQ_PLACE = 36;
export const NETEQ_BLOCKS = 7;
export const NETEQ_BLOCK_LEASTS = 37;

/** Bits of numbers whose packets the score's model discarded: as many as the bitmap of numbers seen. */
export const DROPPED_WORDS = 32;

/** Packets handed over together; see steady.ts. */
export const RUN_MAX = 64;

/** The playout state of all streams. */
export class PlayoutState {
  readonly doubles: Float64Array;
  readonly delays: SlidingDelays;
  readonly netEq: NetEqTables;
  readonly dropped: Int32Array;
  /** The model whose discards the score counts. */
  scoreModel = MODEL_ADAPTIVE;
  /** The packets at hand: relative delay, ms, and arrival, us. In arrays, because arguments would be boxed. */
  readonly runDelaysMs = new Float64Array(RUN_MAX);
  readonly runTimesUs = new Float64Array(RUN_MAX);
  /** The ranks of `SlidingDelays` after each of them. */
  readonly runLowsMs = new Float64Array(RUN_MAX);
  readonly runHighsMs = new Float64Array(RUN_MAX);

  constructor(capacity: number, memory: ColumnMemory) {
    this.doubles = new Float64Array(memory(capacity * DOUBLES_PER_STREAM * 8));
    this.delays = new SlidingDelays(capacity, memory);
    this.netEq = new NetEqTables(capacity, memory);
    this.dropped = new Int32Array(memory(capacity * DROPPED_WORDS * 4));
  }

  /** Empties the state of a slot that is about to be used. */
  reset(slot: number): void {
    const base = slot * DOUBLES_PER_STREAM;
    this.doubles.fill(0, base, base + DOUBLES_PER_STREAM);
    this.delays.reset(slot);
    this.netEq.reset(slot);
    this.dropped.fill(0, slot * DROPPED_WORDS, (slot + 1) * DROPPED_WORDS);
  }
}
