import { ARRIVALS_SIZE } from '../stream-row.ts';
import {
  BELL,
  DONE,
  FAILED,
  HANDED,
  LANE_WAITS,
  LaneQueue,
  type LaneShare,
  OWNER_WAITS,
  QUEUED,
  RETURNED,
  REVOKED,
  RUNS_MAX,
  STOPPED,
  TAKEN,
} from './lane-memory.ts';

/** More would wait for the one that decodes. */
export const LANES_MAX = 16;

/** What the owner of the streams needs from outside. */
export interface LaneThreads {
  /** How many. */
  readonly count: number;
  /** Starts a thread that runs a `Lane`. */
  start(share: LaneShare): void;
}

/** A thread that measures failed, or did nothing for half a minute in the middle of a run. */
export class LaneDied extends Error {
  constructor() {
    super('a thread that measures has died');
    this.name = 'LaneDied';
  }
}

/** Goes on with a run that a lane did not measure, or not to its end: arrivals `from` on, arrival 0 at index `at`. */
export interface RunOwner {
  /** Measures all of the rest. */
  finish(slot: number, arrivals: Float64Array, at: number, from: number): void;
  /** Does what the lane could not, and says where it can go on; `ARRIVALS_SIZE` when nothing is left to it. */
  advance(slot: number, arrivals: Float64Array, at: number, from: number): number;
}

/** Runs that have to wait before a lane that sleeps is woken for them: waking costs as much as several runs. */
const RUNS_TO_WAKE_FOR = 256;
/** How often the owner looks before it sleeps; how long it sleeps at most; and how often in vain before it gives up. */
const LOOKS = 500;
const SLEEP_MS = 1000;
const IDLE_MAX = 30;

/**
 * The owner's side of threads that measure: each measures full runs of streams of its own (slot modulo their number),
 * one run of a stream at a time, so that the result is that of one thread to the last bit. Whoever touches a stream
 * settles it first. The owner never waits for a lane that has not begun: it takes the run back.
 */
export class Lanes {
  private readonly queues: LaneQueue[] = [];
  private readonly owner: RunOwner;
  /** Of each stream: is a run of it out, and as which of its lane. */
  private readonly out: Uint8Array;
  private readonly sentAs: Int32Array;

  constructor(threads: LaneThreads, share: Omit<LaneShare, 'queue'>, owner: RunOwner) {
    this.owner = owner;
    this.out = new Uint8Array(share.capacity);
    this.sentAs = new Int32Array(share.capacity);
    for (let i = 0; i < threads.count; i++) {
      const queue = new LaneQueue();
      this.queues.push(queue);
      threads.start({ ...share, queue: queue.memory });
    }
  }

  /** Is a run of this stream with its lane, as far as the owner knows? */
  isOut(slot: number): boolean {
    return this.out[slot] === 1;
  }

  /**
   * Hands the arrivals of a settled stream on to its lane.
   *
   * @param at index of arrival 0; `from` on they are new
   * @returns false when the lane has enough to do
   */
  hand(slot: number, arrivals: Float64Array, at: number, from: number): boolean {
    const { control, runs } = this.queueOf(slot);
    const handed = control[HANDED]!;
    const waiting = (handed - Atomics.load(control, DONE)) | 0;
    if (waiting >= RUNS_MAX) return false;
    runs.write(handed, slot, arrivals, at, from);
    const next = (handed + 1) | 0;
    this.out[slot] = 1;
    this.sentAs[slot] = next;
    Atomics.store(control, HANDED, next);
    // Whoever takes the word back rings; until the lane waits again, nobody else has to.
    if (waiting >= RUNS_TO_WAKE_FOR && Atomics.compareExchange(control, LANE_WAITS, 1, 0) === 1)
      ring(control);
    return true;
  }

  /** Goes on with what this stream's lane has left of its runs. */
  collect(slot: number): void {
    const { control, pieces } = this.queueOf(slot);
    let taken = control[TAKEN]!;
    while (taken !== Atomics.load(control, RETURNED)) {
      const place = taken & (RUNS_MAX - 1);
      const of = pieces.slots[place]!;
      const at = place * ARRIVALS_SIZE;
      // The lane is done with the stream.
      this.out[of] = 0;
      const from = this.owner.advance(of, pieces.arrivals, at, pieces.froms[place]!);
      if (from < ARRIVALS_SIZE && !this.hand(of, pieces.arrivals, at, from)) {
        this.owner.finish(of, pieces.arrivals, at, from);
      }
      taken = (taken + 1) | 0;
      Atomics.store(control, TAKEN, taken);
    }
  }

  /** Sees to it that no run of this stream is out any more. @throws {LaneDied} */
  settle(slot: number): void {
    const { control, runs } = this.queueOf(slot);
    let idle = 0;
    for (let looks = 0; this.isOut(slot); looks++) {
      // In this order: what a lane leaves of a run is there before the run counts as done.
      const done = Atomics.load(control, DONE);
      this.collect(slot);
      if (!this.isOut(slot)) return;
      const place = (this.sentAs[slot]! - 1) & (RUNS_MAX - 1);
      if (((done - this.sentAs[slot]!) | 0) >= 0) {
        this.out[slot] = 0;
      } else if (Atomics.compareExchange(runs.states, place, QUEUED, REVOKED) === QUEUED) {
        this.out[slot] = 0;
        this.owner.finish(slot, runs.arrivals, place * ARRIVALS_SIZE, runs.froms[place]!);
      } else if (looks >= LOOKS) {
        if (idle === IDLE_MAX || Atomics.load(control, STOPPED) === FAILED) throw new LaneDied();
        idle = isIdle(control, done) ? idle + 1 : 0;
      }
    }
  }

  /** Lets the threads end. Nothing may be out. */
  close(): void {
    for (const { control } of this.queues) {
      Atomics.store(control, STOPPED, 1);
      ring(control);
    }
  }

  private queueOf(slot: number): LaneQueue {
    return this.queues[slot % this.queues.length]!;
  }
}

/** Wakes the lane if it sleeps. */
function ring(control: Int32Array): void {
  Atomics.add(control, BELL, 1);
  Atomics.notify(control, BELL);
}

/** Sleeps until a lane has done something. @returns true when it did nothing for so long */
function isIdle(control: Int32Array, done: number): boolean {
  Atomics.store(control, OWNER_WAITS, 1);
  const woken = Atomics.wait(control, DONE, done, SLEEP_MS);
  Atomics.store(control, OWNER_WAITS, 0);
  return woken === 'timed-out';
}
