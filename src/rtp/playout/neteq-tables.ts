/** The histograms of the NetEQ-like buffer (standards 6, JB3): 100 buckets of 20 ms, exponentially forgotten. */
import type { ColumnMemory } from '../column-memory.ts';
import { SLACK_MS } from './slack.ts';

export const BUCKET_MS = 20;
export const BUCKETS = 100;
const STRIDE = 112;
/** What the stored shares are to be multiplied by: forgetting changes this one number instead of all. */
const SCALE = BUCKETS;
const SCALE_LEAST = 1e-25;
const QUANTILE_TAIL = 0.05;
const FORGET_MAX = 0.983;
const REORDER_FORGET_MAX = 0.9993;
/** What one per cent of loss is worth in delay, ms. */
const MS_PER_LOSS_PERCENT = 20;

/** The tables of all streams. */
export class NetEqTables {
  private readonly values: Float32Array;
  /** Histograms of reordered packets, for streams that have any; their number of updates at the end. */
  private readonly reorder = new Map<number, Float64Array>();

  constructor(capacity: number, memory: ColumnMemory) {
    this.values = new Float32Array(memory(capacity * STRIDE * 4));
  }

  /** As before the first packet: empty. The first update forgets all there is, so that shares need no beginning. */
  reset(slot: number): void {
    this.values.fill(0, slot * STRIDE, (slot + 1) * STRIDE);
    if (this.reorder.size > 0) this.reorder.delete(slot);
  }

  /**
   * Takes the greatest lateness of half a second.
   * @param updates how many there were before
   * @returns the target delay, ms: the first bucket bound that leaves 5 % above it
   */
  update(slot: number, latenessMs: number, updates: number): number {
    const h = this.values;
    const base = slot * STRIDE;
    // Beyond the last bucket is ignored: the histogram stays as it was.
    if (latenessMs + SLACK_MS < BUCKETS * BUCKET_MS) {
      const forget = Math.min(FORGET_MAX, 1 - 2 / (updates + 1));
      if (forget <= 0) this.forgetAll(base);
      else h[base + SCALE] = h[base + SCALE]! * forget;
      if (h[base + SCALE]! < SCALE_LEAST) this.rescale(base);
      const at = base + (((latenessMs + SLACK_MS) / BUCKET_MS) | 0);
      h[at] = h[at]! + (1 - Math.max(0, forget)) / h[base + SCALE]!;
    }
    const scale = h[base + SCALE]!;
    let tail = 1;
    for (let i = 0; i < BUCKETS; i++) {
      tail -= h[base + i]! * scale;
      if (tail <= QUANTILE_TAIL) return BUCKET_MS * (i + 1);
    }
    return BUCKET_MS * BUCKETS;
  }

  private forgetAll(base: number): void {
    this.values.fill(0, base, base + BUCKETS);
    this.values[base + SCALE] = 1;
  }

  private rescale(base: number): void {
    const scale = this.values[base + SCALE]!;
    for (let i = 0; i < BUCKETS; i++) this.values[base + i] = this.values[base + i]! * scale;
    this.values[base + SCALE] = 1;
  }

  /** Takes the lateness of a reordered packet. Returns the target delay at which delay and loss cost least, ms. */
  updateReordered(slot: number, latenessMs: number, targetMs: number): number {
    let h = this.reorder.get(slot);
    if (h === undefined) {
      h = new Float64Array(BUCKETS + 1);
      this.reorder.set(slot, h);
    }
    const updates = h[BUCKETS]!;
    const forget = Math.max(0, Math.min(REORDER_FORGET_MAX, 1 - 2 / (updates + 1)));
    for (let i = 0; i < BUCKETS; i++) h[i] = h[i]! * forget;
    const bucket = Math.min(BUCKETS - 1, (latenessMs / BUCKET_MS) | 0);
    h[bucket] = h[bucket]! + 1 - forget;
    h[BUCKETS] = updates + 1;
    let tail = 1;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < BUCKETS; i++) {
      tail -= h[i]!;
      const cost = Math.max(0, BUCKET_MS * i - targetMs) + MS_PER_LOSS_PERCENT * 100 * Math.max(0, tail);
      if (cost < least) {
        least = cost;
        best = i;
      }
    }
    return BUCKET_MS * (best + 1);
  }
}
