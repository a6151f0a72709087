import { describe, expect, test } from 'vitest';
import { computeNarrowband } from '../../src/quality/emodel.ts';
import { computeFullband } from '../../src/quality/emodel-fb.ts';
import { computeWideband, ROE_WIDEBAND } from '../../src/quality/emodel-wb.ts';
import { mosFromR } from '../../src/quality/mos.ts';
import { effectiveEquipmentOn, mosOnScale, SCALES } from '../../src/quality/scales.ts';

const near = (value: number, printed: number, by = 0.051): void =>
  expect(Math.abs(value - printed)).toBeLessThanOrEqual(by);

describe('wideband, G.107.1 (standards 4.6)', () => {
  test('free of echo the greatest R is 129 and the greatest MOS 4.5', () => {
    const { r, ro, is, id, ieEff } = computeWideband();
    expect({ r, ro, is, total: id.total, ieEff }).toEqual({ r: 129, ro: 129, is: 0, total: 0, ieEff: 0 });
    expect(mosOnScale(r, 'WB')).toBe(4.5);
  });

  test('Idd,WB is 1.29 Idd', () => {
    for (const ta of [0, 100, 101, 150, 300, 600]) {
      expect(computeWideband({ ta }).id.idd).toBeCloseTo(1.29 * computeNarrowband({ ta }).id.idd, 12);
    }
  });

  test('Ie,eff,WB by hand: AMR-WB 12.65 (20, 4.3) at 2 % is 20 + 75 * 2 / 6.3 = 43.81, with 95 and not 129', () => {
    const { ieEff, r } = computeWideband({ ie: 20, bpl: 4.3, ppl: 2 });
    near(ieEff, 43.8095, 1e-4);
    near(r, 85.1905, 1e-4);
    near(mosOnScale(r, 'WB'), 3.41, 0.005);
  });

  test('eq. 7-15 has no burst ratio; feeding it is an extension that must be asked for', () => {
    const at = (burstR: number, burstExtension: boolean) =>
      computeWideband({ ie: 20, bpl: 4.3, ppl: 2, burstR, burstExtension }).ieEff;
    expect(at(4, false)).toBe(at(1, false));
    expect(at(1, true)).toBe(at(1, false));
    near(at(4, true), 20 + (75 * 2) / (0.5 + 4.3), 1e-12);
  });

  test('Roe,WB from the narrowband noise sum with Nfor = -96 is 106.2', () => {
    near(ROE_WIDEBAND.noise, 106.2, 0.01);
    expect(ROE_WIDEBAND.ro).toBe(129);
  });

  test.each([
    [150, 0.6],
    [600, 1.3],
  ])('at TELR 65 and %i ms the two readings of Roe,WB differ by %f R', (delay, difference) => {
    const r = (roe: 'noise' | 'ro') =>
      computeWideband({ ta: delay, t: delay, tr: 2 * delay, echo: 'returned', roe }).r;
    near(r('noise') - r('ro'), difference);
  });

  test('the listener echo left at Tr 0 is 0.15', () => {
    const { id, r } = computeWideband({ echo: 'returned' });
    near(id.idle, 0.15, 0.005);
    expect(id.idte).toBe(0);
    near(r, 129, 0.2);
  });

  test('names parameters outside the permitted range', () => {
    expect(computeWideband({ ta: 501, ppl: 21, burstR: 9 }).outOfRange.sort()).toEqual([
      'burstR',
      'ppl',
      'ta',
    ]);
    expect(computeWideband({ ie: 56, bpl: 4 }).outOfRange).toEqual([]);
  });
});

describe('fullband, G.107.2 (standards 4.7)', () => {
  test('the greatest R is 148 and the greatest MOS 4.5', () => {
    expect(computeFullband()).toMatchObject({ r: 148, ro: 148, is: 0, ieEff: 0 });
    expect(mosOnScale(148, 'FB')).toBe(4.5);
  });

  test('Id,FB is 1.48 Idd', () => {
    for (const ta of [0, 100, 101, 150, 300, 600]) {
      expect(computeFullband({ ta }).id.total).toBeCloseTo(1.48 * computeNarrowband({ ta }).id.idd, 12);
    }
  });

  test('Ie,eff,FB by hand: EVS 13.2 (17.1, 11.7) at 5 % is 17.1 + 114.9 * 5 / 16.7 = 51.50, with 132', () => {
    const { ieEff, r } = computeFullband({ ie: 17.1, bpl: 11.7, ppl: 5 });
    near(ieEff, 51.5012, 1e-4);
    near(mosOnScale(r, 'FB'), mosFromR(96.4988 / 1.48), 1e-5);
  });

  test('the burst ratio is part of the model', () => {
    near(computeFullband({ ie: 10, bpl: 10, ppl: 4, burstR: 2 }).ieEff, 10 + (122 * 4) / 12, 1e-12);
  });

  test('names parameters outside the permitted range', () => {
    expect(computeFullband({ ta: 501, ppl: 21, burstR: 9 }).outOfRange.sort()).toEqual([
      'burstR',
      'ppl',
      'ta',
    ]);
    expect(computeFullband({ ta: Number.NaN }).outOfRange).toEqual(['ta']);
  });
});

describe('the loss term and MOS by scale', () => {
  test('loss term constants: 95, 95 and 132, never 129 or 148; all lost stays below (standards 4.4, 4.6, 4.7)', () => {
    expect([SCALES.NB, SCALES.WB, SCALES.FB].map(({ lossConstant }) => lossConstant)).toEqual([95, 95, 132]);
    for (const scale of ['NB', 'WB', 'FB'] as const) {
      expect(effectiveEquipmentOn(scale, 7, 4.3, 0, 1)).toBe(7);
      expect(effectiveEquipmentOn(scale, 7, 4.3, 100, 1)).toBeLessThan(SCALES[scale].lossConstant);
    }
  });

  test.each([90, 80, 70, 60, 50])('standards 8: R %i, 1.29 R and 1.48 R have one MOS', (r) => {
    expect(mosOnScale(1.29 * r, 'WB')).toBeCloseTo(mosFromR(r), 12);
    expect(mosOnScale(1.48 * r, 'FB')).toBeCloseTo(mosFromR(r), 12);
    expect(mosOnScale(r, 'NB')).toBe(mosFromR(r));
  });
});
