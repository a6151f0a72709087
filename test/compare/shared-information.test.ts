import { describe, expect, test } from 'vitest';
import { sharedInformation } from '../../src/compare/shared-information.ts';
import { randomFor } from '../../src/synth/random.ts';

const random = randomFor(1, 'information');
const N = 400;
const none = new Int32Array(N);
const failed = Uint8Array.from({ length: N }, (_, at) => Number(at % 8 === 0));
const kinds = (of: (at: number) => number): Int32Array => Int32Array.from({ length: N }, (_, at) => of(at));

describe('what a division tells about who failed', () => {
  test('all of it, nothing, and half of it, as Theil has it', () => {
    // Of two kinds of equal size the one has all failures: 50 of 200.
    const half = kinds((at) => (at % 8 === 0 || at % 8 > 4 ? 1 : 0));
    const [all, nothing, some] = sharedInformation(
      [kinds((at) => Number(at % 8 === 0)), kinds(() => random.int(5)), half],
      failed,
      none,
    );
    expect(all).toEqual({ share: 1, p: 1 / 5000 });
    expect(nothing!.share).toBeLessThan(0.02);
    expect(nothing!.p).toBeGreaterThan(0.01);
    const entropy = (p: number): number => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(some!.share).toBeCloseTo((entropy(1 / 8) - 0.5 * entropy(1 / 4)) / entropy(1 / 8), 1);
  });

  test('a kind for every call tells nothing: chance could not tell less', () => {
    const [each] = sharedInformation([kinds((at) => at)], failed, none);
    expect(each).toEqual({ share: 0, p: 1 });
  });

  test('within strata that say it already, it says nothing more', () => {
    const site = kinds((at) => Number(at % 8 === 0 || random.float() < 0.1));
    const host = site.map((each) => 7 - each);
    const [alone] = sharedInformation([host], failed, none);
    expect(alone!.p).toBe(1 / 5000);
    const [beside] = sharedInformation([host], failed, site);
    expect(beside).toEqual({ share: 0, p: 1 });
  });

  test('p is as it should be where nothing tells anything: each value as often', () => {
    const ps = Array.from({ length: 60 }, () => {
      const who = Uint8Array.from({ length: N }, () => Number(random.float() < 0.1));
      return sharedInformation([kinds(() => random.int(6))], who, none)[0]!.p;
    });
    const below = (p: number): number => ps.filter((each) => each <= p).length;
    // Binomial of 60: 15 and 30 with three deviations.
    expect(Math.abs(below(0.25) - 15)).toBeLessThan(11);
    expect(Math.abs(below(0.5) - 30)).toBeLessThan(12);
  });
});
