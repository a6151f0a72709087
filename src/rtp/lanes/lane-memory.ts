import type { PlayoutModelName } from '../playout/state.ts';
import { ARRIVALS_SIZE } from '../stream-row.ts';

/** Runs that may wait for a lane, and pieces of runs for the owner: a few milliseconds of work. A power of two. */
export const RUNS_MAX = 1024;

// Places in the control words. Each has a cache line of its own: the two sides write different ones.
const LINE = 16;
/** Runs handed on so far; written by the owner. */
export const HANDED = 0 * LINE;
/** Runs done with so far; written by the lane. */
export const DONE = 1 * LINE;
/** Pieces given back so far (lane), and taken (owner). */
export const RETURNED = 2 * LINE;
export const TAKEN = 3 * LINE;
/** Goes on when the owner wants the lane to look; one that has nothing to do waits on it. */
export const BELL = 4 * LINE;
/** 1 while that side waits to be woken. */
export const LANE_WAITS = 5 * LINE;
export const OWNER_WAITS = 6 * LINE;
/** 1 when the lane is to end; `FAILED` when it has. */
export const STOPPED = 7 * LINE;
export const FAILED = 2;
const CONTROL_WORDS = 8 * LINE;

/** States of a run in the queue: whoever changes the first has it. */
export const QUEUED = 0;
export const BEGUN = 1;
export const REVOKED = 2;

/** What the owner of the streams and one lane share, as it is posted to the lane's thread. */
export interface LaneShare {
  /** Streams of the table, and the memory of its columns in the order of their making. */
  capacity: number;
  columns: SharedArrayBuffer[];
  scoreModel: PlayoutModelName;
  queue: SharedArrayBuffer;
}

/** Runs of arrivals: whose, where they begin, and up to `ARRIVALS_SIZE` capture times each, us. */
export class RunList {
  readonly slots: Int32Array;
  readonly froms: Int32Array;
  readonly states: Int32Array;
  readonly arrivals: Float64Array;

  constructor(memory: SharedArrayBuffer, at: number) {
    const words = (list: number): Int32Array => new Int32Array(memory, at + list * RUNS_MAX * 4, RUNS_MAX);
    this.slots = words(0);
    this.froms = words(1);
    this.states = words(2);
    this.arrivals = new Float64Array(memory, at + 3 * RUNS_MAX * 4, RUNS_MAX * ARRIVALS_SIZE);
  }

  /** Writes the run with this number, arrivals from `from` on; `at` is the index of its arrival 0. */
  write(number: number, slot: number, arrivals: Float64Array, at: number, from: number): void {
    const place = number & (RUNS_MAX - 1);
    this.slots[place] = slot;
    this.froms[place] = from;
    this.states[place] = QUEUED;
    const to = place * ARRIVALS_SIZE;
    for (let k = from; k < ARRIVALS_SIZE; k++) this.arrivals[to + k] = arrivals[at + k]!;
  }
}

const LIST_BYTES = 3 * RUNS_MAX * 4 + RUNS_MAX * ARRIVALS_SIZE * 8;

/** Two queues between the owner of the streams and a lane: runs to measure, and what the lane left of them. */
export class LaneQueue {
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array;
  readonly runs: RunList;
  readonly pieces: RunList;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CONTROL_WORDS * 4 + 2 * LIST_BYTES)) {
    this.memory = memory;
    this.control = new Int32Array(memory, 0, CONTROL_WORDS);
    this.runs = new RunList(memory, CONTROL_WORDS * 4);
    this.pieces = new RunList(memory, CONTROL_WORDS * 4 + LIST_BYTES);
  }
}
