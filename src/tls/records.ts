import { ByteQueue } from '../packet/byte-queue.ts';

export const CHANGE_CIPHER_SPEC = 20;
export const ALERT = 21;
export const HANDSHAKE = 22;
export const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

/** Type 1, version 2, length 2 (RFC 8446 5.1). */
export const RECORD_HEADER = 5;
/** RFC 5246 6.2.3; TLS 1.3 allows less. */
const RECORD_MAX = 16_384 + 2048;

/** Whether a record header can stand at `at`; nothing is read beyond `end`. */
function isHeader(bytes: Uint8Array, at: number, end: number): boolean {
  const type = bytes[at]!;
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT) return false;
  if (end - at > 1 && bytes[at + 1] !== 3) return false;
  if (end - at > 2 && bytes[at + 2]! > 4) return false;
  if (end - at < RECORD_HEADER) return true;
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  return length > 0 && length <= RECORD_MAX;
}

/** Whether a segment begins with a record, as far as its first octets show. */
export function beginsWithRecord(bytes: Uint8Array, offset: number, length: number): boolean {
  return length >= RECORD_HEADER && isHeader(bytes, offset, offset + length);
}

/** Where the random of a ClientHello lies that a segment begins with; -1 when it does not begin with one. */
export function clientHelloRandom(bytes: Uint8Array, offset: number, length: number): number {
  // Record header 5, handshake type 1 and length 3, version 2, random 32.
  if (length < 43 || bytes[offset] !== HANDSHAKE || bytes[offset + 1] !== 3 || bytes[offset + 5] !== 1)
    return -1;
  return isHeader(bytes, offset, offset + length) && bytes[offset + 9] === 3 ? offset + 11 : -1;
}

/** Cuts one direction of a connection into TLS records, from any place in it. */
export class RecordReader {
  /** Whether the start of a record is being searched for: then what `next` finds has to be confirmed. */
  searching = false;
  /** Whether the bytes are no records, and never were. */
  foreign = false;
  /** Whether there was a record. */
  seen = false;
  readonly #queue = new ByteQueue();

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#queue.allocated;
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    if (!this.foreign) this.#queue.append(bytes, offset, length);
  }

  /** Bytes were lost here. */
  gap(): void {
    this.#queue.free();
    this.searching = true;
  }

  /**
   * The next complete record, header included, or null until more bytes come; to be followed by `take` or `refuse`.
   * A view, valid until then.
   */
  next(): Uint8Array | null {
    const queue = this.#queue;
    while (queue.length > 0 && !this.foreign) {
      if (!isHeader(queue.bytes, queue.start, queue.end)) {
        if (!this.seen && !this.searching) {
          this.foreign = true;
          break;
        }
        this.searching = true;
        queue.take(1);
        continue;
      }
      if (queue.length < RECORD_HEADER) return null;
      const length = RECORD_HEADER + ((queue.bytes[queue.start + 3]! << 8) | queue.bytes[queue.start + 4]!);
      if (queue.length < length) {
        queue.trim();
        return null;
      }
      return queue.bytes.subarray(queue.start, queue.start + length);
    }
    queue.free();
    return null;
  }

  /** The record was one. */
  take(record: Uint8Array): void {
    // The reader may have been emptied in between.
    this.#queue.take(Math.min(record.length, this.#queue.length));
    this.seen = true;
    this.searching = false;
  }

  /** It only looked like one: the search goes on behind its first octet. */
  refuse(): void {
    this.#queue.take(Math.min(1, this.#queue.length));
  }
}
