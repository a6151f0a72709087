/** Words of one key: source address (4), destination address (4), both ports, SSRC. */
export const KEY_WORDS = 10;
/** One cache line. */
const ROW_WORDS = 16;
const HASH_WORD = 10;

/** Longer probe chains than this mean a crafted set of keys: the newcomer is refused rather than slowing everyone. */
const PROBES_MAX = 128;

/**
 * Finds a slot number by (source, destination, SSRC) without allocating: open addressing with linear probing over
 * an Int32Array, never more than half full, deletion by backward shift. Slots are numbered 0..capacity-1 and are
 * chosen by the caller.
 */
export class KeyIndex {
  readonly capacity: number;
  private readonly mask: number;
  private readonly heads: Int32Array;
  private readonly rows: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.mask = size - 1;
    this.heads = new Int32Array(size);
    this.rows = new Int32Array(capacity * ROW_WORDS);
  }

  /** The slot of a key, or -1. `ports` is `source << 16 | destination`. */
  find(
    s0: number,
    s1: number,
    s2: number,
    s3: number,
    d0: number,
    d1: number,
    d2: number,
    d3: number,
    ports: number,
    ssrc: number,
    hash: number,
  ): number {
    const heads = this.heads;
    const rows = this.rows;
    const mask = this.mask;
    let at = hash & mask;
    for (let probes = 0; probes < PROBES_MAX; probes++) {
      const slot = heads[at]! - 1;
      if (slot < 0) return -1;
      const row = slot * ROW_WORDS;
      if (
        rows[row + HASH_WORD] === hash &&
        rows[row + 9] === ssrc &&
        rows[row + 8] === ports &&
        rows[row + 3] === s3 &&
        rows[row + 7] === d3 &&
        rows[row + 2] === s2 &&
        rows[row + 6] === d2 &&
        rows[row + 1] === s1 &&
        rows[row + 5] === d1 &&
        rows[row] === s0 &&
        rows[row + 4] === d0
      ) {
        return slot;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  /** Enters a key for `slot`, which must be free. Returns false when its neighbourhood is too crowded. */
  insert(
    slot: number,
    s0: number,
    s1: number,
    s2: number,
    s3: number,
    d0: number,
    d1: number,
    d2: number,
    d3: number,
    ports: number,
    ssrc: number,
    hash: number,
  ): boolean {
    const heads = this.heads;
    let at = hash & this.mask;
    let probes = 0;
    while (heads[at] !== 0) {
      if (++probes >= PROBES_MAX) return false;
      at = (at + 1) & this.mask;
    }
    heads[at] = slot + 1;
    const rows = this.rows;
    const row = slot * ROW_WORDS;
    rows[row] = s0;
    rows[row + 1] = s1;
    rows[row + 2] = s2;
    rows[row + 3] = s3;
    rows[row + 4] = d0;
    rows[row + 5] = d1;
    rows[row + 6] = d2;
    rows[row + 7] = d3;
    rows[row + 8] = ports;
    rows[row + 9] = ssrc;
    rows[row + HASH_WORD] = hash;
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
    let at = this.rows[slot * ROW_WORDS + HASH_WORD]! & mask;
    while (heads[at] !== slot + 1) {
      if (heads[at] === 0) return;
      at = (at + 1) & mask;
    }
    // Close the hole: move back every entry that could not be found across it (Knuth 6.4, algorithm R).
    let hole = at;
    let next = at;
    for (;;) {
      next = (next + 1) & mask;
      const entry = heads[next]!;
      if (entry === 0) break;
      const home = this.rows[(entry - 1) * ROW_WORDS + HASH_WORD]! & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        heads[hole] = entry;
        hole = next;
      }
    }
    heads[hole] = 0;
  }
}

/** Mixes a stream's key into 32 bits (multiply and xor-shift rounds as in MurmurHash3's finaliser). */
export function hashKey(
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  d0: number,
  d1: number,
  d2: number,
  d3: number,
  ports: number,
  ssrc: number,
): number {
  let h = Math.imul(ssrc ^ Math.imul(ports, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 15;
  h = Math.imul(h ^ s3 ^ Math.imul(d3, 0x27d4eb2f), 0xc2b2ae35);
  h ^= h >>> 13;
  h = Math.imul(
    h ^ s2 ^ Math.imul(d2, 0x165667b1) ^ Math.imul(s1 ^ Math.imul(d1, 0x9e3779b1), 0x85ebca6b),
    0x85ebca6b,
  );
  h ^= h >>> 16;
  h = Math.imul(h ^ s0 ^ Math.imul(d0, 0x27d4eb2f), 0xc2b2ae35);
  return h ^ (h >>> 15);
}
