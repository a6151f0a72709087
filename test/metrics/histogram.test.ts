import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as bounds from '../../src/metrics/buckets.ts';
import { Histogram } from '../../src/metrics/histogram.ts';

const ALL = Object.entries(bounds) as [string, readonly number[]][];

/** What `histogram_quantile` makes of buckets. */
function quantile(q: number, limits: readonly number[], counts: readonly number[]): number {
  const rank = q * counts.at(-1)!;
  const at = counts.findIndex((count) => count >= rank);
  if (at === limits.length) return limits.at(-1)!;
  const from = at === 0 ? Math.min(0, limits[0]!) : limits[at - 1]!;
  const before = at === 0 ? 0 : counts[at - 1]!;
  const inside = counts[at]! - before;
  return inside === 0 ? from : from + (limits[at]! - from) * ((rank - before) / inside);
}

describe('bounds', () => {
  test.each(ALL)('%s rise', (_, limits) => {
    for (let i = 1; i < limits.length; i++) expect(limits[i]).toBeGreaterThan(limits[i - 1]!);
  });

  test('every decision point of the standards is one', () => {
    const has = (limits: readonly number[], points: readonly number[]): void =>
      expect(points.filter((point) => !limits.includes(point))).toEqual([]);
    has(bounds.JITTER_SECONDS, [0.02, 0.03, 0.05]);
    has(bounds.PDV_SECONDS, [0.03, 0.06, 0.1]);
    has(bounds.LOSS_RATIO, [0, 0.001, 0.01, 0.03, 0.05]);
    has(bounds.ROUND_TRIP_SECONDS, [0.3, 0.8]);
    has(bounds.MOS, [2.58, 3.1, 3.6, 4.03, 4.34]);
    has(bounds.R_FACTOR, [50, 60, 70, 80, 90]);
    has(bounds.SETUP_SECONDS, [3, 6]);
    for (const r of [50, 60, 70, 80, 90]) {
      has(bounds.R_FACTOR, [Math.round(r * 12.9) / 10, Math.round(r * 14.8) / 10]);
    }
  });
});

describe('a histogram', () => {
  const filled = (values: readonly number[], limits: readonly number[], lowIsBad: boolean): number[] => {
    const histogram = new Histogram({ name: 'h', help: 'h', bounds: limits, lowIsBad });
    for (const value of values) histogram.observe(0, '', value, null, 0);
    return histogram.cumulative(0) ?? [];
  };

  test('counts what is at or below a bound; of scores what is below it', () => {
    expect(filled([1, 2, 2.5, 9], [1, 2, 3], false)).toEqual([1, 2, 3, 4]);
    expect(filled([1, 2, 2.5, 9], [1, 2, 3], true)).toEqual([0, 1, 3, 4]);
  });

  test.each(ALL)('%s: shares at a bound are exact, percentiles lie in the right bucket', (_, limits) => {
    const value = fc.double({ min: 0, max: limits.at(-1)!, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.boolean(), (values, lowIsBad) => {
        const counts = filled(values, limits, lowIsBad);
        limits.forEach((bound, i) => {
          expect(counts[i]).toBe(values.filter((each) => (lowIsBad ? each < bound : each <= bound)).length);
        });
        const sorted = [...values].sort((a, b) => a - b);
        for (const q of [0.05, 0.5, 0.95]) {
          const exact = sorted[Math.max(0, Math.ceil(q * values.length) - 1)]!;
          const found = quantile(q, limits, counts);
          const bucket = limits.findIndex((bound) => (lowIsBad ? exact < bound : exact <= bound));
          const upper = bucket < 0 ? limits.at(-1)! : limits[bucket]!;
          const lower = bucket < 0 ? limits.at(-1)! : bucket === 0 ? 0 : limits[bucket - 1]!;
          expect(found).toBeGreaterThanOrEqual(lower);
          expect(found).toBeLessThanOrEqual(upper);
        }
      }),
    );
  });

  test('low percentiles of MOS are within 0.02 where many streams spread over a class', () => {
    const values = Array.from({ length: 4000 }, (_, i) => 3.55 + 0.7 * ((i * 0.618_034) % 1));
    const counts = filled(values, bounds.MOS, true);
    const sorted = [...values].sort((a, b) => a - b);
    for (const q of [0.05, 0.1, 0.25, 0.5]) {
      const exact = sorted[Math.ceil(q * values.length) - 1]!;
      expect(Math.abs(quantile(q, bounds.MOS, counts) - exact)).toBeLessThan(0.02);
    }
  });

  test('passes over what is no number', () => {
    expect(filled([Number.NaN, Number.POSITIVE_INFINITY], [1], false)).toEqual([]);
  });

  test('prints label sets as they are, the newest exemplar of each bucket', () => {
    const histogram = new Histogram({ name: 'h', help: 'h', bounds: [0.1, 2] });
    histogram.observe(3, 'a="b"', 0.1, 'first', 1_000);
    histogram.observe(3, 'a="b"', 0.05, 'second', 1_500);
    histogram.observe(3, 'a="b"', 5, null, 0);
    expect([...histogram.lines(true)].join('')).toBe(
      `h_bucket{a="b",le="0.1"} 2 # {call="second"} 0.05 1.500
h_bucket{a="b",le="2"} 2
h_bucket{a="b",le="+Inf"} 3
h_sum{a="b"} 5.15
h_count{a="b"} 3
`,
    );
    expect([...new Histogram({ name: 'h', help: 'h', bounds: [1] }).lines(false)]).toEqual([]);
  });
});
