import { describe, expect, test } from 'vitest';
import { codecTable } from '../../src/quality/codecs.ts';
import { evaluate } from '../../src/quality/evaluate.ts';
import { SCALES, type Scale } from '../../src/quality/scales.ts';
import { type ScoreContext, Scorer } from '../../src/quality/score.ts';
import { referenceFullbandR, referenceMos, referenceR, referenceWidebandR } from './reference.ts';

const DELAYS = [0, 1, 2, 20, 50, 99, 100, 101, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600];
const LOSSES = [0, 0.1, 0.5, 1, 2, 3, 5, 7, 10, 15, 20];
const BURST_RATIOS = [1, 1.25, 1.5, 2, 3, 4];
const FACTOR: Record<Scale, number> = { NB: 1, WB: 1.29, FB: 1.48 };
/** Roe,WB by hand: -1.5 (No - 2) with the noise sum -68.80553931060876 dBm0p. */
const ROE_NOISE = 106.20830896591315;

/** R by the transcription, in the circumstances of `evaluate`. */
function expected(
  scale: Scale,
  point: { ie: number; bpl: number; ppl: number; burstR: number; ta: number },
  echo: 'default' | 'free' | 'returned',
): number {
  if (scale === 'FB') return referenceFullbandR(point);
  if (scale === 'WB') {
    return referenceWidebandR({ ...point, burstR: 1, roe: echo === 'returned' ? ROE_NOISE : null });
  }
  const t = echo === 'free' ? 0 : point.ta;
  return referenceR({ ...point, t, tr: 2 * t });
}

describe('every row of the table against an independent transcription of the three models', () => {
  test.each(['default', 'free', 'returned'] as const)(
    'delay 0..600, loss 0..20, burst ratio 1..4, echo %s',
    (echo) => {
      let points = 0;
      let worst = 0;
      let worstMos = 0;
      for (const row of codecTable()) {
        if (echo === 'returned' && row.scale === 'FB') continue;
        for (const ta of DELAYS) {
          for (const ppl of LOSSES) {
            for (const burstR of BURST_RATIOS) {
              const { scale, ie, bpl } = row;
              const result = evaluate({ scale, ie, bpl, pplPercent: ppl, burstR, delayMs: ta, echo });
              const r = expected(scale, { ie, bpl, ppl, burstR, ta }, echo);
              worst = Math.max(worst, Math.abs(result.r! - r));
              worstMos = Math.max(worstMos, Math.abs(result.mosCq! - referenceMos(r / FACTOR[scale])));
              points++;
            }
          }
        }
      }
      expect(points).toBeGreaterThan(40_000);
      expect(worst).toBeLessThan(1e-9);
      expect(worstMos).toBeLessThan(1e-9);
    },
  );

  test('without concealment, and with the burst extension of the wideband loss term', () => {
    let worst = 0;
    for (const { scale, ie, bplWithoutPlc: bpl } of codecTable()) {
      for (const ppl of LOSSES) {
        for (const burstR of BURST_RATIOS) {
          const given = {
            scale,
            ie,
            bpl,
            pplPercent: ppl,
            burstR,
            burstExtension: true,
            echo: 'free',
          } as const;
          const r =
            scale === 'WB'
              ? referenceWidebandR({ ie, bpl, ppl, burstR, ta: 0, roe: null })
              : expected(scale, { ie, bpl, ppl, burstR, ta: 0 }, 'free');
          worst = Math.max(worst, Math.abs(evaluate(given).r! - r));
        }
      }
    }
    expect(worst).toBeLessThan(1e-9);
  });

  test('the scorer of streams, every row, loss and discard, both echo modes', () => {
    let worst = 0;
    let worstSplit = 0;
    for (const row of codecTable()) {
      for (const echo of ['default', 'free'] as const) {
        for (const networkDelayMs of [0, 40, 130, 300, 600]) {
          const context: ScoreContext = {
            ptimeMs: 20,
            plc: true,
            networkDelayMs,
            delaySource: 'assumed',
            playout: 'fixed50',
            playoutDelayMs: 50,
            echo,
          };
          const scorer = new Scorer(row, context);
          for (const [lost, discarded, runs] of [
            [0, 0, 0],
            [1, 0, 1],
            [30, 20, 40],
            [100, 100, 60],
          ] as const) {
            const score = scorer.score({ expected: 1000, lost, discarded, runs })!;
            const ppl = (lost + discarded) / 10;
            const burstR = runs === 0 ? 1 : Math.max(1, ((lost + discarded) / runs) * (1 - ppl / 100));
            const ta = networkDelayMs + 20 + row.lookAheadMs + 50;
            const r = expected(row.scale, { ie: row.ie, bpl: row.bpl, ppl, burstR, ta }, echo);
            worst = Math.max(worst, Math.abs(score.rFactor! - r));
            const { codec, loss, discard, delay } = score.impairments;
            const flawless = row.scale === 'NB' ? 93.20620772327572 : row.scale === 'WB' ? 129 : 148;
            worstSplit = Math.max(worstSplit, Math.abs(flawless - codec - loss - discard - delay - r));
          }
        }
      }
    }
    expect(worst).toBeLessThan(1e-9);
    expect(worstSplit).toBeLessThan(1e-9);
  });

  test('the factors of the scales are those of the transcription', () => {
    for (const scale of ['NB', 'WB', 'FB'] as const) expect(SCALES[scale].factor).toBe(FACTOR[scale]);
  });
});
