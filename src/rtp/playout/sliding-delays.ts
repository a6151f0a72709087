/**
 * The newest 500 relative delays of each stream, with their 3 % from either end at hand: a ring of bucket numbers, a
 * count per bucket and a pointer to where each rank lies, which moves a step or two per packet.
 */
import type { ColumnMemory } from '../column-memory.ts';

/** How many delays are remembered (standards 6, JB2). */
export const HISTORY = 500;
const RING_STRIDE = 512;
/** Buckets of 0.5 ms below 80 ms, of 4 ms below 400 ms, of 16 ms above. */
const BUCKETS = 320;
const FINE_MS = 80;
const FINE_BUCKETS = 160;
const MIDDLE_MS = 400;
const MIDDLE_BUCKETS = 240;
/** Origins lie on this grid, so that a moved value lands where a new one would. */
const GRID_MS = 16;
/** Room under the first delay. */
const SLACK_MS = 16;
/** Clocks drift: the origin follows, once per round of the ring at most, when the low rank lies above this bucket. */
const FOLLOW_BUCKET = 112;
/** Rank from either end: floor(0.03 n), at most 19. */
const SHARE = 0.03;
const RANK_MAX = 19;
const RANK_FULL = Math.min(RANK_MAX, (HISTORY * SHARE) | 0);

// Doubles and integers of one stream.
const DOUBLES = 1;
const ORIGIN_MS = 0;
const INTEGERS = 8;
const COUNT = 0;
const NEXT = 1;
/** Bucket that holds the wanted rank from below, and how many delays lie in buckets below it; the same from above. */
const LOW_AT = 2;
const BELOW = 3;
const HIGH_AT = 4;
const ABOVE = 5;

function bucketOf(ms: number): number {
  if (ms < FINE_MS) return ms < 0 ? 0 : (ms * 2) | 0;
  if (ms < MIDDLE_MS) return FINE_BUCKETS + (((ms - FINE_MS) * 0.25) | 0);
  const bucket = MIDDLE_BUCKETS + (((ms - MIDDLE_MS) * 0.0625) | 0);
  return bucket >= BUCKETS || ms > 1e7 ? BUCKETS - 1 : bucket;
}

/** The middle of a bucket, ms above the origin. */
function middleOf(bucket: number): number {
  if (bucket < FINE_BUCKETS) return bucket * 0.5 + 0.25;
  if (bucket < MIDDLE_BUCKETS) return FINE_MS + (bucket - FINE_BUCKETS) * 4 + 2;
  return MIDDLE_MS + (bucket - MIDDLE_BUCKETS) * 16 + 8;
}

/** The histories of all streams. */
export class SlidingDelays {
  private readonly doubles: Float64Array;
  private readonly integers: Int32Array;
  private readonly ring: Uint16Array;
  private readonly counts: Uint16Array;

  constructor(capacity: number, memory: ColumnMemory) {
    this.doubles = new Float64Array(memory(capacity * DOUBLES * 8));
    this.integers = new Int32Array(memory(capacity * INTEGERS * 4));
    this.ring = new Uint16Array(memory(capacity * RING_STRIDE * 2));
    this.counts = new Uint16Array(memory(capacity * BUCKETS * 2));
  }

  /** Forgets everything. */
  reset(slot: number): void {
    this.doubles.fill(0, slot * DOUBLES, (slot + 1) * DOUBLES);
    this.integers.fill(0, slot * INTEGERS, (slot + 1) * INTEGERS);
    this.counts.fill(0, slot * BUCKETS, (slot + 1) * BUCKETS);
  }

  /**
   * Adds `delays[from]` to `delays[to - 1]`; the oldest give way when the history is full. What the two ranks were
   * after each stands in `lows` and `highs` then.
   */
  add(
    slot: number,
    delays: Float64Array,
    from: number,
    to: number,
    lows: Float64Array,
    highs: Float64Array,
  ): void {
    const { ring, counts, integers: n } = this;
    const base = slot * INTEGERS;
    const ringBase = slot * RING_STRIDE;
    const countBase = slot * BUCKETS;
    if (n[base + COUNT] === 0) this.start(slot, delays[from]!);
    let origin = this.doubles[slot * DOUBLES + ORIGIN_MS]!;
    let held = n[base + COUNT]!;
    let next = n[base + NEXT]!;
    let low = n[base + LOW_AT]!;
    let below = n[base + BELOW]!;
    let high = n[base + HIGH_AT]!;
    let above = n[base + ABOVE]!;
    for (let k = from; k < to; k++) {
      const above0 = delays[k]! - origin;
      if (above0 < 0 || (next === 0 && low > FOLLOW_BUCKET)) {
        this.store(slot, held, next, low, below, high, above);
        const lowest = above0 < 0 ? delays[k]! : origin + middleOf(low);
        this.moveOrigin(slot, Math.floor((lowest - SLACK_MS) / GRID_MS) * GRID_MS);
        origin = this.doubles[slot * DOUBLES + ORIGIN_MS]!;
        low = n[base + LOW_AT]!;
        below = n[base + BELOW]!;
        high = n[base + HIGH_AT]!;
        above = n[base + ABOVE]!;
      }
      const bucket = bucketOf(delays[k]! - origin);
      const oldest = held === HISTORY ? ring[ringBase + next]! : -1;
      ring[ringBase + next] = bucket;
      next = next + 1 === HISTORY ? 0 : next + 1;
      if (bucket !== oldest) {
        if (oldest < 0) held++;
        else {
          counts[countBase + oldest] = counts[countBase + oldest]! - 1;
          if (oldest < low) below--;
          if (oldest > high) above--;
        }
        counts[countBase + bucket] = counts[countBase + bucket]! + 1;
        if (bucket < low) below++;
        if (bucket > high) above++;
        const rank = held === HISTORY ? RANK_FULL : Math.min(RANK_MAX, (held * SHARE) | 0);
        while (below > rank) below -= counts[countBase + --low]!;
        while (below + counts[countBase + low]! <= rank) below += counts[countBase + low++]!;
        while (above > rank) above -= counts[countBase + ++high]!;
        while (above + counts[countBase + high]! <= rank) above += counts[countBase + high--]!;
      }
      lows[k] = origin + middleOf(low);
      highs[k] = origin + middleOf(high);
    }
    this.store(slot, held, next, low, below, high, above);
  }

  /** Takes `byMs` off all delays remembered. A multiple of the grid leaves every one in its bucket. */
  shift(slot: number, byMs: number): void {
    const at = slot * DOUBLES + ORIGIN_MS;
    this.doubles[at] = this.doubles[at]! - byMs;
  }

  private start(slot: number, delayMs: number): void {
    const n = this.integers;
    const base = slot * INTEGERS;
    this.doubles[slot * DOUBLES + ORIGIN_MS] = Math.floor((delayMs - SLACK_MS) / GRID_MS) * GRID_MS;
    n[base + LOW_AT] = 0;
    n[base + BELOW] = 0;
    n[base + HIGH_AT] = BUCKETS - 1;
    n[base + ABOVE] = 0;
  }

  private store(
    slot: number,
    held: number,
    next: number,
    low: number,
    below: number,
    high: number,
    above: number,
  ): void {
    const n = this.integers;
    const base = slot * INTEGERS;
    n[base + COUNT] = held;
    n[base + NEXT] = next;
    n[base + LOW_AT] = low;
    n[base + BELOW] = below;
    n[base + HIGH_AT] = high;
    n[base + ABOVE] = above;
  }

  /** Gives all delays the bucket they have above another origin; what would lie below it counts as the least. */
  private moveOrigin(slot: number, originMs: number): void {
    const n = this.integers;
    const base = slot * INTEGERS;
    const shift = this.doubles[slot * DOUBLES + ORIGIN_MS]! - originMs;
    const countBase = slot * BUCKETS;
    this.counts.fill(0, countBase, countBase + BUCKETS);
    for (let i = 0; i < n[base + COUNT]!; i++) {
      const at = slot * RING_STRIDE + i;
      const bucket = bucketOf(middleOf(this.ring[at]!) + shift);
      this.ring[at] = bucket;
      this.counts[countBase + bucket] = this.counts[countBase + bucket]! + 1;
    }
    this.doubles[slot * DOUBLES + ORIGIN_MS] = originMs;
    this.findRanks(slot);
  }

  /** Finds both pointers anew. */
  private findRanks(slot: number): void {
    const { counts, integers: n } = this;
    const base = slot * INTEGERS;
    const countBase = slot * BUCKETS;
    const held = n[base + COUNT]!;
    const rank = Math.min(RANK_MAX, (held * SHARE) | 0);
    let low = 0;
    let below = 0;
    while (below + counts[countBase + low]! <= rank) below += counts[countBase + low++]!;
    let high = BUCKETS - 1;
    let above = 0;
    while (above + counts[countBase + high]! <= rank) above += counts[countBase + high--]!;
    this.store(slot, held, n[base + NEXT]!, low, below, high, above);
  }
}
