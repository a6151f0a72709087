import { MAPPED_PREFIX_WORD } from '../packet/view.ts';

/** The addresses of a key: a packet view has them. */
export interface KeyAddresses {
  readonly src0: number;
  readonly src1: number;
  readonly src2: number;
  readonly src3: number;
  readonly dst0: number;
  readonly dst1: number;
  readonly dst2: number;
  readonly dst3: number;
}

/** Words of one key: source address (4), destination address (4), both ports, SSRC. */
export const KEY_WORDS = 10;
/**
 * One cache line. The words after the key belong to the index's owner: whoever finds a key has just fetched them.
 */
export const ROW_WORDS = 16;

/** Heads to begin with; they double with the number of keys, so that few streams stay within a fast cache. */
const FIRST_SIZE = 1024;

/** Longer probe chains than this mean a crafted set of keys: the newcomer is refused rather than slowing everyone. */
const PROBES_MAX = 128;

/**
 * Finds a slot number by (source, destination, SSRC) without allocating: open addressing with linear probing over
 * an Int32Array, never more than half full, deletion by backward shift. Slots are numbered 0..capacity-1 and are
 * chosen by the caller.
 */
export class KeyIndex {
  readonly capacity: number;
  /** `ROW_WORDS` per slot: the key, then the owner's words. */
  readonly rows: Int32Array;
  private mask = FIRST_SIZE - 1;
  /** Pairs: the slot plus one (0 when empty), and its hash, so that only rows that match are looked at. */
  private heads = new Int32Array(FIRST_SIZE * 2);
  private entries = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.rows = new Int32Array(capacity * ROW_WORDS);
  }

  /** The slot of a packet's key, or -1. `ports` is `source << 16 | destination`. */
  find(view: KeyAddresses, ports: number, ssrc: number, hash: number): number {
    const heads = this.heads;
    const rows = this.rows;
    const mask = this.mask;
    let at = hash & mask;
    for (let probes = 0; probes < PROBES_MAX; probes++) {
      const slot = heads[at * 2]! - 1;
      if (slot < 0) return -1;
      const row = slot * ROW_WORDS;
      if (
        heads[at * 2 + 1] === hash &&
        rows[row + 9] === ssrc &&
        rows[row + 8] === ports &&
        rows[row + 3] === view.src3 &&
        rows[row + 7] === view.dst3 &&
        rows[row + 2] === view.src2 &&
        rows[row + 6] === view.dst2 &&
        rows[row + 1] === view.src1 &&
        rows[row + 5] === view.dst1 &&
        rows[row] === view.src0 &&
        rows[row + 4] === view.dst0
      ) {
        return slot;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  /** As `find`, for IPv4 addresses. */
  findIpv4(src: number, dst: number, ports: number, ssrc: number): number {
    const heads = this.heads;
    const rows = this.rows;
    const mask = this.mask;
    const hash = hashAddresses(src, dst, ports, ssrc);
    let at = hash & mask;
    for (let probes = 0; probes < PROBES_MAX; probes++) {
      const slot = heads[at * 2]! - 1;
      if (slot < 0) return -1;
      const row = slot * ROW_WORDS;
      if (
        heads[at * 2 + 1] === hash &&
        rows[row + 9] === ssrc &&
        rows[row + 8] === ports &&
        rows[row + 3] === src &&
        rows[row + 7] === dst &&
        rows[row + 2] === MAPPED_PREFIX_WORD &&
        rows[row + 6] === MAPPED_PREFIX_WORD &&
        (rows[row]! | rows[row + 1]! | rows[row + 4]! | rows[row + 5]!) === 0
      ) {
        return slot;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  /** Enters a key for `slot`, which must be free. Returns false when its neighbourhood is too crowded. */
  insert(slot: number, view: KeyAddresses, ports: number, ssrc: number, hash: number): boolean {
    if (this.entries * 4 >= this.heads.length) this.grow();
    const heads = this.heads;
    let at = hash & this.mask;
    let probes = 0;
    while (heads[at * 2] !== 0) {
      if (++probes >= PROBES_MAX) return false;
      at = (at + 1) & this.mask;
    }
    heads[at * 2] = slot + 1;
    heads[at * 2 + 1] = hash;
    this.entries++;
    const rows = this.rows;
    const row = slot * ROW_WORDS;
    rows[row] = view.src0;
    rows[row + 1] = view.src1;
    rows[row + 2] = view.src2;
    rows[row + 3] = view.src3;
    rows[row + 4] = view.dst0;
    rows[row + 5] = view.dst1;
    rows[row + 6] = view.dst2;
    rows[row + 7] = view.dst3;
    rows[row + 8] = ports;
    rows[row + 9] = ssrc;
    return true;
  }

  /** One word of a slot's key, in the order of `KEY_WORDS`. */
  word(slot: number, index: number): number {
    return this.rows[slot * ROW_WORDS + index]!;
  }

  /** Takes a slot's key out again. */
  remove(slot: number): void {
    const heads = this.heads;
    const mask = this.mask;
    let at = this.hashOf(slot) & mask;
    while (heads[at * 2] !== slot + 1) {
      if (heads[at * 2] === 0) return;
      at = (at + 1) & mask;
    }
    // Close the hole: move back every entry that could not be found across it (Knuth 6.4, algorithm R).
    let hole = at;
    let next = at;
    for (;;) {
      next = (next + 1) & mask;
      if (heads[next * 2] === 0) break;
      const home = heads[next * 2 + 1]! & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        heads[hole * 2] = heads[next * 2]!;
        heads[hole * 2 + 1] = heads[next * 2 + 1]!;
        hole = next;
      }
    }
    heads[hole * 2] = 0;
    this.entries--;
  }

  /** Computes the hash of a slot's key anew. */
  private hashOf(slot: number): number {
    const word = (index: number): number => this.word(slot, index);
    const key = {
      src0: word(0),
      src1: word(1),
      src2: word(2),
      src3: word(3),
      dst0: word(4),
      dst1: word(5),
      dst2: word(6),
      dst3: word(7),
    };
    return hashKey(key, word(8), word(9));
  }

  /** Twice the heads, and every key in its new place. */
  private grow(): void {
    const old = this.heads;
    const heads = new Int32Array(old.length * 2);
    this.mask = heads.length / 2 - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      let at = old[from + 1]! & this.mask;
      while (heads[at * 2] !== 0) at = (at + 1) & this.mask;
      heads[at * 2] = old[from]!;
      heads[at * 2 + 1] = old[from + 1]!;
    }
    this.heads = heads;
  }
}

/**
 * Mixes a stream's key into 32 bits (multiply and xor-shift rounds as in MurmurHash3's finaliser). The upper words
 * of the addresses, zero or the same for all of IPv4, take part in one step.
 */
export function hashKey(view: KeyAddresses, ports: number, ssrc: number): number {
  const hash = hashAddresses(view.src3, view.dst3, ports, ssrc);
  const upper = view.src0 ^ view.src1 ^ view.dst0 ^ view.dst1;
  if (upper === 0) return hash;
  const spread = Math.imul(view.src1 ^ Math.imul(view.src0, 0x165667b1), 0x9e3779b1);
  return Math.imul(
    hash ^ spread ^ Math.imul(view.dst1 ^ Math.imul(view.dst0, 0x165667b1), 0x85ebca6b),
    0xc2b2ae35,
  );
}

/** The hash of an IPv4 key, the same as `hashKey` makes: from both addresses, ports and SSRC. */
export function hashAddresses(src: number, dst: number, ports: number, ssrc: number): number {
  let h = Math.imul(ssrc ^ Math.imul(ports, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h ^ src ^ Math.imul(dst, 0x27d4eb2f), 0xc2b2ae35);
  return h ^ (h >>> 13);
}
