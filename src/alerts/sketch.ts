/**
 * Counts of values in buckets that grow by a constant factor (as DDSketch does): a percentile read from them is within
 * `SKETCH_ERROR` of the true one, whatever the values were. Sketches are merged by adding their counts; neither order
 * nor grouping changes the result. Rules decide by exact counts; this is for the value that is shown.
 */
export const SKETCH_ERROR = 0.01;
/** What is smaller counts as zero, what is larger as this; between them lie 1,400 buckets at most. */
const LEAST = 1e-6;
const MOST = 1e6;

const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const LOWEST = Math.ceil(Math.log(LEAST) / LOG_GAMMA);
/** The bucket of zero. */
const ZERO = 0;

/** Number of the bucket of a value from 0 up. */
export function bucketOf(value: number): number {
  if (!(value >= LEAST)) return ZERO;
  return Math.ceil(Math.log(Math.min(value, MOST)) / LOG_GAMMA) - LOWEST + 1;
}

/** The value that stands for a bucket. */
export function valueOfBucket(bucket: number): number {
  if (bucket === ZERO) return 0;
  return (2 * GAMMA ** (bucket - 1 + LOWEST)) / (GAMMA + 1);
}

/** Bucket numbers and their counts. */
export type Counts = Map<number, number>;

export function addTo(counts: Counts, bucket: number, count: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + count);
}

/** The percentile by nearest rank, within `SKETCH_ERROR`; null when nothing was counted. */
export function percentileOf(counts: Counts, percent: number): number | null {
  const buckets = [...counts.keys()].sort((a, b) => a - b);
  let samples = 0;
  for (const count of counts.values()) samples += count;
  if (samples === 0) return null;
  const rank = Math.max(1, Math.ceil((percent / 100) * samples));
  let seen = 0;
  for (const bucket of buckets) {
    seen += counts.get(bucket)!;
    if (seen >= rank) return valueOfBucket(bucket);
  }
  return valueOfBucket(buckets.at(-1)!);
}
