// Decompresses inputs for the main thread, which waits for the result without an event loop. Plain JavaScript, because
// a worker is started from a file, and this one has to run from the sources (tests) and from the build alike.
// The other side, with the layout of the shared memory: unpacked-bytes.ts.
import { once } from 'node:events';
import { close, read } from 'node:fs';
import { createRequire } from 'node:module';
import { pipeline, Readable } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import * as zlib from 'node:zlib';
import { ZstdFormatError, ZstdFrames } from './zstd-frames.js';

/**
 * @typedef {object} Task
 * @property {number} id
 * @property {'gzip' | 'zstd' | 'fzstd'} method
 * @property {number} descriptor
 * @property {boolean} owned whether the descriptor is closed at the end
 * @property {Uint8Array} first what was read of the input already
 * @property {Int32Array} control
 * @property {Float64Array} taken
 * @property {Uint8Array} text
 * @property {Uint8Array} slabs
 * @property {number} slabCount
 */

const EVENTS = 0;
const STATE = 1;
const FILLED = 2;
const ALIVE = 3;
const LENGTHS = 4;
const ALIVE_MS = 500;
const RUNNING = 1;
const ENDED = 2;
/** Kinds of failure, as states. */
const FAILED = { system: 3, truncated: 4, damaged: 5, unsupported: 6 };

const READ_BYTES = 64 << 10;
const RETRY_MS = 2;

/** A task that nobody waits for any more. */
class Stopped extends Error {}
/** The operating system refused to go on reading. */
class ReadFailed extends Error {}

/** The way of one task's output to the main thread: slabs that it gives back one by one. */
class Output {
  /** @param {Task} task */
  constructor(task) {
    this.task = task;
    this.free = task.slabCount;
    this.next = 0;
    this.stopped = false;
    /** @type {(() => void) | null} */
    this.wake = null;
  }

  /** @param {Uint8Array} piece */
  async put(piece) {
    const { control, slabs, slabCount } = this.task;
    const slabBytes = slabs.length / slabCount;
    for (let at = 0; at < piece.length; at += slabBytes) {
      while (this.free === 0 && !this.stopped)
        await new Promise((resolve) => {
          this.wake = () => resolve(null);
        });
      if (this.stopped) throw new Stopped();
      const part = piece.subarray(at, at + slabBytes);
      slabs.set(part, this.next * slabBytes);
      control[LENGTHS + this.next] = part.length;
      this.next = (this.next + 1) % slabCount;
      this.free--;
      Atomics.add(control, FILLED, 1);
      this.signal();
    }
  }

  /** @param {number} state @param {string} text */
  end(state, text) {
    const { written } = new TextEncoder().encodeInto(text, this.task.text.subarray(1));
    this.task.text[0] = written ?? 0;
    Atomics.store(this.task.control, STATE, state);
    this.signal();
  }

  signal() {
    Atomics.add(this.task.control, EVENTS, 1);
    Atomics.notify(this.task.control, EVENTS);
  }

  release() {
    this.free++;
    this.wake?.();
  }

  stop() {
    this.stopped = true;
    this.wake?.();
  }
}

/** @type {Map<number, Output>} */
const outputs = new Map();

/**
 * One read; waits while a pipe opened without blocking has nothing yet.
 * @param {number} descriptor
 * @param {Output} output
 * @returns {Promise<Buffer>} empty at the end
 */
async function readOnce(descriptor, output) {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (;;) {
    if (output.stopped) throw new Stopped();
    /** @type {{ error: NodeJS.ErrnoException | null, count: number }} */
    const { error, count } = await new Promise((resolve) => {
      read(descriptor, buffer, 0, READ_BYTES, null, (error, count) => resolve({ error, count }));
    });
    if (error === null) return buffer.subarray(0, count);
    if (error.code === 'EOF') return buffer.subarray(0, 0);
    if (error.code !== 'EAGAIN' && error.code !== 'EINTR') throw new ReadFailed(error.code ?? 'UNKNOWN');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** @param {Task} task @param {Output} output */
async function* packedPieces(task, output) {
  yield Buffer.from(task.first);
  for (;;) {
    const piece = await readOnce(task.descriptor, output);
    if (piece.length === 0) return;
    task.taken[0] = (task.taken[0] ?? 0) + piece.length;
    yield piece;
  }
}

/** @param {Task} task @param {Output} output */
async function gunzip(task, output) {
  const unpacker = zlib.createGunzip({ chunkSize: task.slabs.length / task.slabCount });
  pipeline(Readable.from(packedPieces(task, output), { highWaterMark: 2 }), unpacker, () => {});
  for await (const piece of unpacker) await output.put(piece);
}

/**
 * What decodes one zstd frame.
 * @typedef {object} FrameDecoder
 * @property {(part: Uint8Array) => Promise<void>} write
 * @property {() => Promise<void>} end
 */

/** Input ended inside a frame. */
class Truncated extends Error {}

/** @param {Task} task @param {Output} output */
async function unzstd(task, output) {
  const create = task.method === 'zstd' ? nativeFrame : fzstdFrame;
  const frames = new ZstdFrames();
  /** @type {FrameDecoder | null} */
  let decoder = null;
  /**
   * A frame's header can be spread over pieces; it is decoded when it is known to be no skippable one.
   * @type {Buffer}
   */
  let held = Buffer.alloc(0);
  for await (const piece of packedPieces(task, output)) {
    for (let at = 0; at < piece.length; ) {
      const end = frames.advance(piece, at);
      held = held.length === 0 ? piece.subarray(at, end) : Buffer.concat([held, piece.subarray(at, end)]);
      at = end;
      if (held.length < 4 && !frames.atBoundary) continue;
      if (!frames.skippable) {
        decoder ??= create(task, output);
        await decoder.write(held);
      }
      held = Buffer.alloc(0);
      if (!frames.atBoundary) continue;
      await decoder?.end();
      decoder = null;
    }
  }
  if (frames.atBoundary) return;
  // All that can be decoded of the last frame is out before the decoder complains, too.
  await decoder?.end().catch(() => {});
  throw new Truncated();
}

/**
 * Node.js 22.15 and later; not in the types of the oldest one that is supported.
 * @type {typeof zlib.createGunzip}
 */
const createZstdDecompress = Reflect.get(zlib, 'createZstdDecompress');

/** @param {Task} task @param {Output} output @returns {FrameDecoder} */
function nativeFrame(task, output) {
  const unpacker = createZstdDecompress({ chunkSize: task.slabs.length / task.slabCount });
  const drained = (async () => {
    for await (const piece of unpacker) await output.put(piece);
  })();
  // Whoever waits for it below gets to know; until then it must not count as unhandled.
  drained.catch(() => {});
  return {
    write: async (part) => {
      if (!unpacker.write(part)) await Promise.race([once(unpacker, 'drain'), drained]);
    },
    end: async () => {
      unpacker.end();
      await drained;
    },
  };
}

/** fzstd hands out a block of up to 128 KiB for as little as 4 octets: it is fed little at a time. */
const FZSTD_STEP = 512;

/** @param {Task} _task @param {Output} output @returns {FrameDecoder} */
function fzstdFrame(_task, output) {
  const { Decompress } = createRequire(import.meta.url)('fzstd');
  /** @type {Uint8Array[]} */
  let pieces = [];
  const unpacker = new Decompress((/** @type {Uint8Array} */ piece) => {
    pieces.push(piece.slice());
  });
  const push = async (/** @type {Uint8Array} */ part, /** @type {boolean} */ isLast) => {
    unpacker.push(part, isLast);
    const ready = pieces;
    pieces = [];
    for (const piece of ready) await output.put(piece);
  };
  return {
    write: async (part) => {
      for (let at = 0; at < part.length; at += FZSTD_STEP) {
        await push(Uint8Array.from(part.subarray(at, at + FZSTD_STEP)), false);
      }
    },
    end: () => push(new Uint8Array(0), true),
  };
}

/** @param {unknown} error @returns {[state: number, text: string]} */
function failureOf(error) {
  if (error instanceof ReadFailed) return [FAILED.system, error.message];
  if (error instanceof ZstdFormatError) return [FAILED[error.kind], error.message];
  const isCut =
    error instanceof Truncated || (error instanceof Error && Reflect.get(error, 'code') === 'Z_BUF_ERROR');
  return [isCut ? FAILED.truncated : FAILED.damaged, String(error)];
}

/** @param {Task} task */
async function run(task) {
  const output = new Output(task);
  outputs.set(task.id, output);
  const pulse = setInterval(() => Atomics.add(task.control, ALIVE, 1), ALIVE_MS);
  Atomics.store(task.control, STATE, RUNNING);
  output.signal();
  try {
    if (task.method === 'gzip') await gunzip(task, output);
    else await unzstd(task, output);
    output.end(ENDED, '');
  } catch (error) {
    output.end(...failureOf(error));
  } finally {
    clearInterval(pulse);
    outputs.delete(task.id);
    if (task.owned) close(task.descriptor, () => {});
  }
}

parentPort?.on('message', (message) => {
  if (message.kind === 'task') run(message.task);
  else if (message.kind === 'release') outputs.get(message.id)?.release();
  else outputs.get(message.id)?.stop();
});
