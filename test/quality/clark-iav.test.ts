import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clarkIav } from '../../src/quality/clark-iav.ts';

describe('time-varying impairment (ETSI TS 101 329-5 Annex E, Clark 2001; standards 2.6)', () => {
  test('steady state: equal impairment in bursts and gaps is heard as it is', () => {
    const steady = clarkIav({ ieBurst: 17, ieGap: 17, burstMs: 800, gapMs: 9000, sinceBurstMs: 4000 })!;
    for (const value of [steady.i1, steady.i2, steady.iav, steady.iend!]) expect(value).toBeCloseTo(17, 12);
  });

  test('steady state: no bursts leaves the gap, no gaps leaves the burst', () => {
    expect(clarkIav({ ieBurst: 60, ieGap: 5, burstMs: 0, gapMs: 1000 })!.iav).toBeCloseTo(5, 12);
    expect(clarkIav({ ieBurst: 60, ieGap: 5, burstMs: 1000, gapMs: 0 })!.iav).toBeCloseTo(60, 12);
  });

  test('steady state: long periods are heard in full, and average by their length', () => {
    const hour = 3_600_000;
    const { i1, i2, iav } = clarkIav({ ieBurst: 60, ieGap: 5, burstMs: hour, gapMs: 3 * hour })!;
    expect([i1, i2]).toEqual([expect.closeTo(60, 9), expect.closeTo(5, 9)]);
    // The 15 s of forgiving outlast the 5 s of noticing: 55 * (15 - 5) s over 4 h.
    expect(iav).toBeCloseTo((60 + 3 * 5) / 4 + (55 * 10) / (4 * 3600), 9);
  });

  test('by hand: Ieb 50, Ieg 10, bursts of 5 s, gaps of 15 s', () => {
    // e^-1 = 0.367879 on both sides: I1 = (50 * 0.632121 + 10 * 0.367879 * 0.632121) / (1 - 0.135335)
    const { i1, i2, iav, iend } = clarkIav({
      ieBurst: 50,
      ieGap: 10,
      burstMs: 5000,
      gapMs: 15_000,
      sinceBurstMs: 30_000,
    })!;
    expect(i1).toBeCloseTo(39.242343, 5);
    expect(i2).toBeCloseTo(20.757657, 5);
    // (5 * 50 + 15 * 10 - 5 * 29.242343 * 0.632121 + 15 * 29.242343 * 0.632121) / 20
    expect(iav).toBeCloseTo(29.242343, 5);
    // 29.242343 + 0.7 * 10 * e^-1
    expect(iend).toBeCloseTo(29.242343 + 0.7 * 10 * 0.36787944, 5);
  });

  test('the last burst is forgotten', () => {
    const given = { ieBurst: 50, ieGap: 10, burstMs: 5000, gapMs: 15_000 };
    const far = clarkIav({ ...given, sinceBurstMs: 3_600_000 })!;
    expect(far.iend).toBeCloseTo(far.iav, 9);
    expect(clarkIav({ ...given, sinceBurstMs: 0 })!.iend).toBeGreaterThan(far.iend!);
    expect(clarkIav(given)!.iend).toBeNull();
  });

  test('nothing measured is nothing', () => {
    expect(clarkIav({ ieBurst: 1, ieGap: 1, burstMs: 0, gapMs: 0 })).toBeNull();
    expect(clarkIav({ ieBurst: Number.NaN, ieGap: 1, burstMs: 1, gapMs: 1 })).toBeNull();
    expect(clarkIav({ ieBurst: 1, ieGap: 1, burstMs: -1, gapMs: 10 })).toBeNull();
    expect(clarkIav({ ieBurst: 1, ieGap: 1, burstMs: 1, gapMs: 10, sinceBurstMs: -1 })).toBeNull();
  });

  test('everything lies between gap and burst, and the pair of equations holds', () => {
    const ms = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    const ie = fc.double({ min: 0, max: 95, noNaN: true });
    fc.assert(
      fc.property(ie, ie, ms, ms, (a, b, burstMs, gapMs) => {
        const [ieGap, ieBurst] = [Math.min(a, b), Math.max(a, b)];
        const { i1, i2, iav } = clarkIav({ ieBurst, ieGap, burstMs, gapMs })!;
        expect(i1).toBeCloseTo(ieBurst - (ieBurst - i2) * Math.exp(-burstMs / 5000), 6);
        expect(i2).toBeCloseTo(ieGap + (i1 - ieGap) * Math.exp(-gapMs / 15_000), 6);
        for (const value of [i1, i2, iav]) {
          expect(value).toBeGreaterThanOrEqual(ieGap - 1e-6);
          expect(value).toBeLessThanOrEqual(ieBurst + 1e-6);
        }
      }),
    );
  });
});
