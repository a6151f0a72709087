import { closeSync, readSync } from 'node:fs';
import { systemCode } from './errors.ts';

/** `read` result of a source that does not wait: nothing there now, more may come. */
export const BYTES_LATER = -1;

/** Where the octets of an input come from: the operating system, or a decompressor behind it. */
export interface ByteSource {
  /**
   * Reads once, at most `room` octets to `into` at `at`. Waits until there are some.
   *
   * @returns how many; 0 at the end, or on a `failure`; `BYTES_LATER` from a source that does not wait
   */
  read(into: Uint8Array, at: number, room: number): number;
  /** Why nothing more comes, when that is not the end of the input. */
  readonly failure: ByteFailure | null;
  /** Octets of the file or pipe taken so far, compressed ones where they are. */
  readonly bytesTaken: number;
  /** Gives everything back. Idempotent. */
  close(): void;
}

/** What ended reading too early. `text` is for the user, without the input's name and place. */
export interface ByteFailure {
  kind: 'system' | 'truncated' | 'damaged' | 'unsupported';
  text: string;
}

/** How long to sleep when a pipe opened without blocking has nothing yet, milliseconds. */
const EMPTY_PIPE_WAIT_MS = 2;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** A file or pipe, read from its current position. */
export class DescriptorBytes implements ByteSource {
  readonly descriptor: number;
  /** Whether it is closed at the end: not when it is standard input. */
  readonly owned: boolean;
  failure: ByteFailure | null = null;
  bytesTaken = 0;
  #closed = false;

  constructor(descriptor: number, owned: boolean) {
    this.descriptor = descriptor;
    this.owned = owned;
  }

  read(into: Uint8Array, at: number, room: number): number {
    for (;;) {
      try {
        const count = readSync(this.descriptor, into, at, room, null);
        this.bytesTaken += count;
        return count;
      } catch (cause) {
        const code = systemCode(cause);
        if (code === 'EAGAIN') {
          Atomics.wait(sleeper, 0, 0, EMPTY_PIPE_WAIT_MS);
        } else if (code === 'EOF') {
          return 0; // how Windows tells the end of a pipe
        } else if (code !== 'EINTR') {
          this.failure = { kind: 'system', text: code };
          return 0;
        }
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.owned) closeSync(this.descriptor);
  }
}
