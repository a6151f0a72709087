import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as zlib from 'node:zlib';
import type { ByteFailure, ByteSource, DescriptorBytes } from './byte-source.ts';

/** What a worker can decompress. LZ4 is not among them: see lz4.ts. */
export type PackedFormat = 'gzip' | 'zstd';

/*
 * Shared with unpack-worker.js. Integers: a counter of events to wait on, the state, slabs filled so far, a counter
 * that goes on as long as the worker lives, then the octets in each slab. A double: octets read from the input. Text: its length, then what failed.
 */
const EVENTS = 0;
const STATE = 1;
const FILLED = 2;
const ALIVE = 3;
const LENGTHS = 4;
const WAITING = 0;
const RUNNING = 1;
const ENDED = 2;
const FAILURES: Readonly<Record<number, ByteFailure['kind']>> = {
  3: 'system',
  4: 'truncated',
  5: 'damaged',
  6: 'unsupported',
};

/** Slabs between the two threads: one is read while the others are filled. */
const SLABS = 4;
const SLABS_OF_MANY = 2;
const SLAB_BYTES_MIN = 64 << 10;
const SLAB_BYTES_MAX = 128 << 10;
const TEXT_BYTES = 256;

/** A worker that has not begun after so long never will. */
const START_MS = 20_000;
/** Nor does one go on that gave no sign of life for so long; it gives one twice a second. */
const SILENT_MS = 20_000;

const require = createRequire(import.meta.url);

/** One worker for all inputs, started with the first. It does not keep the process alive. */
let worker: Worker | null = null;
let tasks = 0;

function theWorker(): Worker {
  if (worker === null) {
    const program = new URL('./unpack-worker.js', import.meta.url);
    // Descriptors are opened here and closed there.
    worker = new Worker(program, { trackUnmanagedFds: false });
    worker.unref();
    worker.on('error', () => {
      worker = null;
    });
  }
  return worker;
}

/** How zstd can be read here: by Node.js itself (22.15, 23.8), by the package fzstd, or not at all. */
export function zstdMethod(): 'zstd' | 'fzstd' | null {
  if ('createZstdDecompress' in zlib) return 'zstd';
  try {
    require.resolve('fzstd');
    return 'fzstd';
  } catch {
    return null;
  }
}

/**
 * What an input is when it is decompressed, while it is read: a worker decompresses ahead, so that both processors
 * have something to do, and waits when it is a few slabs ahead, so that memory does not depend on the input.
 */
export class UnpackedBytes implements ByteSource {
  failure: ByteFailure | null = null;
  readonly #id = tasks++;
  readonly #format: PackedFormat;
  readonly #control: Int32Array;
  readonly #taken: Float64Array;
  readonly #text: Uint8Array;
  readonly #slabs: Uint8Array;
  readonly #slabCount: number;
  readonly #worker: Worker;
  /** Slabs done with, and how much of the next one is. */
  #read = 0;
  #offset = 0;
  #closed = false;

  /**
   * @param packed the input, which the worker goes on reading and closes
   * @param first what was read of it already
   */
  constructor(
    format: PackedFormat,
    method: 'gzip' | 'zstd' | 'fzstd',
    packed: DescriptorBytes,
    first: Uint8Array,
    chunkBytes: number,
  ) {
    this.#format = format;
    const slabBytes = Math.max(SLAB_BYTES_MIN, Math.min(SLAB_BYTES_MAX, chunkBytes));
    this.#slabCount = slabBytes < SLAB_BYTES_MAX ? SLABS_OF_MANY : SLABS;
    this.#control = new Int32Array(new SharedArrayBuffer(4 * (LENGTHS + this.#slabCount)));
    this.#taken = new Float64Array(new SharedArrayBuffer(8));
    this.#taken[0] = packed.bytesTaken;
    this.#text = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES));
    this.#slabs = new Uint8Array(new SharedArrayBuffer(slabBytes * this.#slabCount));
    this.#worker = theWorker();
    this.#worker.postMessage({
      kind: 'task',
      task: {
        id: this.#id,
        method,
        descriptor: packed.descriptor,
        owned: packed.owned,
        first,
        control: this.#control,
        taken: this.#taken,
        text: this.#text,
        slabs: this.#slabs,
        slabCount: this.#slabCount,
      },
    });
  }

  get bytesTaken(): number {
    return this.#taken[0]!;
  }

  read(into: Uint8Array, at: number, room: number): number {
    if (this.#closed || this.failure !== null || !this.#await()) return 0;
    const slab = this.#read % this.#slabCount;
    const slabBytes = this.#slabs.length / this.#slabCount;
    const length = this.#control[LENGTHS + slab]!;
    const count = Math.min(room, length - this.#offset);
    const from = slab * slabBytes + this.#offset;
    into.set(this.#slabs.subarray(from, from + count), at);
    this.#offset += count;
    if (this.#offset === length) {
      this.#offset = 0;
      this.#read++;
      this.#worker.postMessage({ kind: 'release', id: this.#id });
    }
    return count;
  }

  /** Tells the worker to stop and to close the input. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#worker.postMessage({ kind: 'stop', id: this.#id });
  }

  /** Waits for a slab. False when there will be none. */
  #await(): boolean {
    const control = this.#control;
    for (;;) {
      const events = Atomics.load(control, EVENTS);
      const state = Atomics.load(control, STATE);
      if (Atomics.load(control, FILLED) !== (this.#read | 0)) return true;
      if (state === ENDED) return false;
      if (state === WAITING) {
        if (Atomics.wait(control, EVENTS, events, START_MS) !== 'timed-out') continue;
        return this.#fail('system', 'the thread that decompresses did not start');
      }
      if (state === RUNNING) {
        const alive = Atomics.load(control, ALIVE);
        if (Atomics.wait(control, EVENTS, events, SILENT_MS) !== 'timed-out') continue;
        if (Atomics.load(control, ALIVE) !== alive) continue;
        return this.#fail('system', 'the thread that decompresses has died');
      } else return this.#fail(FAILURES[state] ?? 'damaged', this.#errorText());
    }
  }

  #errorText(): string {
    // TextDecoder takes no shared memory.
    return new TextDecoder().decode(this.#text.slice(1, 1 + this.#text[0]!));
  }

  #fail(kind: ByteFailure['kind'], text: string): boolean {
    const said: Partial<Record<ByteFailure['kind'], string>> = {
      truncated: `the ${this.#format} data end in the middle`,
      damaged: `the ${this.#format} data are damaged`,
    };
    this.failure = { kind, text: said[kind] ?? text };
    return false;
  }
}
