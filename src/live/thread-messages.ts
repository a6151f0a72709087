import type { LiveCaptureCode } from '../capture/live/live-source.ts';
import type { RingHandles } from '../capture/live/packet-socket.ts';
import type { JudgingChanges } from '../engine/judging.ts';
import type { CaptureRecordOfRun, LiveRecord, StartRecord } from './live-records.ts';

/*
 * What the measuring thread and the serving thread say to each other. Everything is plain data. Beside the messages
 * they share a few numbers, so that neither has to ask.
 */

/** How grave a notice for the log is. */
export type NoticeLevel = 'info' | 'warn' | 'error';

/** Something for the log. `text` stays the same for what repeats; figures go into `fields`. */
export interface Notice {
  level: NoticeLevel;
  text: string;
  fields: Record<string, string | number | boolean | null>;
}

export type FromMeasuring =
  | { kind: 'started'; start: Omit<StartRecord, 'run'> }
  /** What the thread leaves behind should it die. */
  | { kind: 'holding'; rings: RingHandles[] }
  /** Capture cannot begin. */
  | { kind: 'refused'; code: LiveCaptureCode; message: string }
  | { kind: 'records'; records: LiveRecord[] }
  | { kind: 'notice'; notice: Notice }
  /** Everything is told; the thread ends. `failed`: why a source ended that should not have. */
  | { kind: 'closing'; capture: CaptureRecordOfRun; failed: string | null };

export type ToMeasuring =
  | { kind: 'stop' }
  /** Judge by other settings from now on. */
  | { kind: 'judging'; changes: JudgingChanges };

/** Places in the shared numbers. */
const TAKEN = 0;
const HEARTBEAT = 1;
const SERVING_LAG_MS = 2;
const PLACES = 3;

/** The numbers that both threads see. */
export class Shared {
  readonly memory: SharedArrayBuffer;
  private readonly places: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.places = new Int32Array(memory);
  }

  /** Records that the serving thread has taken, modulo 2^32. */
  get taken(): number {
    return Atomics.load(this.places, TAKEN);
  }

  /** The serving thread took records. */
  take(records: number): void {
    Atomics.add(this.places, TAKEN, records);
  }

  /** Goes on as long as measuring does. */
  get heartbeat(): number {
    return Atomics.load(this.places, HEARTBEAT);
  }

  beat(): void {
    Atomics.add(this.places, HEARTBEAT, 1);
  }

  /** The serving thread's event loop stood still for so long. */
  noteServingLag(ms: number): void {
    const worst = Atomics.load(this.places, SERVING_LAG_MS);
    if (ms > worst) Atomics.store(this.places, SERVING_LAG_MS, Math.round(ms));
  }

  /** The longest since it was last asked, ms. */
  takeServingLag(): number {
    return Atomics.exchange(this.places, SERVING_LAG_MS, 0);
  }
}
