import { describe, expect, test } from 'vitest';
import { missingOf, type Stretch } from '../../src/store/hold-coverage.ts';

const SECOND_US = 1e6;
const stretch = (from: number, to: number): Stretch => ({ fromUs: from * SECOND_US, toUs: to * SECOND_US });

/** What is missing of 100 s to 200 s, in seconds. */
function missing(parts: [number, number][], full: number | null = null): [number, number, string][] {
  const stretches = parts.map(([from, to]) => stretch(from, to));
  const found = missingOf(stretch(100, 200), stretches, full === null ? null : full * SECOND_US);
  return found.map(({ fromUs, toUs, reason }) => [fromUs / SECOND_US, toUs / SECOND_US, reason]);
}

describe('what a hold lacks', () => {
  test('is nothing where its parts go through, however they overlap', () => {
    expect(missing([[90, 210]])).toEqual([]);
    expect(
      missing([
        [40, 60],
        [95, 150],
        [120, 130],
        [150.5, 230],
        [240, 250],
      ]),
    ).toEqual([]);
  });

  test('is all of it where there is nothing', () => {
    expect(missing([])).toEqual([[100, 200, 'nothing_kept']]);
    expect(missing([[20, 30]])).toEqual([[100, 200, 'nothing_kept']]);
  });

  test('is what lies before, between and after', () => {
    expect(
      missing([
        [110, 130],
        [150, 170],
      ]),
    ).toEqual([
      [100, 110, 'before_first'],
      [130, 150, 'nothing_kept'],
      [170, 200, 'after_last'],
    ]);
  });

  test('is no second at the beginning, and no ten seconds of silence', () => {
    expect(
      missing([
        [100.9, 130],
        [139, 191],
      ]),
    ).toEqual([]);
  });

  test('is everything from where it was full', () => {
    const full = missing(
      [
        [90, 150],
        [150, 210],
      ],
      150,
    );
    expect(full).toEqual([[150, 200, 'limit']]);
    expect(missing([], 90)).toEqual([[100, 200, 'limit']]);
  });
});
