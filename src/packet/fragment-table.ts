import { isIpv4 } from './address.ts';
import type { PacketView } from './view.ts';

/** 128-bit source and destination, identification, protocol (IPv4 only), and the tunnels around. */
const KEY_WORDS = 11;
const NONE = -1;

/**
 * Which slot belongs to a datagram that is being put together, and which of them is the oldest. A fixed number of
 * slots in two rings by age: those that wait for fragments, and those that are done and only known for their copies.
 */
export class FragmentTable {
  readonly capacity: number;
  readonly #mask: number;
  readonly #keys: Int32Array;
  readonly #buckets: Int32Array;
  readonly #chain: Int32Array;
  /** Neighbours by age; index `capacity` heads the ring of the waiting, the one after it that of the done. */
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #free: Int32Array;
  #freeCount: number;
  readonly #wanted = new Int32Array(KEY_WORDS);

  constructor(capacity: number) {
    this.capacity = capacity;
    const buckets = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#mask = buckets - 1;
    this.#keys = new Int32Array(capacity * KEY_WORDS);
    this.#buckets = new Int32Array(buckets).fill(NONE);
    this.#chain = new Int32Array(capacity).fill(NONE);
    this.#older = Int32Array.from({ length: capacity + 2 }, (_, i) => i);
    this.#newer = Int32Array.from({ length: capacity + 2 }, (_, i) => i);
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#freeCount = capacity;
  }

  /** Datagrams known, done ones included. */
  get size(): number {
    return this.capacity - this.#freeCount;
  }

  /** The slot of the datagram that the fragment in `view` belongs to, or -1. */
  find(view: PacketView): number {
    this.#readKey(view);
    let slot = this.#buckets[this.#bucket()]!;
    while (slot !== NONE && !this.#matches(slot)) slot = this.#chain[slot]!;
    return slot;
  }

  /** Enters the datagram of the fragment in `view` as the newest of those that wait; -1 when there is no slot. */
  insert(view: PacketView): number {
    if (this.#freeCount === 0) return NONE;
    const slot = this.#free[--this.#freeCount]!;
    this.#readKey(view);
    this.#keys.set(this.#wanted, slot * KEY_WORDS);
    const bucket = this.#bucket();
    this.#chain[slot] = this.#buckets[bucket]!;
    this.#buckets[bucket] = slot;
    this.#link(slot, this.capacity);
    return slot;
  }

  /** A datagram is complete: from now on it stands among the done ones, as the newest. */
  finish(slot: number): void {
    this.#unlink(slot);
    this.#link(slot, this.capacity + 1);
  }

  /** The datagram that has waited longest, or -1. */
  oldestWaiting(): number {
    return this.#oldest(this.capacity);
  }

  /** The datagram that was done first, or -1. */
  oldestDone(): number {
    return this.#oldest(this.capacity + 1);
  }

  remove(slot: number): void {
    const bucket = this.#hash(this.#keys, slot * KEY_WORDS) & this.#mask;
    let at = this.#buckets[bucket]!;
    if (at === slot) {
      this.#buckets[bucket] = this.#chain[slot]!;
    } else {
      while (this.#chain[at] !== slot) at = this.#chain[at]!;
      this.#chain[at] = this.#chain[slot]!;
    }
    this.#unlink(slot);
    this.#free[this.#freeCount++] = slot;
  }

  /** Which datagram a slot is of: source words 0..3, destination words 4..7, identification. Valid while it is known. */
  keyOf(slot: number): Int32Array {
    return this.#keys.subarray(slot * KEY_WORDS, slot * KEY_WORDS + 9);
  }

  #readKey(view: PacketView): void {
    const key = this.#wanted;
    key[0] = view.src0;
    key[1] = view.src1;
    key[2] = view.src2;
    key[3] = view.src3;
    key[4] = view.dst0;
    key[5] = view.dst1;
    key[6] = view.dst2;
    key[7] = view.dst3;
    key[8] = view.fragmentId;
    // RFC 791 3.2 counts the protocol in, RFC 8200 4.5 does not.
    key[9] = isIpv4(view.src0, view.src1, view.src2) ? view.innerType : NONE;
    key[10] = view.path === 0 ? 0 : view.tunnelScope;
  }

  #bucket(): number {
    return this.#hash(this.#wanted, 0) & this.#mask;
  }

  #hash(words: Int32Array, from: number): number {
    let hash = 0;
    for (let i = 0; i < KEY_WORDS; i++) {
      hash = Math.imul(hash ^ words[from + i]!, 0x85eb_ca6b);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #matches(slot: number): boolean {
    const base = slot * KEY_WORDS;
    for (let i = 0; i < KEY_WORDS; i++) if (this.#keys[base + i] !== this.#wanted[i]) return false;
    return true;
  }

  #oldest(ring: number): number {
    const slot = this.#newer[ring]!;
    return slot === ring ? NONE : slot;
  }

  /** Puts a slot at the new end of a ring. */
  #link(slot: number, ring: number): void {
    const last = this.#older[ring]!;
    this.#newer[last] = slot;
    this.#older[slot] = last;
    this.#newer[slot] = ring;
    this.#older[ring] = slot;
  }

  #unlink(slot: number): void {
    this.#newer[this.#older[slot]!] = this.#newer[slot]!;
    this.#older[this.#newer[slot]!] = this.#older[slot]!;
  }
}
