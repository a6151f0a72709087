/**
 * What buffers of other depths would have missed (standards 6, JB0): per interval, the packets that came more than
 * the depth after the fastest one of the interval. No state of a buffer, hence the same for any order of adding up.
 */
import { BUCKETS, delayBucket, delayBucketStart } from './histograms.ts';

/** Depths asked about, ms. */
export const DEPTHS_MS = [20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500] as const;

/**
 * Adds, per depth, the packets of one interval beyond it. The bucket that holds the bound is divided linearly.
 *
 * @param counts histogram of delays above an origin, slice from `base`
 * @param leastMs least delay above that origin, ms
 * @param mostMs greatest delay above it
 * @param beyond packets by depth, added to
 */
export function addBeyond(
  counts: Uint16Array,
  base: number,
  leastMs: number,
  mostMs: number,
  beyond: Float64Array,
): void {
  const last = delayBucket(Math.max(0, mostMs));
  for (let i = 0; i < DEPTHS_MS.length; i++) {
    const bound = leastMs + DEPTHS_MS[i]!;
    if (mostMs <= bound) break;
    const at = delayBucket(bound);
    const start = delayBucketStart(at);
    const end = at === BUCKETS - 1 ? start : delayBucketStart(at + 1);
    // No packet is later than the latest: what lies in its own bucket ends there.
    const inside = Math.min(end, mostMs) - start;
    let sum = inside > 0 ? (counts[base + at]! * Math.max(0, start + inside - bound)) / inside : 0;
    for (let bucket = at + 1; bucket <= last; bucket++) sum += counts[base + bucket]!;
    beyond[i] = beyond[i]! + sum;
  }
}
