/**
 * Delay variation between consecutive packets (RFC 3393, standards 1.6): signed, of numbers that follow each other
 * and were both received. Two histograms per stream, one for the interval at hand and one for all before.
 */
import { addToBucket, type HighWords } from './histograms.ts';
import type { StreamTable } from './stream-table.ts';

/** Buckets: 0.125 ms up to 8 ms, 1 ms to 24, 8 ms to 152, 64 ms beyond, mirrored for negative values. */
export const IPDV_BUCKETS = 256;
const HALF = 128;

/** Bucket of a signed difference of delays, ms. */
export function ipdvBucket(ms: number): number {
  const size = ms < 0 ? -ms : ms;
  let bucket = HALF - 1;
  if (size < 8) bucket = (size * 8) | 0;
  else if (size < 24) bucket = 56 + (size | 0);
  else if (size < 152) bucket = 80 + (((size - 24) * 0.125) | 0);
  else if (size < 2136) bucket = 96 + (((size - 152) * 0.015625) | 0);
  return ms < 0 ? HALF - 1 - bucket : HALF + bucket;
}

/** Lower bound of the n-th bucket of absolute values, ms. */
function sizeStart(bucket: number): number {
  if (bucket < 64) return bucket / 8;
  if (bucket < 80) return bucket - 56;
  if (bucket < 96) return 24 + (bucket - 80) * 8;
  return 152 + (bucket - 96) * 64;
}

/** Counts one difference in the interval at hand. */
export function addIpdv(table: StreamTable, slot: number, ms: number): void {
  const at = slot * IPDV_BUCKETS + ipdvBucket(ms);
  const count = table.ipdvWindow[at]!;
  if (count !== 0xffff) table.ipdvWindow[at] = count + 1;
}

/**
 * Ends an interval: its counts are added to the stream's.
 * @returns the 95th percentile of the absolute differences in it, ms; NaN without any
 */
export function closeIpdvWindow(table: StreamTable, slot: number): number {
  const notes = table.notesOf(slot);
  const base = slot * IPDV_BUCKETS;
  const window = table.ipdvWindow;
  let samples = 0;
  let high = notes.ipdvHigh;
  for (let bucket = 0; bucket < IPDV_BUCKETS; bucket++) {
    const count = window[base + bucket]!;
    if (count === 0) continue;
    samples += count;
    high = addToBucket(table.ipdvCounts, base, bucket, count, high);
  }
  notes.ipdvHigh = high;
  const p95 = absoluteQuantile(window, base, null, samples, 0.95);
  window.fill(0, base, base + IPDV_BUCKETS);
  return p95;
}

/** Percentiles of the differences over a stream, ms; null without any. */
export interface IpdvSummary {
  p5: number | null;
  p50: number | null;
  p95: number | null;
  /** 95th percentile of the absolute value. */
  absP95: number | null;
  samples: number;
}

/** Reads the differences of a stream out. Its last interval must be closed. */
export function ipdvSummary(table: StreamTable, slot: number): IpdvSummary {
  const high = table.notesOf(slot).ipdvHigh;
  const base = slot * IPDV_BUCKETS;
  const samples = total(table.ipdvCounts, base, high);
  if (samples === 0) return { p5: null, p50: null, p95: null, absP95: null, samples };
  const signed = (q: number): number => signedQuantile(table.ipdvCounts, base, high, samples, q);
  return {
    p5: signed(0.05),
    p50: signed(0.5),
    p95: signed(0.95),
    absP95: absoluteQuantile(table.ipdvCounts, base, high, samples, 0.95),
    samples,
  };
}

function countOf(counts: Uint16Array, base: number, bucket: number, high: HighWords): number {
  return counts[base + bucket]! + (high === null ? 0 : high[bucket]! * 0x10000);
}

function total(counts: Uint16Array, base: number, high: HighWords): number {
  let sum = 0;
  for (let bucket = 0; bucket < IPDV_BUCKETS; bucket++) sum += countOf(counts, base, bucket, high);
  return sum;
}

function width(bucket: number): number {
  return bucket >= HALF - 1 ? 0 : sizeStart(bucket + 1) - sizeStart(bucket);
}

function signedQuantile(
  counts: Uint16Array,
  base: number,
  high: HighWords,
  samples: number,
  q: number,
): number {
  const rank = Math.max(1, Math.ceil(q * samples));
  let below = 0;
  for (let bucket = 0; bucket < IPDV_BUCKETS; bucket++) {
    const count = countOf(counts, base, bucket, high);
    if (below + count >= rank) {
      const share = (rank - below - 0.5) / count;
      const size = bucket < HALF ? HALF - 1 - bucket : bucket - HALF;
      return bucket < HALF
        ? -(sizeStart(size) + width(size) * (1 - share))
        : sizeStart(size) + width(size) * share;
    }
    below += count;
  }
  return Number.NaN;
}

function absoluteQuantile(
  counts: Uint16Array,
  base: number,
  high: HighWords,
  samples: number,
  q: number,
): number {
  if (samples === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(q * samples));
  let below = 0;
  for (let size = 0; size < HALF; size++) {
    const count = countOf(counts, base, HALF + size, high) + countOf(counts, base, HALF - 1 - size, high);
    if (below + count >= rank) return sizeStart(size) + (width(size) * (rank - below - 0.5)) / count;
    below += count;
  }
  return Number.NaN;
}
