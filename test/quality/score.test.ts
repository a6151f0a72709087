import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codecRow } from '../../src/quality/codec-choice.ts';
import { type CodecRow, codecTable, rowById } from '../../src/quality/codecs.ts';
import { computeNarrowband } from '../../src/quality/emodel.ts';
import { type LossCounts, type Score, type ScoreContext, Scorer } from '../../src/quality/score.ts';

type Case = ScoreContext & { row: CodecRow };

const score = ({ row, ...given }: Case, counts: LossCounts): Score | null =>
  new Scorer(row, given).score(counts);

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

describe('a score explains itself', () => {
  test('the parts add up to what separates R from a flawless line', () => {
    const result = score(context(), { expected: 1000, lost: 20, discarded: 30, runs: 30 })!;
    const { codec, loss, discard, delay } = result.impairments;
    expect(computeNarrowband().r - codec - loss - discard - delay).toBeCloseTo(result.rFactor!, 9);
    expect(loss / discard).toBeCloseTo(20 / 30, 9);
    expect(result.delayMs).toBe(70);
    expect(result.rFactorLq - result.rFactor!).toBeCloseTo(delay, 9);
  });

  test('delay is network, one frame, look-ahead and playout', () => {
    const row = codecRow(format('G729'))!;
    const result = score(context({ row, networkDelayMs: 80, playoutDelayMs: 60 }), {
      expected: 500,
      lost: 0,
      discarded: 0,
      runs: 0,
    })!;
    expect(result.delayMs).toBe(80 + 20 + 5 + 60);
  });

  test('without a delay there is no conversational score, and it is not the listening one', () => {
    const result = score(context({ networkDelayMs: null }), {
      expected: 500,
      lost: 5,
      discarded: 0,
      runs: 5,
    })!;
    expect([result.rFactor, result.mosCq, result.delayMs]).toEqual([null, null, null]);
    expect(result.mosLq).toBeGreaterThan(4);
  });

  test('the burst ratio is fed within its validity, and doubt is flagged', () => {
    const wild = score(context(), { expected: 1000, lost: 100, discarded: 0, runs: 5 })!;
    expect(wild.burstR).toBe(8);
    expect(wild.flags).toContain('burstR_out_of_validity');
    const single = score(context(), { expected: 1000, lost: 1, discarded: 0, runs: 1 })!;
    expect(single.burstR).toBe(1);
    expect(single.flags).toEqual(['burstR_low_confidence']);
    expect(score(context(), { expected: 1000, lost: 300, discarded: 0, runs: 200 })!.flags).toContain(
      'ppl_out_of_range',
    );
  });

  test('terms taken once per stream give what the whole model gives', () => {
    const counts = { expected: 1000, lost: 37, discarded: 0, runs: 20 };
    for (const networkDelayMs of [0, 40, 130, 300]) {
      const result = score(context({ networkDelayMs }), counts)!;
      const ta = result.delayMs!;
      const whole = computeNarrowband({ bpl: 25.1, ppl: 3.7, burstR: result.burstR, ta, t: ta, tr: 2 * ta });
      expect(result.rFactor).toBeCloseTo(whole.r, 9);
    }
  });

  test('nothing expected, nothing scored', () => {
    expect(score(context(), { expected: 0, lost: 0, discarded: 0, runs: 0 })).toBeNull();
  });

  test('concealment is worth 1.75 MOS at 5 % loss', () => {
    const counts = { expected: 1000, lost: 50, discarded: 0, runs: 48 };
    const gap = score(context(), counts)!.mosLq - score(context({ plc: false }), counts)!.mosLq;
    expect(gap).toBeCloseTo(1.75, 1);
  });
});

const lossless = { expected: 1000, lost: 0, discarded: 0, runs: 0 };

describe('wideband and fullband streams', () => {
  test('start from 129 and 148, and the codec takes its share', () => {
    const wide = score(context({ row: rowById('amr-wb-12.65')! }), lossless)!;
    expect([wide.rFactorLq, wide.impairments.codec]).toEqual([109, 20]);
    const full = score(context({ row: rowById('evs-swb-24.4')! }), lossless)!;
    expect(full.rFactorLq).toBeCloseTo(140.8, 12);
  });

  test('the default of the wider scales is free of echo: 50 ms cost nothing there, and some narrowband points', () => {
    const delay = (id: string) => score(context({ row: rowById(id)! }), lossless)!.impairments.delay;
    expect(delay('amr-wb-12.65')).toBe(0);
    expect(delay('evs-swb-24.4')).toBe(0);
    expect(delay('g711')).toBeGreaterThan(1);
    expect(new Scorer(rowById('amr-wb-12.65')!, context()).echo).toBe('free');
    expect(new Scorer(rowById('g711')!, context()).echo).toBe('returned');
  });

  test('wideband echo terms can be asked for, fullband has none and says so', () => {
    const returned = (id: string) => score(context({ row: rowById(id)!, echo: 'returned' }), lossless)!;
    expect(returned('amr-wb-12.65').impairments.delay).toBeGreaterThan(0.5);
    expect(returned('evs-swb-24.4')).toMatchObject({
      impairments: { delay: 0 },
      flags: ['echo_not_modelled'],
    });
  });

  test('bursts do not enter the wideband loss term (eq. 7-15) unless asked for; both are flagged', () => {
    const row = rowById('amr-wb-12.65')!;
    const bursty = { expected: 1000, lost: 15, discarded: 0, runs: 5 };
    const plain = score(context({ row }), bursty)!;
    expect(plain.burstR).toBe(1);
    expect(plain.burstRRaw).toBeCloseTo(3 * 0.985, 12);
    expect(plain.flags).toEqual(['burstR_not_in_model']);
    const extended = score(context({ row, burstExtension: true }), bursty)!;
    expect(extended.burstR).toBeCloseTo(2.955, 12);
    expect(extended.rFactorLq).toBeLessThan(plain.rFactorLq);
    expect(extended.flags).toEqual(['burstR_extension']);
    const fullband = score(context({ row: rowById('opus')! }), bursty)!;
    expect(fullband.burstR).toBeCloseTo(2.955, 12);
  });
});

describe('what a score says about itself', () => {
  test('grounded is for the figures used: G.711 with and without concealment, G.729A only with', () => {
    const grounded = (id: string, plc: boolean) => new Scorer(rowById(id)!, context({ plc })).grounded;
    expect([grounded('g711', true), grounded('g711', false)]).toEqual([true, true]);
    expect([grounded('g729a-vad', true), grounded('g729a-vad', false)]).toEqual([true, false]);
    expect(grounded('opus', true)).toBe(false);
  });

  test('delay over 500 ms, Ie over 40 and an assumed mode are flagged', () => {
    expect(score(context({ networkDelayMs: 490 }), lossless)!.flags).toEqual(['delay_out_of_range']);
    expect(score(context({ row: rowById('g726-16')! }), lossless)!.flags).toEqual(['ie_out_of_range']);
    expect(score(context({ row: rowById('amr-wb-6.6')! }), lossless)!.flags).toEqual([]);
    expect(score(context({ modeAssumed: true }), lossless)!.flags).toEqual(['codec_mode_assumed']);
  });

  test.each([
    [1000, 50, 10, 4.75],
    [1000, 50, 50, 0.95],
    [400, 3, 3, 0.9925],
    [1000, 1000, 1, 0],
  ])('standards 2.5: of %i packets %i lost in %i runs, raw burst ratio %f', (expected, lost, runs, raw) => {
    const { burstR, burstRRaw } = score(context(), { expected, lost, discarded: 0, runs })!;
    expect(burstRRaw).toBeCloseTo(raw, 12);
    expect(burstR).toBe(Math.max(1, burstRRaw));
  });

  test('standards 2.5: the Gilbert form 1 / (p + q) and the runs agree', () => {
    // p 0.02, q 0.5: loss p / (p + q), mean run 1 / q.
    const expected = 1e9;
    const lost = (expected * 0.02) / 0.52;
    const result = score(context(), { expected, lost, discarded: 0, runs: lost * 0.5 })!;
    expect(result.burstRRaw).toBeCloseTo(1 / 0.52, 9);
  });
});

describe('properties of scores', () => {
  const row = fc.constantFrom(...codecTable());
  const cases = fc.record({
    row,
    ptimeMs: fc.option(fc.constantFrom(10, 20, 30, 60)),
    plc: fc.boolean(),
    networkDelayMs: fc.option(fc.double({ min: 0, max: 3000, noNaN: true })),
    playoutDelayMs: fc.double({ min: 0, max: 500, noNaN: true }),
    echo: fc.constantFrom('default' as const, 'free' as const, 'returned' as const),
    burstExtension: fc.boolean(),
  });
  const counts = fc
    .tuple(fc.integer({ min: 1, max: 200_000 }), fc.double({ min: 0, max: 1 }), fc.double(), fc.double())
    .map(([expected, share, split, run]) => {
      const unit = (x: number): number => Math.abs(Number.isFinite(x) ? x % 1 : 0);
      const events = Math.floor(expected * unit(share));
      const lost = Math.floor(events * unit(split));
      const runs = events === 0 ? 0 : Math.max(1, Math.floor(events * unit(run)));
      return { expected, lost, discarded: events - lost, runs };
    });

  test('the parts add up to R, MOS stays within 1 and 4.5, everything is finite', () => {
    fc.assert(
      fc.property(cases, counts, (given, packets) => {
        const result = score(context(given), packets)!;
        const { codec, loss, discard, delay } = result.impairments;
        const flawless = { NB: computeNarrowband().r, WB: 129, FB: 148 }[given.row.scale];
        expect(flawless - (codec + loss + discard + delay)).toBeCloseTo(
          result.rFactor ?? result.rFactorLq,
          9,
        );
        for (const mos of [result.mosLq, result.mosCq ?? 1]) {
          expect(mos).toBeGreaterThanOrEqual(1);
          expect(mos).toBeLessThanOrEqual(4.5);
        }
        expect(Math.min(loss, discard, codec)).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(result.rFactorLq + (result.rFactor ?? 0) + result.burstRRaw)).toBe(true);
        expect(result.mosCq === null).toBe(given.networkDelayMs === null);
      }),
      { numRuns: 2000 },
    );
  });

  test('absurd counts give no absurd score', () => {
    const result = score(context(), { expected: 10, lost: 50, discarded: 50, runs: 0 })!;
    expect(result.rFactorLq).toBeGreaterThan(93.3 - 95);
    expect(result.impairments.loss).toBeCloseTo(result.impairments.discard, 12);
    expect(score(context(), { expected: Number.NaN, lost: 0, discarded: 0, runs: 0 })).toBeNull();
  });
});
