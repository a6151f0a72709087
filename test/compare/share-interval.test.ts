import { expect, test } from 'vitest';
import { shareDifference, widest } from '../../src/compare/share-interval.ts';

test('differences of shares, as published', () => {
  // Newcombe 1998, Statistics in Medicine 17:873, table II, method 10: 56 of 70 and 48 of 80; 10 of 10 and none of 10.
  const { low, high } = shareDifference({ share: 48 / 80, units: 80 }, { share: 56 / 70, units: 70 });
  expect(low).toBeCloseTo(0.0524, 4);
  expect(high).toBeCloseTo(0.3339, 4);
  const all = shareDifference({ share: 0, units: 10 }, { share: 1, units: 10 });
  expect(all.low).toBeCloseTo(0.6075, 3);
  expect(all.high).toBe(1);
});

test('the wider of two intervals; none where one is unknown', () => {
  expect(widest({ low: 1, high: 4 }, { low: 2, high: 9 })).toEqual({ low: 1, high: 9 });
  expect(widest(null, { low: 2, high: 9 })).toBeNull();
});
