import { describe, expect, test } from 'vitest';
import { significanceOf } from '../../src/compare/permutation.ts';
import { SeededRandom } from '../../src/compare/random.ts';

const column = (...values: number[]): Float64Array => Float64Array.from(values);

/** The same by the book: every dealing adds up one unit after the other. */
function byTheBook(scores: readonly Float64Array[], countA: number, permutations: number): number[][] {
  const units = scores[0]!.length;
  const countB = units - countA;
  const rows = scores.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / units;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt((countA * countB * squares) / (units * (units - 1)));
    return Array.from(values, (value) => (deviation > 1e-9 ? (value - mean) / deviation : 0));
  });
  const sumsOf = (chosen: readonly number[]) =>
    rows.map((row) => chosen.reduce((sum, unit) => sum + row[unit]!, 0));
  const all = Array.from({ length: units }, (_, unit) => unit);
  const observed = sumsOf(all.slice(countA));
  const order = [...observed.keys()].sort((a, b) => Math.abs(observed[b]!) - Math.abs(observed[a]!));
  const random = new SeededRandom(0x0ea5_0001);
  const drawn = Math.min(countA, countB);
  const reached = scores.map(() => 0);
  for (let dealing = 0; dealing < permutations; dealing++) {
    for (let at = 0; at < drawn; at++) {
      const other = at + random.below(units - at);
      [all[at], all[other]] = [all[other]!, all[at]!];
    }
    const sums = sumsOf(all.slice(0, drawn)).map(Math.abs);
    for (const [rank, statistic] of order.entries()) {
      const greatest = Math.max(...order.slice(rank).map((each) => sums[each]!));
      if (greatest >= Math.abs(observed[statistic]!) - 1e-9) reached[statistic] = reached[statistic]! + 1;
    }
  }
  let p = 0;
  const found = observed.map((z) => [z, 1]);
  for (const statistic of order) {
    p = Math.max(p, (reached[statistic]! + 1) / (permutations + 1));
    if (observed[statistic] !== 0) found[statistic]![1] = p;
  }
  return found;
}

describe('permutation test', () => {
  test.each([1, 2, 3, 4, 5, 8, 9, 21])('%i statistics to the last bit as by the book', (count) => {
    const random = new SeededRandom(count);
    const scores = Array.from({ length: count }, (_, at) =>
      Float64Array.from({ length: 60 }, () => (at % 3 === 0 ? random.below(2) : random.uint32() / 7)),
    );
    const found = significanceOf(scores, 23 + count, 199);
    expect(found.map(({ z, p }) => [z, p])).toEqual(byTheBook(scores, 23 + count, 199));
  });

  test('z and p of a sum that can be counted by hand', () => {
    // Three of six are ones, all in B: 1 of 20 ways to deal them, and the mirror image of it is as striking.
    const [found] = significanceOf([column(0, 0, 0, 1, 1, 1)], 3, 19_999);
    // Mean 1.5; variance 3 * 3 / (6 * 5) * 1.5 = 0.45.
    expect(found!.z).toBeCloseTo(1.5 / Math.sqrt(0.45), 10);
    expect(found!.p).toBeGreaterThan(0.09);
    expect(found!.p).toBeLessThan(0.11);
  });

  test('sides of different sizes', () => {
    // One of five, alone in A: 1 of 5 ways; the other side has no way as striking.
    const [found] = significanceOf([column(1, 0, 0, 0, 0)], 1, 19_999);
    expect(found!.z).toBeLessThan(0);
    expect(found!.p).toBeGreaterThan(0.18);
    expect(found!.p).toBeLessThan(0.22);
  });

  test('what says the same as another costs nothing; what says something of its own does', () => {
    const values = column(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const random = new SeededRandom(7);
    const noise = Array.from({ length: 20 }, () => values.map(() => random.uint32()));
    const alone = significanceOf([values], 6)[0]!.p;
    const twice = significanceOf([values, values], 6)[0]!.p;
    const among = significanceOf([values, ...noise], 6)[0]!.p;
    expect(twice).toBe(alone);
    expect(among).toBeGreaterThan(alone);
  });

  test('a statistic that is the same for all is never striking', () => {
    const [same, none] = significanceOf([column(5, 5, 5, 5), column(0, 0, 0, 0)], 2);
    expect([same, none]).toEqual([
      { z: 0, p: 1 },
      { z: 0, p: 1 },
    ]);
  });

  test('the less striking of two is never the surer', () => {
    const found = significanceOf(
      [column(1, 2, 3, 4, 5, 6, 7, 8), column(1, 5, 2, 6, 3, 7, 4, 8), column(8, 1, 7, 2, 6, 3, 5, 4)],
      4,
    );
    const sorted = [...found].sort((a, b) => Math.abs(b.z) - Math.abs(a.z));
    expect(sorted.map(({ p }) => p)).toEqual(sorted.map(({ p }) => p).sort((a, b) => a - b));
  });

  test('the same calls give the same answer', () => {
    const scores = [column(3, 1, 4, 1, 5, 9, 2, 6), column(2, 7, 1, 8, 2, 8, 1, 8)];
    expect(significanceOf(scores, 4)).toEqual(significanceOf(scores, 4));
    expect(significanceOf([], 0)).toEqual([]);
  });
});

describe('numbers by lot', () => {
  test('are even, and follow from the seed', () => {
    const random = new SeededRandom(1);
    const counts = new Int32Array(10);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    const again = new SeededRandom(1);
    const other = new SeededRandom(2);
    const first = Array.from({ length: 5 }, () => again.uint32());
    expect(new SeededRandom(1).uint32()).toBe(first[0]);
    expect(Array.from({ length: 5 }, () => other.uint32())).not.toEqual(first);
  });
});
