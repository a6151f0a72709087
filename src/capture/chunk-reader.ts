import { BYTES_LATER, type ByteFailure, type ByteSource } from './byte-source.ts';

/**
 * Default size of one read. Small enough that a chunk is still in the processor's second cache when its packets are
 * looked at, beside the state of the streams; large enough that the system calls do not show.
 */
export const DEFAULT_CHUNK_BYTES = 128 << 10;

/** Smallest buffer worth allocating. */
const MIN_BUFFER_BYTES = 64;

/**
 * Reads an input through one reused buffer. Parsers work on `bytes`/`view` between `start` and `end`, move `start`
 * over what they took, and ask for more with `fill`. The part not yet taken moves to the front then, so what a batch
 * points at is intact until the next `fill`.
 */
export class ChunkReader {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  /** First byte not yet taken. */
  start = 0;
  /** One past the last valid byte. */
  end = 0;
  /** Where `bytes[0]` lies in the (uncompressed) input. */
  base = 0;
  /** The last `fill` found nothing, and more may come. */
  isWaiting = false;
  #source: ByteSource;
  readonly #chunkBytes: number;
  #ended = false;
  #closed = false;

  /**
   * @param source what is read, closed with the reader
   * @param chunkBytes most bytes that one read asks for
   * @param sizeBytes size of the input when known: a small file needs no big buffer
   */
  constructor(source: ByteSource, chunkBytes: number, sizeBytes: number | null) {
    this.#source = source;
    this.#chunkBytes = Math.max(1, chunkBytes);
    const expected = sizeBytes === null || sizeBytes === 0 ? this.#chunkBytes : sizeBytes;
    this.bytes = new Uint8Array(Math.max(MIN_BUFFER_BYTES, Math.min(this.#chunkBytes, expected)));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Bytes read and not yet taken. */
  get available(): number {
    return this.end - this.start;
  }

  /** Bytes of the (uncompressed) input read so far. */
  get bytesRead(): number {
    return this.base + this.end;
  }

  /** Bytes taken from the file or pipe itself so far. */
  get bytesTaken(): number {
    return this.#source.bytesTaken;
  }

  /** What ended reading too early, if anything did. */
  get failure(): ByteFailure | null {
    return this.#source.failure;
  }

  /** From here on, reads what `decompress` makes of the input; it gets what was read and not yet taken. */
  unpack(decompress: (packed: ByteSource, first: Uint8Array) => ByteSource): void {
    this.#source = decompress(this.#source, this.bytes.slice(this.start, this.end));
    this.bytes = new Uint8Array(Math.max(MIN_BUFFER_BYTES, this.#chunkBytes));
    this.view = new DataView(this.bytes.buffer);
    this.start = 0;
    this.end = 0;
    this.base = 0;
    this.#ended = false;
  }

  /**
   * Reads once. Returns false when there is nothing more (end of input, closed, `failure`, or `isWaiting`). Afterwards the
   * buffer has room for at least `needed` bytes from `start`, though not necessarily the bytes.
   *
   * `needed` must be bounded by the caller: the buffer grows to it.
   */
  fill(needed: number): boolean {
    if (this.#ended || this.#closed) return false;
    this.#makeRoom(needed);
    const room = Math.min(this.#chunkBytes, this.bytes.length - this.end);
    const count = this.#source.read(this.bytes, this.end, room);
    this.isWaiting = count === BYTES_LATER;
    if (this.isWaiting) return false;
    if (count === 0) {
      this.#ended = true;
      return false;
    }
    this.end += count;
    return true;
  }

  /** Takes up to `count` bytes away unseen. Returns how many there were. */
  discard(count: number): number {
    const taken = Math.min(count, this.available);
    this.start += taken;
    return taken;
  }

  /** Gives the input back. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
  }

  /** Moves the rest to the front and grows the buffer when `needed` bytes do not fit. */
  #makeRoom(needed: number): void {
    const rest = this.available;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    } else if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.base += this.start;
    this.start = 0;
    this.end = rest;
  }
}
