/**
 * What every place that live packets come from looks like to the rest of Earshot.
 *
 * A live source pushes: it calls `deliver` with a batch, and the batch belongs to the source again as soon as the
 * call returns. It runs in the thread that measures and gives that thread's event loop a turn between batches.
 * What it lost, and how well it knows the time, is part of what it delivers.
 */
import type { PacketBatch } from '../../packet/batch.ts';
import type { RingHandles } from './packet-socket.ts';

/** Which way packets reach the probe. */
export type LiveEngine = 'ring' | 'pcap' | 'pipe' | 'hep';

/**
 * Who stamped the packets: the `kernel` (or the agent that captured them) when they came in, or this process when
 * it got round to them (`arrival`), which is no basis for a judgement about jitter.
 */
export type StampOrigin = 'kernel' | 'arrival';

export interface LiveCounters {
  /** Packets delivered since the start. */
  packets: number;
  /** Bytes on the wire of these. */
  bytes: number;
  /** Packets that the kernel or the source had to drop since the start; `null` when it cannot tell. */
  dropped: number | null;
  /** Times that the kernel stopped filling the ring because no block was free; `null` where there is no ring. */
  ringFull: number | null;
  /** Largest share of the ring that was waiting to be read since the last call, 0..1; `null` without a ring. */
  ringHighWaterRatio: number | null;
  /** Is the interface up? `null` where there is no interface. */
  up: boolean | null;
  /** Packets longer than the interface's MTU allows: several that GRO or LRO glued together. */
  glued?: number | null;
  /** Blocks of a ring, or records, that contradicted themselves and were dropped. */
  malformed?: number | null;
}

export interface LiveSource {
  readonly engine: LiveEngine;
  /** Interface name, address listened on, or `-`. */
  readonly name: string;
  readonly stamps: StampOrigin;
  /**
   * Begins to deliver. `ended` is called once, when no more will come: with `null` at a regular end (a pipe that was
   * closed, `stop`), with the reason otherwise. Throws a `LiveCaptureError` when capture cannot begin.
   */
  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void;
  /** Live. Cheap enough to be called every second. */
  counters(): LiveCounters;
  /** Whether packets come faster than they are taken, so that some will have to be dropped; absent where it cannot tell. */
  readonly isPressed?: boolean;
  /** What it refused or what went wrong in it so far, by name; absent where nothing can. Live. */
  details?(): Readonly<Record<string, number>>;
  /** What another thread has to give back should this one die. */
  handles?(): readonly RingHandles[];
  /** Delivers what is waiting, then ends. Idempotent. */
  stop(): Promise<void>;
}

/** Why live capture cannot begin or go on. */
export type LiveCaptureCode =
  /** The process may not capture. */
  | 'no_permission'
  /** There is no such interface. */
  | 'no_such_interface'
  /** A library that this engine needs is not installed. */
  | 'library_missing'
  /** This engine does not exist on this platform. */
  | 'not_supported'
  /** The address to listen on is taken or is not ours. */
  | 'address_unusable'
  /** A filter expression that cannot be compiled. */
  | 'bad_filter'
  /** The operating system refused for another reason. */
  | 'failed';

/** Live capture cannot begin or go on. `message` is one line that says what to do. */
export class LiveCaptureError extends Error {
  readonly code: LiveCaptureCode;

  constructor(code: LiveCaptureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LiveCaptureError';
    this.code = code;
  }
}
