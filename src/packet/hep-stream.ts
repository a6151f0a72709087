import { ByteQueue } from './byte-queue.ts';
import { beginsWithHep3, HEP_HEADER, hep3Length } from './hep.ts';

const LETTER_H = 0x48;

/** What happened, on all connections that share the counters. */
export interface HepStreamCounters {
  messages: number;
  /** How often the start of a message had to be searched for, other than after a gap. */
  resyncs: number;
}

export function hepStreamCounters(): HepStreamCounters {
  return { messages: 0, resyncs: 0 };
}

/** Cuts one direction of a TCP connection into HEP3 messages by their length. At most one incomplete one is held. */
export class HepStreamFramer {
  readonly counters: HepStreamCounters;
  readonly #queue = new ByteQueue();
  #searching = false;

  constructor(counters: HepStreamCounters = hepStreamCounters()) {
    this.counters = counters;
  }

  /** Bytes of memory held. */
  get allocated(): number {
    return this.#queue.allocated;
  }

  /** Whether the beginning of a message waits for its end. */
  get isWaiting(): boolean {
    return this.#queue.length > 0;
  }

  push(bytes: Uint8Array, offset: number, length: number): void {
    this.#queue.append(bytes, offset, length);
  }

  /** Bytes were lost here: the next message is searched for. */
  gap(): void {
    this.#queue.free();
    this.#searching = true;
  }

  /** Gives all memory back: goes on as after a gap. */
  release(): void {
    this.gap();
  }

  /** The next complete message, a copy of its own; null until more bytes come. */
  next(): Uint8Array | null {
    const queue = this.#queue;
    for (;;) {
      if (queue.length < HEP_HEADER) break;
      if (!beginsWithHep3(queue.bytes, queue.start, queue.length)) {
        this.#skip();
        continue;
      }
      this.#searching = false;
      const length = hep3Length(queue.bytes, queue.start);
      if (queue.length < length) break;
      const message = queue.bytes.slice(queue.start, queue.start + length);
      queue.take(length);
      this.counters.messages++;
      return message;
    }
    queue.trim();
    return null;
  }

  #skip(): void {
    if (!this.#searching) this.counters.resyncs++;
    this.#searching = true;
    const queue = this.#queue;
    const at = queue.bytes.indexOf(LETTER_H, queue.start + 1);
    queue.start = at < 0 || at >= queue.end ? queue.end : at;
  }
}
