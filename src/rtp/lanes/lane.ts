import { MODEL_NAMES } from '../playout/state.ts';
import { giveCleanVerdicts, measureRun, packetsToVerdicts } from '../run.ts';
import { StreamColumns } from '../stream-columns.ts';
import * as row from '../stream-row.ts';
import {
  BEGUN,
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
  RUNS_MAX,
  STOPPED,
  TAKEN,
} from './lane-memory.ts';

/** How often a lane looks for work before it sleeps, and how long it sleeps at most, ms. */
const LOOKS = 2000;
const SLEEP_MS = 500;

/**
 * Measures runs of its own streams in a thread of its own. It has the columns and nothing else: what needs more (the end
 * of an interval, a verdict of loss, a step of the delay) it leaves, and the owner of the streams goes on from there.
 */
export class Lane {
  private readonly columns: StreamColumns;
  private readonly queue: LaneQueue;
  private done = 0;

  constructor({ capacity, columns, scoreModel, queue }: LaneShare) {
    let next = 0;
    this.columns = new StreamColumns(capacity, () => columns[next++]!);
    this.columns.playout.scoreModel = MODEL_NAMES.indexOf(scoreModel);
    this.queue = new LaneQueue(queue);
  }

  /** Measures until it is stopped, and says so when it fails. Blocks its thread. */
  run(): void {
    const { control } = this.queue;
    try {
      this.work(control);
    } catch (cause) {
      Atomics.store(control, STOPPED, FAILED);
      Atomics.notify(control, DONE);
      throw cause;
    }
  }

  private work(control: Int32Array): void {
    for (;;) {
      let looks = 0;
      while (looks < LOOKS) looks = this.step() ? 0 : looks + 1;
      if (Atomics.load(control, STOPPED) === 1) return;
      const bell = Atomics.load(control, BELL);
      Atomics.store(control, LANE_WAITS, 1);
      if (!this.step() && Atomics.load(control, STOPPED) === 0) Atomics.wait(control, BELL, bell, SLEEP_MS);
      Atomics.store(control, LANE_WAITS, 0);
    }
  }

  /** Measures one run. @returns false when there is none, or no room for what might be left of it */
  step(): boolean {
    const { control, runs, pieces } = this.queue;
    if (Atomics.load(control, HANDED) === this.done) return false;
    const returned = Atomics.load(control, RETURNED);
    if (((returned - Atomics.load(control, TAKEN)) | 0) === RUNS_MAX) return false;
    const place = this.done & (RUNS_MAX - 1);
    if (Atomics.compareExchange(runs.states, place, QUEUED, BEGUN) === QUEUED) {
      const slot = runs.slots[place]!;
      const at = place * row.ARRIVALS_SIZE;
      const left = this.measure(slot, at, runs.froms[place]!);
      if (left >= 0) {
        pieces.write(returned, slot, runs.arrivals, at, left);
        Atomics.store(control, RETURNED, (returned + 1) | 0);
      }
    }
    this.done = (this.done + 1) | 0;
    Atomics.store(control, DONE, this.done);
    if (Atomics.load(control, OWNER_WAITS) === 1) Atomics.notify(control, DONE);
    return true;
  }

  /** @returns the first arrival that is left to the owner, with the verdicts due before it; -1 when nothing is left */
  private measure(slot: number, at: number, from: number): number {
    const { columns } = this;
    const { arrivals } = this.queue.runs;
    const check = slot * row.DOUBLES_PER_STREAM + row.NEXT_CHECK_US;
    for (let k = from; k < row.ARRIVALS_SIZE; ) {
      if (arrivals[at + k]! >= columns.doubles[check]!) return k;
      const stop = Math.min(row.ARRIVALS_SIZE, k + packetsToVerdicts(columns, slot));
      const end = measureRun(columns, slot, arrivals, at, k, stop, null);
      if (end === k || !giveCleanVerdicts(columns, slot)) return end;
      k = end;
    }
    return -1;
  }
}
