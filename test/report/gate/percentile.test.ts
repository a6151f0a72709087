import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanOf, nearestRank } from '../../../src/report/gate/percentile.ts';

const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 300 });
const percent = fc.integer({ min: 1, max: 99 });

describe('nearestRank', () => {
  it('is the least value that so many do not exceed, counted out', () => {
    fc.assert(
      fc.property(values, percent, (list, p) => {
        const enough = list.filter(
          (value) => 100 * list.filter((other) => other <= value).length >= p * list.length,
        );
        expect(nearestRank([...list], p)).toBe(Math.min(...enough));
      }),
    );
  });

  it('is the value at that rank of a sorted list', () => {
    fc.assert(
      fc.property(values, percent, (list, p) => {
        const sorted = [...list].sort((a, b) => a - b);
        expect(nearestRank([...list], p)).toBe(sorted[Math.ceil((p * list.length) / 100) - 1]);
      }),
    );
  });

  it('is exact where a product of fractions is not', () => {
    // 0.07 * 100 is 7.000000000000001 in binary.
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    for (let p = 1; p < 100; p++) expect(nearestRank([...hundred], p)).toBe(p);
    expect(nearestRank([5], 1)).toBe(5);
    expect(nearestRank([1, 2, 3, 4], 50)).toBe(2);
    expect(
      nearestRank(
        Array.from({ length: 1000 }, (_, i) => i + 1),
        99.9,
      ),
    ).toBe(999);
  });
});

describe('meanOf', () => {
  it('is the sum by the count', () => {
    expect(meanOf([1, 2, 6])).toBe(3);
  });
});
