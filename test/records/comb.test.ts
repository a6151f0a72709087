import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestComb } from '../../src/records/comb.ts';

const beat = (count: number, periodMs: number, atMs = 300): number[] =>
  Array.from({ length: count }, (_, i) => atMs + i * periodMs);
const merged = (...lists: number[][]): number[] => lists.flat().sort((a, b) => a - b);

test('a clock is a comb of its own', () => {
  const comb = bestComb(beat(8, 5000), 500, 5)!;
  expect(comb.periodMs).toBeCloseTo(5000, 6);
  expect(comb.variation).toBeCloseTo(0, 6);
  expect(comb.hits).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('five are enough, four are not', () => {
  expect(bestComb(beat(5, 2000), 500, 5)).not.toBeNull();
  expect(bestComb(beat(4, 2000), 500, 5)).toBeNull();
});

test('faster than the limit is no beat', () => {
  expect(bestComb(beat(20, 400), 500, 5)).toBeNull();
});

test('one beat in six may be missing, one in two may not', () => {
  const all = beat(18, 3000);
  const comb = bestComb(
    all.filter((_, i) => i % 6 !== 4),
    500,
    5,
  )!;
  expect(comb.periodMs).toBeCloseTo(3000, 6);
  expect(comb.hits).toHaveLength(15);
  // What is left of it has a slower beat.
  const half = bestComb(
    all.filter((_, i) => i % 2 === 0),
    500,
    5,
  )!;
  expect(half.periodMs).toBeCloseTo(6000, 6);
});

test('what is lost besides does not hide it', () => {
  const others = [1100, 7300, 16_900, 23_333, 31_000, 44_800];
  const comb = bestComb(merged(beat(12, 5000), others), 500, 5)!;
  expect(comb.periodMs).toBeCloseTo(5000, 6);
  expect(comb.hits).toHaveLength(12);
});

test('a timer that wanders by a few per cent is one', () => {
  let at = 0;
  const times = Array.from({ length: 14 }, (_, i) => {
    at += 2000 + (((i * 37) % 11) - 5) * 12;
    return at;
  });
  const comb = bestComb(times, 500, 5)!;
  expect(comb.hits).toHaveLength(14);
  expect(comb.periodMs).toBeGreaterThan(1950);
  expect(comb.periodMs).toBeLessThan(2050);
  expect(comb.variation).toBeLessThan(0.03);
});

test('chance makes no beat but once in a great while', () => {
  let seen = 0;
  const runs = 400;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 5, maxLength: 30 }), (times) => {
      const sorted = times.sort((a, b) => a - b).filter((t, i) => i === 0 || t - times[i - 1]! >= 250);
      if (bestComb(sorted, 500, 5) !== null) seen++;
    }),
    // Arrays without bias towards their ends, which would be beats of their own.
    { numRuns: runs, seed: 5, unbiased: true } as Parameters<typeof fc.assert>[1],
  );
  expect(seen).toBeLessThanOrEqual(runs / 100);
});
