import { describe, expect, test } from 'vitest';
import { type CodecRow, codecRow, codecTable } from '../../src/quality/codecs.ts';
import { computeNarrowband } from '../../src/quality/emodel.ts';
import {
  type LossCounts,
  type NarrowbandScore,
  narrowbandScorer,
  type ScoreContext,
} from '../../src/quality/score.ts';

type Case = ScoreContext & { row: CodecRow };

const scoreNarrowband = ({ row, ...context }: Case, counts: LossCounts): NarrowbandScore | null =>
  narrowbandScorer(row, context)?.score(counts) ?? null;

const format = (name: string, clockRate = 8000, fmtp: string | null = null) => ({ name, clockRate, fmtp });
const context = (over: Partial<Case> = {}): Case => ({
  row: codecRow(format('PCMU'))!,
  ptimeMs: 20,
  plc: true,
  networkDelayMs: 50,
  delaySource: 'assumed',
  playout: 'none',
  playoutDelayMs: 0,
  echo: 'default',
  ...over,
});

describe('the codec table', () => {
  test.each([
    ['pcmu', 8000, null, 'g711', 0, 25.1, true],
    ['PCMA', 8000, null, 'g711', 0, 25.1, true],
    ['G729', 8000, null, 'g729a-vad', 11, 19, true],
    ['G729', 8000, 'annexb=no', 'g729', 10, 19, false],
    ['G723', 8000, 'bitrate=5.3; annexa=no', 'g723.1-5.3', 19, 16, false],
    ['G723', 8000, null, 'g723.1-6.3', 15, 16.1, true],
    ['GSM', 8000, null, 'gsm-fr', 20, 10, false],
    ['GSM-EFR', 8000, null, 'gsm-efr', 5, 10, true],
    ['AAL2-G726-24', 8000, null, 'g726-24', 25, 20, false],
    ['iLBC', 8000, 'mode=20', 'ilbc-20', 11, 32, false],
    ['iLBC', 8000, null, 'ilbc-30', 12, 27, false],
    ['AMR', 8000, 'mode-set=0; octet-align=1', 'amr-4.75', 18, 7, false],
    ['AMR', 8000, 'mode-set=0,2,4,7', 'amr-12.2', 5, 10, false],
    ['speex', 8000, null, 'speex-nb', 12, 18, false],
  ])('%s/%i %s is %s: Ie %f, Bpl %f, grounded %s', (name, clockRate, fmtp, id, ie, bpl, grounded) => {
    expect(codecRow(format(name, clockRate, fmtp))).toMatchObject({ id, ie, bpl, grounded, scale: 'NB' });
  });

  test.each([
    ['G722', 8000, 'WB'],
    ['opus', 48_000, 'FB'],
    ['AMR-WB', 16_000, 'WB'],
    ['EVS', 16_000, 'FB'],
    ['speex', 16_000, 'WB'],
  ])('%s/%i is recognised but not scored as narrowband', (name, clockRate, scale) => {
    const row = codecRow(format(name, clockRate))!;
    expect(row).toMatchObject({ scale, ie: null });
    expect(scoreNarrowband(context({ row }), { expected: 1000, lost: 0, discarded: 0, runs: 0 })).toBeNull();
  });

  test('unknown codecs have no row; ids are unique; only published figures are grounded', () => {
    expect(codecRow(format('x-secret'))).toBeNull();
    expect(codecRow(format('telephone-event'))).toBeNull();
    const ids = codecTable().map((row) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const row of codecTable())
      expect(row.grounded).toBe(row.ie !== null && row.ieProvenance + row.bplProvenance === 'SS');
  });
});

describe('a score explains itself', () => {
  test('the parts add up to what separates R from a flawless line', () => {
    const score = scoreNarrowband(context(), { expected: 1000, lost: 20, discarded: 30, runs: 30 })!;
    const { codec, loss, discard, delay } = score.impairments;
    expect(computeNarrowband().r - codec - loss - discard - delay).toBeCloseTo(score.rFactor!, 9);
    expect(loss / discard).toBeCloseTo(20 / 30, 9);
    expect(score.delayMs).toBe(70);
    expect(score.rFactorLq - score.rFactor!).toBeCloseTo(delay, 9);
  });

  test('delay is network, one frame, look-ahead and playout', () => {
    const row = codecRow(format('G729'))!;
    const score = scoreNarrowband(context({ row, networkDelayMs: 80, playoutDelayMs: 60 }), {
      expected: 500,
      lost: 0,
      discarded: 0,
      runs: 0,
    })!;
    expect(score.delayMs).toBe(80 + 20 + 5 + 60);
  });

  test('without a delay there is no conversational score, and it is not the listening one', () => {
    const score = scoreNarrowband(context({ networkDelayMs: null }), {
      expected: 500,
      lost: 5,
      discarded: 0,
      runs: 5,
    })!;
    expect([score.rFactor, score.mosCq, score.delayMs]).toEqual([null, null, null]);
    expect(score.mosLq).toBeGreaterThan(4);
  });

  test('the burst ratio is fed within its validity, and doubt is flagged', () => {
    const wild = scoreNarrowband(context(), { expected: 1000, lost: 100, discarded: 0, runs: 5 })!;
    expect(wild.burstR).toBe(8);
    expect(wild.flags).toContain('burstR_out_of_validity');
    const single = scoreNarrowband(context(), { expected: 1000, lost: 1, discarded: 0, runs: 1 })!;
    expect(single.burstR).toBe(1);
    expect(single.flags).toEqual(['burstR_low_confidence']);
    expect(
      scoreNarrowband(context(), { expected: 1000, lost: 300, discarded: 0, runs: 200 })!.flags,
    ).toContain('ppl_out_of_range');
  });

  test('terms taken once per stream give what the whole model gives', () => {
    const counts = { expected: 1000, lost: 37, discarded: 0, runs: 20 };
    for (const networkDelayMs of [0, 40, 130, 300]) {
      const score = scoreNarrowband(context({ networkDelayMs }), counts)!;
      const ta = score.delayMs!;
      const whole = computeNarrowband({ bpl: 25.1, ppl: 3.7, burstR: score.burstR, ta, t: ta, tr: 2 * ta });
      expect(score.rFactor).toBeCloseTo(whole.r, 9);
    }
  });

  test('nothing expected, nothing scored', () => {
    expect(scoreNarrowband(context(), { expected: 0, lost: 0, discarded: 0, runs: 0 })).toBeNull();
  });

  test('concealment is worth 1.75 MOS at 5 % loss', () => {
    const counts = { expected: 1000, lost: 50, discarded: 0, runs: 48 };
    const gap =
      scoreNarrowband(context(), counts)!.mosLq - scoreNarrowband(context({ plc: false }), counts)!.mosLq;
    expect(gap).toBeCloseTo(1.75, 1);
  });
});
