import { BYTES_LATER, type ByteFailure, type ByteSource } from '../byte-source.ts';

const NONE = new Uint8Array(0);

/**
 * Octets that are pushed by whoever receives them, for a reader that pulls and does not wait. One chunk at a time: it
 * is read to its end before the next one is pushed, so nothing queues up here.
 */
export class PushedBytes implements ByteSource {
  failure: ByteFailure | null = null;
  bytesTaken = 0;
  #chunk: Uint8Array = NONE;
  #at = 0;
  #ended = false;

  /** Offers a chunk; it belongs to the caller again when all of it was read. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Octets pushed and not read yet. */
  get waiting(): number {
    return this.#chunk.length - this.#at;
  }

  /** No more will come. */
  end(failure: ByteFailure | null = null): void {
    this.#ended = true;
    this.failure = failure;
  }

  read(into: Uint8Array, at: number, room: number): number {
    const count = Math.min(room, this.waiting);
    if (count === 0) return this.#ended ? 0 : BYTES_LATER;
    into.set(this.#chunk.subarray(this.#at, this.#at + count), at);
    this.#at += count;
    this.bytesTaken += count;
    return count;
  }

  close(): void {
    this.#ended = true;
    this.#chunk = NONE;
    this.#at = 0;
  }
}
