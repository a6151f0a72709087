import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecRow, codecRowFor } from '../../src/quality/codec-choice.ts';
import type { ObservedPayload } from '../../src/quality/observed.ts';

const format = (name: string, clockRate = 8000, fmtp: string | null = null) => ({ name, clockRate, fmtp });
const rowId = (name: string, clockRate: number, fmtp: string | null, observed: ObservedPayload = {}) =>
  codecRowFor(format(name, clockRate, fmtp), observed).row?.id ?? null;

describe('the row of a signalled codec', () => {
  test.each([
    ['pcmu', 8000, null, 'g711', 0, 25.1, true],
    ['PCMA', 8000, null, 'g711', 0, 25.1, true],
    ['G729', 8000, null, 'g729a-vad', 11, 19, true],
    ['G729', 8000, 'annexb=no', 'g729', 10, 19, false],
    ['G723', 8000, 'bitrate=5.3; annexa=no', 'g723.1-5.3', 19, 16, false],
    ['G723', 8000, null, 'g723.1-6.3', 15, 16.1, true],
    ['GSM', 8000, null, 'gsm-fr', 20, 10, false],
    ['GSM-EFR', 8000, null, 'gsm-efr', 5, 10, true],
    ['GSM-HR-08', 8000, null, 'gsm-hr', 23, 10, false],
    ['AAL2-G726-24', 8000, null, 'g726-24', 25, 20, false],
    ['G726-40', 8000, null, 'g726-40', 2, 20, false],
    ['G721', 8000, null, 'g726-32', 7, 20, false],
    ['G728', 8000, null, 'g728-16', 7, 15, false],
    ['EVRC', 8000, null, 'is-127', 6, 10, false],
    ['iLBC', 8000, 'mode=20', 'ilbc-20', 11, 32, false],
    ['iLBC', 8000, null, 'ilbc-30', 12, 27, false],
    ['AMR', 8000, 'mode-set=0; octet-align=1', 'amr-4.75', 18, 7, false],
    ['AMR', 8000, 'mode-set=0,2,4,7', 'amr-12.2', 5, 10, false],
    ['AMR', 8000, 'mode-set=0,2,4', 'amr-7.4', 10, 9, false],
    ['AMR-WB', 16_000, 'mode-set=8', 'amr-wb-23.85', 10, 4.9, true],
    ['AMR-WB', 16_000, 'mode-set=0,1,2', 'amr-wb-12.65', 20, 4.3, true],
    ['speex', 8000, null, 'speex-nb', 12, 18, false],
    ['L16', 8000, null, 'l16-8', 0, 25.1, false],
    ['G722', 8000, null, 'g722-64', 13, 4.5, false],
    ['G7221', 16_000, 'bitrate=32000', 'g722.1-32', 13, 4.5, false],
    ['EVS', 16_000, 'br=13.2; bw=swb', 'evs-swb-13.2', 17.1, 11.7, true],
    ['opus', 48_000, null, 'opus', 20, 10.5, false],
  ])('%s/%i %s is %s: Ie %f, Bpl %f, grounded %s', (name, clockRate, fmtp, id, ie, bpl, grounded) => {
    expect(codecRow(format(name, clockRate, fmtp))).toMatchObject({ id, ie, bpl, grounded });
  });

  test.each([
    ['AMR', 8000, null, 'the 12.2 kbit/s mode'],
    ['AMR', 8000, 'mode-set=0,2', 'the 5.9 kbit/s mode, the highest allowed'],
    ['AMR-WB', 16_000, null, 'the 12.65 kbit/s mode'],
    ['AMR-WB', 16_000, 'mode-set=9,x', 'the 12.65 kbit/s mode'],
    ['G723', 8000, null, 'the 6.3 kbit/s mode'],
    ['G7221', 16_000, null, 'the 24 kbit/s mode'],
    ['opus', 48_000, null, 'no particular bandwidth or rate'],
    ['EVS', 16_000, 'br=24.4;bw=nb-swb', 'superwideband, the widest of those allowed'],
  ])('%s/%i %s says that it assumes %s', (name, clockRate, fmtp, assumed) => {
    expect(codecRowFor(format(name, clockRate, fmtp))).toMatchObject({ reason: null, assumed });
  });

  test('what signalling pins is not assumed', () => {
    for (const [name, clockRate, fmtp] of [
      ['AMR', 8000, 'mode-set=7'],
      ['G723', 8000, 'bitrate=6.3'],
      ['iLBC', 8000, null],
      ['EVS', 16_000, 'br=13.2;bw=swb'],
      ['PCMU', 8000, null],
    ] as const) {
      expect(codecRowFor(format(name, clockRate, fmtp))).toMatchObject({ assumed: null });
    }
  });
});

describe('what the packets show goes before what was signalled', () => {
  test.each<[string, number, string | null, ObservedPayload, string]>([
    ['AMR', 8000, 'mode-set=0,7', { modeKbps: 4.75 }, 'amr-4.75'],
    ['AMR-WB', 16_000, null, { modeKbps: 23.05 }, 'amr-wb-23.05'],
    ['G723', 8000, 'bitrate=6.3', { modeKbps: 5.3 }, 'g723.1-5.3'],
    ['iLBC', 8000, 'mode=20', { modeKbps: 13.33 }, 'ilbc-30'],
    ['GSM', 8000, null, { variant: 'gsm-efr' }, 'gsm-efr'],
    ['G722', 8000, null, { modeKbps: 48 }, 'g722-48'],
    ['G729', 8000, 'annexb=no', { silence: true }, 'g729a-vad'],
    ['EVS', 16_000, 'bw=nb-swb;br=9.6-24.4', { modeKbps: 24.4 }, 'evs-swb-24.4'],
    ['opus', 48_000, null, { bandwidth: 'NB', bitrateKbps: 7.4 }, 'opus-nb-vbr-7'],
    ['opus', 48_000, 'cbr=1', { bandwidth: 'NB', bitrateKbps: 10.2 }, 'opus-nb-cbr-10'],
    ['opus', 48_000, 'cbr=1', { bandwidth: 'WB', bitrateKbps: 12.4, cbr: false }, 'opus-wb-vbr-12'],
    ['opus', 48_000, null, { bandwidth: 'WB', bitrateKbps: 64 }, 'opus-wb-vbr-13'],
    ['opus', 48_000, null, { bandwidth: 'SWB', bitrateKbps: 23.5 }, 'opus-swb-vbr-22'],
    ['opus', 48_000, null, { bandwidth: 'SWB', bitrateKbps: 30, cbr: true }, 'opus-swb-cbr-31'],
    ['opus', 48_000, null, { bandwidth: 'SWB' }, 'opus'],
    ['opus', 48_000, null, { bandwidth: 'FB', bitrateKbps: 40 }, 'opus'],
  ])('%s/%i %s with %j is %s', (name, clockRate, fmtp, observed, id) => {
    expect(rowId(name, clockRate, fmtp, observed)).toBe(id);
  });

  test('a rate of Opus far from every measured one is said to be assumed', () => {
    const choice = (bitrateKbps: number) =>
      codecRowFor(format('opus', 48_000), { bandwidth: 'SWB', bitrateKbps });
    expect(choice(41)).toMatchObject({ assumed: null });
    expect(choice(64)).toMatchObject({ assumed: '40 kbit/s, the nearest rate measured' });
  });
});

describe('codecs without figures', () => {
  test.each<[string, number, string | null, ObservedPayload, RegExp]>([
    ['x-secret', 8000, null, {}, /for x-secret\/8000$/],
    ['telephone-event', 8000, null, {}, /telephone-event/],
    ['speex', 16_000, null, {}, /speex\/16000/],
    ['SILK', 16_000, null, {}, /SILK/],
    ['L16', 44_100, null, {}, /L16/],
    ['G719', 48_000, null, {}, /G719/],
    ['QCELP', 8000, null, {}, /QCELP/],
    ['AMR-WB+', 72_000, null, {}, /AMR-WB\+/],
    ['G7221', 32_000, 'bitrate=48000', {}, /Annex C/],
    ['G7221', 16_000, 'bitrate=16000', {}, /16 kbit/],
    ['EVS', 16_000, null, {}, /unknown audio bandwidth/],
    ['EVS', 16_000, 'bw=wb;br=13.2', {}, /EVS WB/],
    ['EVS', 16_000, 'bw=nb-fb', { modeKbps: 24.4 }, /EVS FB/],
    ['EVS', 16_000, 'bw=swb', {}, /unknown rate/],
    ['EVS', 16_000, 'bw=swb', { modeKbps: 64 }, /64 kbit/],
    ['EVS', 16_000, 'bw=swb', { modeKbps: 12.65, variant: 'amr-wb-io' }, /AMR-WB IO/],
    ['opus', 48_000, null, { bandwidth: 'MB', bitrateKbps: 12 }, /mediumband/],
    ['opus', 48_000, null, { bandwidth: 'NB' }, /unknown rate/],
    ['AMR', 8000, null, { modeKbps: 9 }, /AMR at 9/],
  ])('%s/%i %s %j has no row, and the reason is named', (name, clockRate, fmtp, observed, text) => {
    const choice = codecRowFor(format(name, clockRate, fmtp), observed);
    expect(choice).toMatchObject({ row: null, reason: 'codec_without_figures' });
    expect(choice.row === null && choice.text).toMatch(text);
  });

  test('any text is answered', () => {
    const name = fc.oneof(
      fc.constantFrom('AMR', 'AMR-WB', 'EVS', 'opus', 'G7221', 'iLBC', 'G729', 'G726-32'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        name,
        fc.nat(200_000),
        fc.option(fc.string()),
        fc.double(),
        (codec, clockRate, fmtp, rate) => {
          const choice = codecRowFor(
            { name: codec, clockRate, fmtp },
            { bandwidth: 'SWB', bitrateKbps: rate },
          );
          expect(choice.row === null ? choice.reason : choice.row.id).toBeTruthy();
        },
      ),
    );
  });
});
