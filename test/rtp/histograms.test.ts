import { describe, expect, test } from 'vitest';
import {
  addToBucket,
  BUCKETS,
  bucketCount,
  type HighWords,
  histogramQuantile,
  histogramTotal,
  jitterBucket,
  jitterBucketStart,
} from '../../src/rtp/histograms.ts';
import { feed, steady } from './feed.ts';

describe('a histogram', () => {
  test('counts on beyond 16 bits', () => {
    const counts = new Uint16Array(BUCKETS);
    let high: HighWords = null;
    for (let i = 0; i < 100_000; i++) high = addToBucket(counts, 0, 7, 1, high);
    high = addToBucket(counts, 0, 9, 0xffff, high);
    expect(bucketCount(counts, 0, 7, high)).toBe(100_000);
    expect(histogramTotal(counts, 0, 0, BUCKETS, high)).toBe(165_535);
  });

  test('has no high words while they are not needed', () => {
    const counts = new Uint16Array(BUCKETS);
    expect(addToBucket(counts, 0, 0, 0xffff, null)).toBeNull();
    expect(bucketCount(counts, 0, 0, null)).toBe(0xffff);
  });

  test('places a quantile by rank, whatever the size of the counts', () => {
    const counts = new Uint16Array(BUCKETS);
    let high: HighWords = null;
    for (let i = 0; i < 20; i++) high = addToBucket(counts, 0, jitterBucket(2), 50_000, high);
    for (let i = 0; i < 2; i++) high = addToBucket(counts, 0, jitterBucket(40), 50_000, high);
    const at = (q: number): number | null =>
      histogramQuantile(counts, 0, high, 1_100_000, q, jitterBucketStart);
    // 1,000,000 of 1,100,000 values are about 2 ms: the quantile changes over between 0.90 and 0.92.
    expect(at(0.9)).toBeLessThan(2.1);
    expect(at(0.92)).toBeGreaterThan(39);
  });
});

test('percentiles of a call of half an hour', () => {
  // 90,000 packets on time but for every twelfth, 10 ms late: more than 16 bits of them in one bucket.
  const packets = steady(90_000).map((packet, i) => ({
    ...packet,
    atMs: packet.atMs + (i % 12 === 0 ? 10 : 0),
  }));
  const { pdvMs, jitterMs } = feed(packets);
  expect(pdvMs.p50).toBeLessThan(0.25);
  expect(pdvMs.p95).toBeCloseTo(10, 0);
  // |D| is 10 ms twice in twelve packets: the estimator goes around its mean, 10 * 2 / 12.
  expect(jitterMs.mean).toBeCloseTo(10 / 6, 1);
  expect(jitterMs.p50).toBeCloseTo(10 / 6, 0);
});
