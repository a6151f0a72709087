import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeNarrowband, effectiveEquipment, signalToNoise } from '../../src/quality/emodel.ts';
import {
  goodOrBetterPercent,
  mosFromR,
  poorOrWorsePercent,
  rFromMos,
  satisfaction,
} from '../../src/quality/mos.ts';
import { NARROWBAND_DEFAULTS } from '../../src/quality/parameters.ts';
import { referenceR } from './reference.ts';

describe('published anchors of G.107 (standards 4.2, 4.3)', () => {
  test('all defaults: Ro 94.77, Is 1.41, Id 0.15, R 93.2, MOS 4.41', () => {
    const result = computeNarrowband();
    expect(result.ro).toBeCloseTo(94.77, 2);
    expect(result.is).toBeCloseTo(1.41, 2);
    expect(result.id.total).toBeCloseTo(0.15, 2);
    expect(result.id.idle).toBeCloseTo(0.149, 3);
    expect(result.r).toBeCloseTo(93.2, 1);
    expect(mosFromR(result.r)).toBeCloseTo(4.41, 2);
    expect(result.outOfRange).toEqual([]);
  });

  test('the sum of all noise is -61.18 dBm0p (standards 4.2)', () => {
    expect(signalToNoise(NARROWBAND_DEFAULTS).no).toBeCloseTo(-61.18, 2);
  });

  test('talker echo is slightly negative between 1 and 3 ms, at least -0.11, and 0 below 1 ms (standards 4.2)', () => {
    const idte = (t: number): number => computeNarrowband({ t }).id.idte;
    const between = Array.from({ length: 201 }, (_, i) => idte(1 + i / 100));
    expect(Math.min(...between)).toBeCloseTo(-0.11, 2);
    expect(idte(0.99)).toBe(0);
    expect(idte(6)).toBeGreaterThan(0);
  });

  test.each([
    [0.55, 120],
    [0.4, 150],
  ])(
    'delay sensitivity class sT %f, mT %i ms: nothing up to mT, less than the default class beyond (standards 4.2)',
    (sT, mT) => {
      const idd = (ta: number): number => computeNarrowband({ ta, sT, mT }).id.idd;
      expect(idd(mT)).toBe(0);
      for (const ta of [mT + 50, 300, 500]) {
        expect(idd(ta)).toBeGreaterThan(0);
        expect(idd(ta)).toBeLessThan(computeNarrowband({ ta }).id.idd);
      }
    },
  );

  test.each([
    [100, 90.7],
    [150, 89.5],
    [200, 85.8],
    [300, 72.7],
    [400, 62.2],
  ])('delay %i ms with echo: R %f', (ta, r) => {
    expect(Math.abs(computeNarrowband({ ta, t: ta, tr: 2 * ta }).r - r)).toBeLessThanOrEqual(0.051);
  });

  test.each([
    [90, 202],
    [80, 287],
    [70, 390],
    [60, 552],
  ])('free of echo R crosses %i near %i ms', (r, ms) => {
    expect(computeNarrowband({ ta: ms - 1 }).r).toBeGreaterThan(r);
    expect(computeNarrowband({ ta: ms + 1 }).r).toBeLessThan(r);
  });

  test('with and without echo differ by 3.5, 5.8, 6.9 and 8.5 at 150, 300, 400 and 600 ms', () => {
    const gap = (ta: number): number =>
      computeNarrowband({ ta }).r - computeNarrowband({ ta, t: ta, tr: 2 * ta }).r;
    for (const [ta, difference] of [
      [150, 3.5],
      [300, 5.8],
      [400, 6.9],
      [600, 8.5],
    ] as const) {
      expect(Math.abs(gap(ta) - difference)).toBeLessThanOrEqual(0.06);
    }
  });

  test.each([
    ['G.711 without concealment', 0, 4.3, 1, 75.3, 3.83],
    ['G.711 without concealment', 0, 4.3, 2, 63.0, 3.26],
    ['G.711 without concealment', 0, 4.3, 5, 42.1, 2.17],
    ['G.711 with concealment', 0, 25.1, 1, 89.6, 4.33],
    ['G.711 with concealment', 0, 25.1, 2, 86.2, 4.24],
    ['G.711 with concealment', 0, 25.1, 5, 77.4, 3.92],
    ['G.729A with VAD', 11, 19, 0, 82.2, 4.1],
    ['G.729A with VAD', 11, 19, 2, 74.2, 3.79],
    ['G.729A with VAD', 11, 19, 5, 64.7, 3.34],
  ])('%s (Ie %i, Bpl %f) at %i %% loss: R %f, MOS %f (standards 4.8)', (_name, ie, bpl, ppl, r, mos) => {
    const result = computeNarrowband({ ie, bpl, ppl });
    expect(Math.abs(result.r - r)).toBeLessThanOrEqual(0.06);
    expect(Math.abs(mosFromR(result.r) - mos)).toBeLessThanOrEqual(0.01);
  });

  test.each([
    [0, 4.41, 4.41],
    [1, 4.33, 3.83],
    [3, 4.13, 2.79],
    [10, 3.41, 1.48],
    [20, 2.63, 1.12],
  ])('%i %% random loss: MOS %f with, %f without concealment', (ppl, withPlc, without) => {
    expect(Math.abs(mosFromR(computeNarrowband({ bpl: 25.1, ppl }).r) - withPlc)).toBeLessThanOrEqual(0.011);
    expect(Math.abs(mosFromR(computeNarrowband({ bpl: 4.3, ppl }).r) - without)).toBeLessThanOrEqual(0.011);
  });
});

describe('the loss term (eq. 7-29)', () => {
  test('no loss is Ie exactly, all lost stays below 95, bursts cost more', () => {
    expect(effectiveEquipment(11, 19, 0, 1)).toBe(11);
    expect(effectiveEquipment(0, 4.3, 100, 1)).toBeLessThan(95);
    expect(effectiveEquipment(0, 25.1, 5, 2)).toBeGreaterThan(effectiveEquipment(0, 25.1, 5, 1));
  });
});

describe('R and MOS (Annex B)', () => {
  test.each([
    [90, 4.34, 97, 0],
    [80, 4.02, 89, 1],
    [70, 3.6, 73, 6],
    [60, 3.1, 50, 17],
    [50, 2.58, 27, 38],
  ])('R %i is MOS %f, %i %% good or better, %i %% poor or worse', (r, mos, good, poor) => {
    expect(mosFromR(r)).toBeCloseTo(mos, 2);
    expect(Math.abs(goodOrBetterPercent(r) - good)).toBeLessThan(1);
    expect(Math.abs(poorOrWorsePercent(r) - poor)).toBeLessThan(1);
  });

  test('MOS stays within 1 and 4.5: the cubic dips to 0.989 below R 6.52 (standards 4.5)', () => {
    const cubic = (r: number): number => 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
    const dip = Array.from({ length: 653 }, (_, i) => cubic(i / 100));
    expect(Math.min(...dip)).toBeCloseTo(0.989, 3);
    expect(cubic(6.51)).toBeLessThan(1);
    expect(cubic(6.53)).toBeGreaterThan(1);
    expect(mosFromR(6.51)).toBe(1);
    for (let r = 99.99; r < 100; r += 1e-5) expect(mosFromR(r)).toBeLessThanOrEqual(4.5);
    expect(mosFromR(3)).toBe(1);
    expect(mosFromR(-40)).toBe(1);
    expect(mosFromR(130)).toBe(4.5);
  });

  test('and back again', () => {
    fc.assert(
      fc.property(fc.double({ min: 7, max: 99.9, noNaN: true }), (r) => {
        expect(rFromMos(mosFromR(r))).toBeCloseTo(r, 6);
      }),
    );
  });

  test('user satisfaction is decided on R, ranges include their lower end', () => {
    expect([90, 89.99, 80, 70, 60, 50, 49.9].map(satisfaction)).toEqual([
      'very satisfied',
      'satisfied',
      'satisfied',
      'some users dissatisfied',
      'many users dissatisfied',
      'nearly all users dissatisfied',
      'not recommended',
    ]);
  });
});

describe('properties', () => {
  const loss = fc.double({ min: 0, max: 40, noNaN: true });
  const delay = fc.double({ min: 0, max: 1000, noNaN: true });
  const burst = fc.double({ min: 1, max: 8, noNaN: true });

  test('agrees with an independent transcription of the standard', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 50, noNaN: true }),
        fc.double({ min: 4.3, max: 40, noNaN: true }),
        loss,
        burst,
        delay,
        fc.boolean(),
        (ie, bpl, ppl, burstR, ta, echo) => {
          const input = { ie, bpl, ppl, burstR, ta, t: echo ? ta : 0, tr: echo ? 2 * ta : 0 };
          expect(Math.abs(computeNarrowband(input).r - referenceR(input))).toBeLessThan(1e-9);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('R never rises with loss, with burst ratio or with delay free of echo', () => {
    fc.assert(
      fc.property(loss, loss, burst, burst, delay, delay, (p1, p2, b1, b2, d1, d2) => {
        const r = (ppl: number, burstR: number, ta: number): number =>
          computeNarrowband({ bpl: 10, ppl, burstR, ta }).r;
        expect(r(Math.max(p1, p2), b1, d1)).toBeLessThanOrEqual(r(Math.min(p1, p2), b1, d1) + 1e-9);
        expect(r(p1, Math.max(b1, b2), d1)).toBeLessThanOrEqual(r(p1, Math.min(b1, b2), d1) + 1e-9);
        expect(r(p1, b1, Math.max(d1, d2))).toBeLessThanOrEqual(r(p1, b1, Math.min(d1, d2)) + 1e-9);
      }),
    );
  });

  test('names parameters outside Table 3', () => {
    expect(computeNarrowband({ ta: 600, ppl: 25, burstR: 9 }).outOfRange.sort()).toEqual([
      'burstR',
      'ppl',
      'ta',
    ]);
  });
});
