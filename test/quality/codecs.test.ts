import { describe, expect, test } from 'vitest';
import { AMR_WB_MONOTIC, UNSCORED_CODECS } from '../../src/quality/codec-figures.ts';
import {
  codecTable,
  onFullbandScale,
  onWidebandScale,
  opusRowId,
  rowById,
} from '../../src/quality/codecs.ts';

/** Ie, Bpl and Bpl without concealment as printed in the tables, copied by hand a second time. */
const PUBLISHED: readonly (readonly [
  source: string,
  id: string,
  ie: number,
  bpl: number,
  without: number | null,
])[] = [
  ['G.113 Table I.4', 'g711', 0, 25.1, 4.3],
  ['G.113 Table I.4', 'g729a-vad', 11, 19.0, null],
  ['G.113 Table I.4', 'g723.1-6.3', 15, 16.1, null],
  ['G.113 Table I.4', 'gsm-efr', 5, 10.0, null],
  ['standards 5.3', 'g729', 10, 19, null],
  ['standards 5.3', 'g723.1-5.3', 19, 16, null],
  ['standards 5.3', 'g726-40', 2, 20, 4.3],
  ['standards 5.3', 'g726-32', 7, 20, 4.3],
  ['standards 5.3', 'g726-24', 25, 20, 4.3],
  ['standards 5.3', 'g726-16', 50, 20, 4.3],
  ['standards 5.3', 'g728-16', 7, 15, null],
  ['standards 5.3', 'g728-12.8', 20, 15, null],
  ['standards 5.3', 'gsm-fr', 20, 10, null],
  ['standards 5.3', 'gsm-hr', 23, 10, null],
  ['G.113 Table I.1', 'is-54', 20, 10, null],
  ['G.113 Table I.1', 'is-641', 10, 10, null],
  ['G.113 Table I.1', 'is-96a', 21, 10, null],
  ['G.113 Table I.1', 'is-127', 6, 10, null],
  ['G.113 Table I.1', 'pdc', 24, 10, null],
  ['standards 5.3', 'amr-12.2', 5, 10, null],
  ['standards 5.3', 'amr-10.2', 6, 10, null],
  ['standards 5.3', 'amr-7.95', 8, 9, null],
  ['standards 5.3', 'amr-7.4', 10, 9, null],
  ['standards 5.3', 'amr-6.7', 12, 9, null],
  ['standards 5.3', 'amr-5.9', 14, 8, null],
  ['standards 5.3', 'amr-5.15', 16, 8, null],
  ['standards 5.3', 'amr-4.75', 18, 7, null],
  ['standards 5.3', 'ilbc-20', 11, 32, null],
  ['standards 5.3', 'ilbc-30', 12, 27, null],
  ['standards 5.3', 'speex-nb', 12, 18, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-6.6', 56, 4.0, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-8.85', 41, 4.1, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-12.65', 20, 4.3, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-15.85', 17, 4.4, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-23.05', 8, 4.6, null],
  ['G.113 Tables IV.3, IV.4', 'amr-wb-23.85', 10, 4.9, null],
  ['standards 5.4', 'g722-64', 13, 4.5, null],
  ['standards 5.4', 'g722-56', 20, 4.5, null],
  ['standards 5.4', 'g722-48', 31, 4.5, null],
  ['standards 5.4', 'g722.1-32', 13, 4.5, null],
  ['standards 5.4', 'g722.1-24', 19, 4.5, null],
  ['G.113 App. V', 'evs-swb-9.6', 22.7, 13, null],
  ['G.113 App. V', 'evs-swb-13.2', 17.1, 11.7, null],
  ['G.113 App. V', 'evs-swb-16.4', 10.8, 10.3, null],
  ['G.113 App. V', 'evs-swb-24.4', 7.2, 11.4, null],
  ['G.113 App. V, Erratum 1', 'evs-swb-32', 8.7, 9.3, null],
  ['G.113 App. V', 'evs-swb-48', 10.2, 9.6, null],
  ['standards 5.5', 'opus', 20, 10.5, null],
];

/** Rates, Ie, random Bpl and bursty Bpl of Opus, as printed in standards 5.3 to 5.5. */
const OPUS: readonly (readonly [
  bandwidth: 'NB' | 'WB' | 'SWB',
  cbr: boolean,
  kbps: string,
  ie: string,
  random: string,
  bursty: string,
])[] = [
  ['NB', false, '6/7/8/9', '23.0/21.3/16.0/11.7', '24.6/22.5/20.3/18.9', '15.4/14.4/13.5/12.4'],
  [
    'NB',
    true,
    '6/7/8/9/10/11',
    '46.3/31.7/19.2/13.2/6.2/2.0',
    '8.9/18.2/15.1/17.2/15.3/16.0',
    '5.7/11.8/10.1/11.4/10.5/10.7',
  ],
  ['WB', false, '11/12/13', '28.4/23.3/20.0', '23.9/22.2/19.5', ''],
  ['WB', true, '12/13/14/15', '29.8/26.2/20.8/18.1', '24.8/23.0/17.6/18.7', ''],
  [
    'SWB',
    false,
    '14/16/19/22/25/28/31/34/37/40',
    '38.1/30.2/23.8/20.2/20.2/18.5/16.8/14.8/12.1/10.7',
    '16.5/11.8/10.7/10.5/11.3/10.6/10.4/10.1/10.4/9.8',
    '9.1/10.1/8.9/8.6/9.2/8.9/8.8/8.5/8.3/8.0',
  ],
  [
    'SWB',
    true,
    '16/19/22/25/28/31/34/37/40',
    '36.9/29.6/23.4/22.6/23.7/21.7/20.6/16.2/15.9',
    '13.3/10.7/10.0/10.6/11.7/11.5/11.8/10.6/11.4',
    '',
  ],
];
const OPUS_SCALE = { NB: 'NB', WB: 'WB', SWB: 'FB' } as const;
const figures = (text: string): number[] => text.split('/').map(Number);

describe('figures of the codec table', () => {
  test.each(PUBLISHED)('%s: %s has Ie %f, Bpl %f', (_source, id, ie, bpl, without) => {
    expect(rowById(id)).toMatchObject({ ie, bpl, bplWithoutPlc: without ?? bpl });
  });

  test.each(OPUS)(
    'Alahmadi et al. 2021: Opus %s, constant rate %s, %s kbit/s',
    (bandwidth, cbr, ...texts) => {
      const [kbps, ie, random, bursty] = texts.map(figures) as [number[], number[], number[], number[]];
      kbps.forEach((rate, i) => {
        const row = rowById(opusRowId(bandwidth, cbr, rate));
        expect(row).toMatchObject({
          scale: OPUS_SCALE[bandwidth],
          ie: ie[i],
          bpl: random[i],
          grounded: false,
        });
        expect(row?.bplBursty).toBeLessThan(random[i]!);
        if (texts[3] !== '') expect(row?.bplBursty).toBe(bursty[i]);
      });
    },
  );

  test('nothing is in the table that is not printed, but what is said to be interpolated or kin', () => {
    const printed = new Set([
      ...PUBLISHED.map(([, id]) => id),
      ...OPUS.flatMap(([bandwidth, cbr, kbps]) =>
        figures(kbps).map((rate) => opusRowId(bandwidth, cbr, rate)),
      ),
    ]);
    const others = codecTable().filter(({ id }) => !printed.has(id));
    expect(others.map(({ id }) => id)).toEqual([
      'l16-8',
      'amr-wb-14.25',
      'amr-wb-18.25',
      'amr-wb-19.85',
      // In the published data of the paper, not in the digest of it.
      'opus-swb-vbr-15',
    ]);
    for (const row of others) expect(row.grounded).toBe(false);
  });

  test('ids are unique, look-ahead and factors are sane, only published figures are grounded', () => {
    const ids = codecTable().map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const row of codecTable()) {
      expect(row.grounded, row.id).toBe(row.ieProvenance + row.bplProvenance === 'SS');
      expect(row.ie).toBeGreaterThanOrEqual(0);
      expect(Math.min(row.bpl, row.bplWithoutPlc)).toBeGreaterThan(0);
      expect(row.lookAheadMs).toBeGreaterThanOrEqual(0);
    }
    expect(
      codecTable()
        .filter((row) => row.grounded)
        .map((row) => row.id),
    ).toEqual([
      'g711',
      'g729a-vad',
      'g723.1-6.3',
      'gsm-efr',
      'amr-wb-12.65',
      'amr-wb-23.05',
      'amr-wb-23.85',
      'evs-swb-9.6',
      'evs-swb-13.2',
      'evs-swb-16.4',
      'evs-swb-24.4',
      'evs-swb-32',
      'evs-swb-48',
    ]);
    expect(UNSCORED_CODECS.length).toBeGreaterThan(5);
  });

  test.each([
    ['g711', 0],
    ['g729a-vad', 5],
    ['g723.1-6.3', 7.5],
    ['gsm-hr', 4.4],
    ['ilbc-20', 5],
    ['ilbc-30', 10],
    ['amr-12.2', 0],
    ['amr-10.2', 5],
    ['amr-wb-12.65', 5],
    ['g722-64', 1.6],
    ['g722.1-24', 20],
    ['evs-swb-13.2', 12],
    ['opus', 6.5],
    ['opus-nb-vbr-9', 6.5],
    ['speex-nb', 10],
  ])('standards 5.2: %s looks %f ms ahead', (id, lookAheadMs) => {
    expect(rowById(id)?.lookAheadMs).toBe(lookAheadMs);
  });

  test('AMR-WB without diotic figures lies on the line between its neighbours, to half a point', () => {
    const line = (kbps: number, [x0, y0]: number[], [x1, y1]: number[]): number =>
      y0! + ((y1! - y0!) * (kbps - x0!)) / (x1! - x0!);
    const at = (id: string): number => rowById(id)!.ie;
    expect(at('amr-wb-14.25')).toBeCloseTo(line(14.25, [12.65, 20], [15.85, 17]), 9);
    expect(at('amr-wb-18.25')).toBeCloseTo(line(18.25, [15.85, 17], [23.05, 8]), 9);
    expect(at('amr-wb-19.85')).toBeCloseTo(line(19.85, [15.85, 17], [23.05, 8]), 9);
  });

  test('monotic and diotic columns stay apart: every monotic Ie,WB is lower, by up to 15 points', () => {
    const gaps = AMR_WB_MONOTIC.map(([kbps, ie]) => rowById(`amr-wb-${kbps}`)!.ie - ie);
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBe(15);
  });
});

describe('narrower codecs on wider scales', () => {
  test('standards 4.6, 4.7: a narrowband codec has Ie + 35.8 on the wideband scale and Ie + 54.8 on the fullband', () => {
    const g729 = rowById('g729a-vad')!;
    expect(onWidebandScale(g729)).toMatchObject({ id: 'g729a-vad@WB', scale: 'WB', ie: 46.8, bpl: 19 });
    expect(onFullbandScale(g729)).toMatchObject({
      id: 'g729a-vad@FB',
      scale: 'FB',
      ie: 65.8,
      grounded: false,
    });
  });

  test('G.113: a wideband codec has about Ie + 19 on the fullband scale, and there is no way back', () => {
    expect(onFullbandScale(rowById('amr-wb-12.65')!)).toMatchObject({ scale: 'FB', ie: 39, grounded: false });
    expect(onWidebandScale(rowById('amr-wb-12.65')!)).toBeNull();
    expect(onWidebandScale(rowById('opus')!)).toBeNull();
    expect(onFullbandScale(rowById('opus')!)).toBeNull();
  });
});
