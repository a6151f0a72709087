import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelaySample } from '../../src/records/delay-sample.ts';

function sampleOf(values: readonly number[]): DelaySample {
  const sample = new DelaySample();
  for (const value of values) sample.add(value);
  return sample;
}

/** Nearest rank, the plain way. */
function rank(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
}

describe('DelaySample', () => {
  it('says nothing about nothing', () => {
    const nothing = { count: 0, meanMs: null, p50Ms: null, p95Ms: null, maxMs: null };
    expect(sampleOf([]).summary()).toEqual(nothing);
    expect(sampleOf([Number.NaN, Number.POSITIVE_INFINITY]).summary()).toEqual(nothing);
  });

  it('is exact while it is small: nearest rank by hand', () => {
    const values = [50, 10, 40, 20, 30];
    expect(sampleOf(values).summary()).toEqual({ count: 5, meanMs: 30, p50Ms: 30, p95Ms: 50, maxMs: 50 });
    expect(sampleOf([7]).summary()).toEqual({ count: 1, meanMs: 7, p50Ms: 7, p95Ms: 7, maxMs: 7 });
  });

  it('stays within 1 % when it is large, mean and maximum exact', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => 0.5 + ((i * 7919) % 20_000) / 3);
    const { count, meanMs, p50Ms, p95Ms, maxMs } = sampleOf(values).summary();
    expect(count).toBe(20_000);
    expect(meanMs).toBeCloseTo(values.reduce((a, b) => a + b) / 20_000, 6);
    expect(maxMs).toBe(Math.max(...values));
    for (const [got, q] of [
      [p50Ms!, 0.5],
      [p95Ms!, 0.95],
    ] as const) {
      expect(Math.abs(got / rank(values, q) - 1)).toBeLessThan(0.01);
    }
  });

  it('never leaves the range of its values, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 1500 }),
        (values) => {
          const { p50Ms, p95Ms, maxMs } = sampleOf(values).summary();
          expect(p50Ms!).toBeLessThanOrEqual(p95Ms!);
          expect(p95Ms!).toBeLessThanOrEqual(maxMs!);
        },
      ),
      { numRuns: 50 },
    );
  });
});
