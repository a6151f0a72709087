import { hashKey, KeyIndex } from './key-index.ts';

/** Streams that one endpoint vouches for. Ringing, transfer and music on hold need a few; more is a flood. */
export const VOUCHED_STREAMS_MAX = 64;

/**
 * The transport addresses that signalling announced for media, with a count of who announced them. Asked once per
 * packet that belongs to no known stream, so it must be as cheap as the stream index itself.
 */
export class EndpointSet {
  /** Endpoints refused because the set was full. */
  refused = 0;
  /** Packets that an endpoint did not vouch for any more. */
  unvouched = 0;
  private readonly keys: KeyIndex;
  private readonly uses: Int32Array;
  private readonly vouched: Uint8Array;
  private readonly free: Int32Array;
  private freeCount: number;
  /** The endpoint asked for, in the shape of a key whose other end is empty. */
  private readonly asked = { src0: 0, src1: 0, src2: 0, src3: 0, dst0: 0, dst1: 0, dst2: 0, dst3: 0 };

  constructor(capacity: number) {
    this.keys = new KeyIndex(capacity);
    this.uses = new Int32Array(capacity);
    this.vouched = new Uint8Array(capacity);
    this.free = new Int32Array(capacity);
    for (let i = 0; i < capacity; i++) this.free[i] = i;
    this.freeCount = capacity;
  }

  /**
   * Is this address and port announced for media, so that a new stream needs no further proof? Said of so many streams
   * only: whoever sends from ever new sources to a known port must not fill the stream table with single packets.
   */
  vouches(w0: number, w1: number, w2: number, w3: number, port: number): boolean {
    if (this.freeCount === this.free.length) return false;
    this.ask(w0, w1, w2, w3);
    const at = this.keys.find(this.asked, port, 0, hashKey(this.asked, port, 0));
    if (at < 0) return false;
    if (this.vouched[at]! >= VOUCHED_STREAMS_MAX) {
      this.unvouched++;
      return false;
    }
    this.vouched[at] = this.vouched[at]! + 1;
    return true;
  }

  get isEmpty(): boolean {
    return this.freeCount === this.free.length;
  }

  /** Is this address and port in the set? */
  has(w0: number, w1: number, w2: number, w3: number, port: number): boolean {
    if (this.freeCount === this.free.length) return false;
    this.ask(w0, w1, w2, w3);
    return this.keys.find(this.asked, port, 0, hashKey(this.asked, port, 0)) >= 0;
  }

  /** Announces an endpoint once more. @returns whether there was room: only then it is to be removed again */
  add(words: Int32Array, port: number): boolean {
    this.ask(words[0]!, words[1]!, words[2]!, words[3]!);
    const hash = hashKey(this.asked, port, 0);
    const at = this.keys.find(this.asked, port, 0, hash);
    if (at >= 0) {
      this.uses[at] = this.uses[at]! + 1;
      return true;
    }
    const slot = this.freeCount === 0 ? -1 : this.free[this.freeCount - 1]!;
    if (slot < 0 || !this.keys.insert(slot, this.asked, port, 0, hash)) {
      this.refused++;
      return false;
    }
    this.freeCount--;
    this.uses[slot] = 1;
    this.vouched[slot] = 0;
    return true;
  }

  /** Takes back one announcement that was entered. */
  remove(words: Int32Array, port: number): void {
    this.ask(words[0]!, words[1]!, words[2]!, words[3]!);
    const at = this.keys.find(this.asked, port, 0, hashKey(this.asked, port, 0));
    if (at < 0) return;
    this.uses[at] = this.uses[at]! - 1;
    if (this.uses[at] === 0) {
      this.keys.remove(at);
      this.free[this.freeCount++] = at;
    }
  }

  private ask(w0: number, w1: number, w2: number, w3: number): void {
    this.asked.src0 = w0;
    this.asked.src1 = w1;
    this.asked.src2 = w2;
    this.asked.src3 = w3;
  }
}
