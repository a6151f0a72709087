import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { a2Figures, type PacketFate } from '../../src/rtcp/a2-counters.ts';

/** A trace from runs such as `100 good, 0, 199 good`: digits are single packets, `g` after a number is good ones. */
function trace(text: string): PacketFate[] {
  return text
    .split(' ')
    .flatMap((part) =>
      part.endsWith('g')
        ? new Array<PacketFate>(Number(part.slice(0, -1))).fill('received')
        : [...part].map(
            (digit): PacketFate => (digit === '1' ? 'received' : digit === 'd' ? 'discarded' : 'lost'),
          ),
    );
}

const NONE = { burstDensity: null, gapDensity: null, burstDurationMs: null, gapDurationMs: null };

describe('the counters of RFC 3611 A.2, Gmin 16, 20 ms', () => {
  test.each([
    ['100g 0 199g', 255, 0, 20, 2020, 2],
    ['100g 00000 195g', 255, 0, 100, 2020, 12],
    ['100g 0 111 0 111 0 191g', 85, 0, 180, 2020, 6],
    ['100g 0 15g 0 183g', 30, 0, 340, 2020, 4],
    ['100g 0 16g 0 182g', 255, 2, 20, 2360, 4],
  ])('%s', (text, burstDensity, gapDensity, burstDurationMs, gapDurationMs, lossRate) => {
    expect(trace(text)).toHaveLength(300);
    const got = a2Figures(trace(text), 16, 20);
    expect(got).toEqual({
      burstDensity,
      gapDensity,
      burstDurationMs: expect.closeTo(burstDurationMs, 9),
      gapDurationMs: expect.closeTo(gapDurationMs, 9),
      lossRate,
      discardRate: 0,
    });
  });

  test('without an event nothing is known: the total is 0', () => {
    expect(a2Figures(trace('300g'), 16, 20)).toEqual({ ...NONE, lossRate: null, discardRate: null });
  });

  test('discards make bursts like losses, but count apart', () => {
    expect(a2Figures(trace('100g 0 111 d 111 d 191g'), 16, 20)).toMatchObject({
      burstDensity: 85,
      lossRate: 2,
      discardRate: 4,
    });
  });

  test('a burst at the very start has no gap before it', () => {
    expect(a2Figures(trace('000 200g'), 16, 20)).toMatchObject({
      gapDurationMs: null,
      burstDurationMs: null,
    });
  });

  test('any trace gives octets and durations, or nothing', () => {
    const fates = fc.array(
      fc.constantFrom<PacketFate>('received', 'received', 'received', 'lost', 'discarded'),
    );
    fc.assert(
      fc.property(fates, (list) => {
        const got = a2Figures(list, 16, 20);
        for (const value of [got.burstDensity, got.gapDensity, got.lossRate, got.discardRate]) {
          if (value !== null) expect(Number.isInteger(value) && value >= 0 && value <= 255).toBe(true);
        }
        for (const value of [got.burstDurationMs, got.gapDurationMs]) {
          if (value !== null) expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }),
    );
  });
});
