/**
 * Two fixed histogram shapes for milliseconds, kept as slices of one flat typed array for all streams.
 *
 * Jitter: 32 buckets per octave from 1/64 ms up, so a bucket is at most 3.1 % wide.
 * Delay variation: 0.25 ms buckets below 80 ms, 2 ms below 336 ms, 16 ms above. All bounds are multiples of 16 ms
 * apart, so that moving a histogram's origin by such a multiple moves every value into exactly the bucket it is in.
 * Percentiles are nearest-rank, placed linearly inside their bucket and clamped to the exact extremes.
 */
export const BUCKETS = 512;
/** Distance between two streams' histograms: padded to an odd number of cache lines, as the rows are. */
export const HISTOGRAM_STRIDE = BUCKETS + 16;

const bits = new Float32Array(1);
const bitsAsInt = new Int32Array(bits.buffer);
const EXPONENT_BIAS = (127 - 6) << 5;

/** Bucket of a jitter value: the top bits of its float32 form, which are its exponent and mantissa. */
export function jitterBucket(ms: number): number {
  bits[0] = ms;
  const bucket = (bitsAsInt[0]! >> 18) - EXPONENT_BIAS;
  return bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket;
}

/** Lower bound of a jitter bucket, ms. Bucket 0 starts at 0. */
export function jitterBucketStart(bucket: number): number {
  if (bucket <= 0) return 0;
  bitsAsInt[0] = (bucket + EXPONENT_BIAS) << 18;
  return bits[0]!;
}

const FINE_MS = 80;
const FINE_BUCKETS = 320;
const MIDDLE_MS = 336;
const MIDDLE_BUCKETS = 448;
export const DELAY_STEP_MS = 0.25;
/** Origins lie on this grid. */
export const ORIGIN_GRID_MS = 16;

/** Bucket of a non-negative delay, ms. */
export function delayBucket(ms: number): number {
  if (ms < FINE_MS) return (ms * 4) | 0;
  if (ms < MIDDLE_MS) return FINE_BUCKETS + (((ms - FINE_MS) * 0.5) | 0);
  const bucket = MIDDLE_BUCKETS + (((ms - MIDDLE_MS) * 0.0625) | 0);
  return bucket >= BUCKETS || ms > 1e7 ? BUCKETS - 1 : bucket;
}

/** Lower bound of a delay bucket, ms. */
export function delayBucketStart(bucket: number): number {
  if (bucket < FINE_BUCKETS) return bucket * DELAY_STEP_MS;
  if (bucket < MIDDLE_BUCKETS) return FINE_MS + (bucket - FINE_BUCKETS) * 2;
  return MIDDLE_MS + (bucket - MIDDLE_BUCKETS) * 16;
}

/**
 * High words of a histogram whose counts outgrew 16 bits; null for all but streams of many minutes. There are many
 * streams and three histograms of each, so that the common case has to be small.
 */
export type HighWords = Uint16Array | null;

/** Adds `n`, at most 65535, to a bucket. Returns the high words, which are new when this is the first carry. */
export function addToBucket(
  counts: Uint16Array,
  base: number,
  bucket: number,
  n: number,
  high: HighWords,
): HighWords {
  const sum = counts[base + bucket]! + n;
  counts[base + bucket] = sum & 0xffff;
  if (sum <= 0xffff) return high;
  const words = high ?? new Uint16Array(BUCKETS);
  words[bucket] = words[bucket]! + 1;
  return words;
}

/** What a bucket holds. */
export function bucketCount(counts: Uint16Array, base: number, bucket: number, high: HighWords): number {
  const low = counts[base + bucket]!;
  return high === null ? low : low + high[bucket]! * 0x10000;
}

/** What the buckets from `first` to below `end` hold together. */
export function histogramTotal(
  counts: Uint16Array,
  base: number,
  first: number,
  end: number,
  high: HighWords,
): number {
  let total = 0;
  for (let bucket = first; bucket < end; bucket++) total += bucketCount(counts, base, bucket, high);
  return total;
}

/**
 * The q-quantile of a histogram slice.
 *
 * @param counts flat array holding many histograms; the slice is `[base, base + BUCKETS)`
 * @param total number of values in the slice
 * @param startOf lower bound of a bucket
 * @returns the value at rank ceil(q * total), or null for an empty histogram
 */
export function histogramQuantile(
  counts: Uint16Array,
  base: number,
  high: HighWords,
  total: number,
  q: number,
  startOf: (bucket: number) => number,
): number | null {
  if (total <= 0) return null;
  const rank = Math.min(total, Math.max(1, Math.ceil(q * total)));
  let below = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = bucketCount(counts, base, bucket, high);
    if (below + count >= rank) {
      const start = startOf(bucket);
      const width = bucket === BUCKETS - 1 ? 0 : startOf(bucket + 1) - start;
      return start + (width * (rank - below - 0.5)) / count;
    }
    below += count;
  }
  return startOf(BUCKETS - 1);
}
