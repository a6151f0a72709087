/**
 * Which slot belongs to a flow direction, and which was used longest ago. A fixed number of slots: looking a
 * flow up allocates nothing, and a flood of flows costs no memory.
 */

/** 128-bit source, 128-bit destination, both ports in one word. */
const KEY_WORDS = 9;
const NONE = -1;

function hashKey(src: Int32Array, dst: Int32Array, ports: number, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < 4; i++) {
    hash = Math.imul(hash ^ src[i]!, 0x85eb_ca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash ^ dst[i]!, 0xc2b2_ae35);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ ports, 0x85eb_ca6b);
  return hash ^ (hash >>> 16);
}

/** Slots by flow direction, in order of use. */
export class TcpFlowTable {
  readonly capacity: number;
  #size = 0;
  readonly #seed: number;
  readonly #mask: number;
  readonly #keys: Int32Array;
  readonly #buckets: Int32Array;
  readonly #chain: Int32Array;
  /** Neighbours in the order of use; index `capacity` is the ring's head. */
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #free: Int32Array;

  /** Both numbers are fixed for the table's life; `seed` makes collisions hard to construct. */
  constructor(capacity: number, seed: number) {
    if (!Number.isInteger(capacity) || capacity < 1)
      throw new RangeError(`TCP flow capacity ${capacity} below 1`);
    this.capacity = capacity;
    this.#seed = seed;
    const buckets = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#mask = buckets - 1;
    this.#keys = new Int32Array(capacity * KEY_WORDS);
    this.#buckets = new Int32Array(buckets).fill(NONE);
    this.#chain = new Int32Array(capacity).fill(NONE);
    this.#older = new Int32Array(capacity + 1).fill(capacity);
    this.#newer = new Int32Array(capacity + 1).fill(capacity);
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of a flow direction, or -1. */
  find(src: Int32Array, srcPort: number, dst: Int32Array, dstPort: number): number {
    const ports = (srcPort << 16) | dstPort;
    let slot = this.#buckets[hashKey(src, dst, ports, this.#seed) & this.#mask]!;
    while (slot !== NONE && !this.#matches(slot, src, dst, ports)) slot = this.#chain[slot]!;
    return slot;
  }

  /** A slot for a flow direction that has none, or -1 when all are taken. It counts as the oldest. */
  insert(src: Int32Array, srcPort: number, dst: Int32Array, dstPort: number): number {
    if (this.#size === this.capacity) return NONE;
    const slot = this.#free[this.capacity - 1 - this.#size]!;
    this.#size++;
    const ports = (srcPort << 16) | dstPort;
    const at = slot * KEY_WORDS;
    for (let i = 0; i < 4; i++) {
      this.#keys[at + i] = src[i]!;
      this.#keys[at + 4 + i] = dst[i]!;
    }
    this.#keys[at + 8] = ports;
    const bucket = hashKey(src, dst, ports, this.#seed) & this.#mask;
    this.#chain[slot] = this.#buckets[bucket]!;
    this.#buckets[bucket] = slot;
    this.#link(slot, this.capacity);
    return slot;
  }

  remove(slot: number): void {
    const bucket = this.#bucketOf(slot);
    let at = this.#buckets[bucket]!;
    if (at === slot) {
      this.#buckets[bucket] = this.#chain[slot]!;
    } else {
      while (this.#chain[at] !== slot) at = this.#chain[at]!;
      this.#chain[at] = this.#chain[slot]!;
    }
    this.#unlink(slot);
    this.#size--;
    this.#free[this.capacity - 1 - this.#size] = slot;
  }

  /** The slot that was used longest ago, or -1. */
  oldest(): number {
    const slot = this.#newer[this.capacity]!;
    return slot === this.capacity ? NONE : slot;
  }

  /** The slot of the same connection's other direction, or -1. */
  reverseOf(slot: number): number {
    const at = slot * KEY_WORDS;
    const src = this.#keys.subarray(at, at + 4);
    const dst = this.#keys.subarray(at + 4, at + 8);
    const ports = this.#keys[at + 8]!;
    return this.find(dst, ports & 0xffff, src, ports >>> 16);
  }

  /** Makes a slot the most recently used. */
  touch(slot: number): void {
    if (this.#older[this.capacity] === slot) return;
    this.#unlink(slot);
    this.#link(slot, this.#older[this.capacity]!);
  }

  /** Makes a slot the next to be evicted. */
  age(slot: number): void {
    if (this.#newer[this.capacity] === slot) return;
    this.#unlink(slot);
    this.#link(slot, this.capacity);
  }

  /** Writes a slot's key: source words 0..3, destination words 4..7, source port 8, destination port 9. */
  copyKey(slot: number, out: Int32Array): void {
    const at = slot * KEY_WORDS;
    for (let i = 0; i < 8; i++) out[i] = this.#keys[at + i]!;
    out[8] = this.#keys[at + 8]! >>> 16;
    out[9] = this.#keys[at + 8]! & 0xffff;
  }

  #matches(slot: number, src: Int32Array, dst: Int32Array, ports: number): boolean {
    const keys = this.#keys;
    const at = slot * KEY_WORDS;
    return (
      keys[at + 8] === ports &&
      keys[at + 3] === src[3] &&
      keys[at + 7] === dst[3] &&
      keys[at + 2] === src[2] &&
      keys[at + 6] === dst[2] &&
      keys[at + 1] === src[1] &&
      keys[at + 5] === dst[1] &&
      keys[at] === src[0] &&
      keys[at + 4] === dst[0]
    );
  }

  #bucketOf(slot: number): number {
    const at = slot * KEY_WORDS;
    const src = this.#keys.subarray(at, at + 4);
    const dst = this.#keys.subarray(at + 4, at + 8);
    return hashKey(src, dst, this.#keys[at + 8]!, this.#seed) & this.#mask;
  }

  /** Puts a slot right after `before` in the order of use. */
  #link(slot: number, before: number): void {
    const after = this.#newer[before]!;
    this.#older[slot] = before;
    this.#newer[slot] = after;
    this.#newer[before] = slot;
    this.#older[after] = slot;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot]!;
    const newer = this.#newer[slot]!;
    this.#newer[older] = newer;
    this.#older[newer] = older;
  }
}
