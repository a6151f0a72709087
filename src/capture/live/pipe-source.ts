import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty } from 'node:tty';
import type { PacketBatch } from '../../packet/batch.ts';
import { systemCode } from '../errors.ts';
import { LiveCaptureError, type LiveCounters, type LiveSource, type StampOrigin } from './live-source.ts';
import { PushedCapture, type PushedCaptureOptions } from './pushed-capture.ts';

export interface PipeSourceOptions extends Omit<PushedCaptureOptions, 'name'> {
  /** Descriptor to read; default 0, standard input. */
  descriptor?: number;
}

const STANDARD_INPUT = 0;
/** What a pipe holds at most, unless somebody made it larger. */
const CHUNK_BYTES = 64 << 10;
/** A pipe that brings nothing for so long is empty. One that never ends is left after this many turns. */
const DRAIN_TURN_MS = 5;
const DRAIN_TURNS_MAX = 40;

/**
 * Opens a pipe that brings a capture (`tcpdump -U -w -`, `dumpcap -w -`): pcap or pcapng, read as it comes by the
 * parsers of files. The kernel of whoever captures has stamped the packets.
 *
 * @throws {LiveCaptureError} when there is no pipe
 */
export function openPipeSource(options: PipeSourceOptions): LiveSource {
  const { descriptor = STANDARD_INPUT } = options;
  if (isatty(descriptor)) {
    throw new LiveCaptureError(
      'failed',
      'standard input is a terminal; pipe a capture into it: "tcpdump -i eth0 -U -w - | earshot live -"',
    );
  }
  try {
    if (fstatSync(descriptor).isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
  } catch (cause) {
    const text = `standard input cannot be read (${systemCode(cause)}); pipe a capture into it`;
    throw new LiveCaptureError('failed', text, { cause });
  }
  return new PipeSource(descriptor, options);
}

class PipeSource implements LiveSource {
  readonly engine = 'pipe';
  readonly name = '-';
  readonly stamps: StampOrigin = 'kernel';
  readonly #descriptor: number;
  readonly #capture: PushedCapture;
  #stream: { destroy(): unknown } | null = null;
  #deliver: (batch: PacketBatch) => void = () => {};
  #ended: (reason: LiveCaptureError | null) => void = () => {};
  #isOver = false;

  constructor(descriptor: number, options: Omit<PushedCaptureOptions, 'name'>) {
    this.#descriptor = descriptor;
    this.#capture = new PushedCapture({ ...options, name: '-' }, (batch) => this.#deliver(batch));
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    if (this.#stream !== null) return;
    this.#deliver = deliver;
    this.#ended = ended;
    const kind = fstatSync(this.#descriptor);
    // A socket can be made of a pipe, and of neither a file nor a device such as /dev/null.
    this.#stream = kind.isFile() || kind.isCharacterDevice() ? this.#readFile() : this.#readPipe();
  }

  counters(): LiveCounters {
    const { packets, bytes, dropped } = this.#capture.input;
    return { packets, bytes, dropped, ringFull: null, ringHighWaterRatio: null, up: null };
  }

  details(): Readonly<Record<string, number>> {
    return { problems: this.#capture.problems.length };
  }

  async stop(): Promise<void> {
    // What the pipe holds by now; whoever captures goes on regardless.
    for (let turn = 0, seen = -1; turn < DRAIN_TURNS_MAX && this.#capture.bytesTaken !== seen; turn++) {
      seen = this.#capture.bytesTaken;
      await new Promise((resolve) => setTimeout(resolve, DRAIN_TURN_MS));
      if (this.#isOver) return;
    }
    this.#over(null);
  }

  /** The event loop waits for it. One buffer is used again and again: each chunk is taken before the next one. */
  #readPipe(): Socket {
    const buffer = new Uint8Array(CHUNK_BYTES);
    const socket = new Socket({
      fd: this.#descriptor,
      readable: true,
      writable: false,
      onread: {
        buffer,
        callback: (length: number) => {
          this.#take(buffer.subarray(0, length));
          return true;
        },
      },
    } as ConstructorParameters<typeof Socket>[0]);
    socket.on('end', () => this.#over(null));
    socket.on('error', (cause) => this.#over(cause));
    socket.on('close', () => this.#over(null));
    socket.resume();
    return socket;
  }

  #readFile(): { destroy(): unknown } {
    const stream = createReadStream('', {
      fd: this.#descriptor,
      autoClose: false,
      highWaterMark: CHUNK_BYTES,
    });
    stream.on('data', (chunk) => this.#take(chunk as Buffer));
    stream.on('end', () => this.#over(null));
    stream.on('error', (cause) => this.#over(cause));
    return stream;
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#capture.push(chunk);
    if (this.#capture.fatal !== undefined) this.#over(null);
  }

  #over(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#capture.end();
    this.#stream?.destroy();
    this.#ended(this.#reasonOf(cause));
  }

  /** Where the pipe was cut the capture just ends; anything else is worth a word. */
  #reasonOf(cause: unknown): LiveCaptureError | null {
    if (cause !== null) {
      const text = `standard input: reading failed (${systemCode(cause)}); start the capture again`;
      return new LiveCaptureError('failed', text, { cause });
    }
    const { fatal } = this.#capture;
    if (fatal === undefined || fatal.code === 'truncated_file') return null;
    if (fatal.code !== 'empty_file') return new LiveCaptureError('failed', fatal.text);
    const text = 'standard input ended before it brought a capture; does its sender say why?';
    return new LiveCaptureError('failed', text);
  }
}
