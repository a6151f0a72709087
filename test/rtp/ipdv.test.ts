import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IPDV_BUCKETS, ipdvBucket } from '../../src/rtp/ipdv.ts';
import { feed, steady } from './feed.ts';

const nearestRank = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1]!;

describe('differences of delay (RFC 3393)', () => {
  test('percentiles by nearest rank, to the width of a bucket', () => {
    const delay = fc.integer({ min: 0, max: 18_000 }).map((us) => us / 1000);
    fc.assert(
      fc.property(fc.array(delay, { minLength: 50, maxLength: 300 }), (delays) => {
        const { ipdvMs } = feed(steady(delays.length).map((p, i) => ({ ...p, atMs: p.atMs + delays[i]! })));
        const differences = delays.slice(1).map((d, i) => d - delays[i]!);
        expect(ipdvMs.samples).toBe(differences.length);
        for (const [got, wanted] of [
          [ipdvMs.p5, nearestRank(differences, 0.05)],
          [ipdvMs.p50, nearestRank(differences, 0.5)],
          [ipdvMs.p95, nearestRank(differences, 0.95)],
          [ipdvMs.absP95, nearestRank(differences.map(Math.abs), 0.95)],
        ] as const) {
          // Buckets are 0.125 ms up to 8 ms and 1 ms up to 24.
          expect(Math.abs(got! - wanted)).toBeLessThanOrEqual(Math.abs(wanted) < 7.8 ? 0.126 : 1.001);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('none across a loss', () => {
    const packets = steady(200).filter((_, i) => i !== 100);
    // 198 of the 199 packets follow their predecessor, but for the two around the hole.
    expect(feed(packets).ipdvMs.samples).toBe(197);
  });

  test('every difference has a bucket, in order', () => {
    let last = -1;
    for (let ms = -5000; ms <= 5000; ms += 0.05) {
      const bucket = ipdvBucket(ms);
      expect(bucket).toBeGreaterThanOrEqual(last);
      expect(bucket).toBeLessThan(IPDV_BUCKETS);
      last = bucket;
    }
  });
});

test('runs of losses by length', () => {
  const lost = new Set([
    50,
    100,
    101,
    150,
    151,
    200,
    201,
    202,
    ...Array.from({ length: 15 }, (_, i) => 300 + i),
  ]);
  const { burst } = feed(steady(500).filter((_, i) => !lost.has(i)));
  expect(burst.runLengths).toEqual([1, 2, 1, 0, 0, 0, 0, 0, 0, 1]);
  expect(burst.lossRuns).toBe(5);
});
