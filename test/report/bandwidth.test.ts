import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkLoad, type SentStream } from '../../src/report/bandwidth.ts';

const S = 1_000_000;

const sent = (
  fromS: number,
  toS: number,
  ipKbps: number | null = 80,
  callId: string | null = null,
): SentStream => {
  return { callId, startUs: fromS * S, endUs: toS * S, ipKbps };
};

const WHOLE = { startUs: null, endUs: null };

describe('what streams need of a link together', () => {
  test('is the most at one time, with the calls that were up then', () => {
    const streams = [
      sent(0, 10, 80, 'a'),
      sent(5, 20, 24, 'b'),
      sent(6, 8, 80, 'b'),
      sent(7, 9, 88),
      sent(10, 30, 80, 'c'),
    ];
    expect(linkLoad(streams, WHOLE)).toMatchObject({ peakKbps: 272, callsAtPeak: 3 });
  });

  test('one that begins when another ends adds nothing to it', () => {
    expect(linkLoad([sent(10, 20), sent(0, 10)], WHOLE)).toEqual({
      peakKbps: 80,
      callsAtPeak: 1,
      p95Kbps: 80,
    });
  });

  test('has a rate that was exceeded for 5 % of the time, quiet times among it', () => {
    // 100 s: 800 for 5 s, 160 for 15 s, 80 for 20 s.
    const streams = [
      sent(20, 55),
      sent(20, 35),
      ...Array.from({ length: 8 }, () => sent(20, 25)),
      sent(55, 60),
    ];
    const whole = { startUs: 0, endUs: 100 * S };
    expect(linkLoad(streams, whole)).toMatchObject({ peakKbps: 800, p95Kbps: 160 });
    expect(linkLoad([sent(20, 24)], whole)).toMatchObject({ peakKbps: 80, p95Kbps: 0 });
    expect(linkLoad([sent(20, 24)], WHOLE)).toMatchObject({ p95Kbps: 80 });
  });

  test('is unknown without rates', () => {
    expect(linkLoad([], WHOLE)).toBeNull();
    expect(linkLoad([sent(0, 10, null), sent(5, 5)], WHOLE)).toBeNull();
  });

  test('is what looking at every second finds, whenever that was', () => {
    const stream = fc.tuple(
      fc.integer({ min: 0, max: 90 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 200 }),
    );
    const streams = fc.array(stream, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(streams, fc.integer({ min: 0, max: 2e9 }), (drawn, atS) => {
        const all = drawn.map(([fromS, lastedS, kbps]) => sent(atS + fromS, atS + fromS + lastedS, kbps));
        const time = { startUs: atS * S, endUs: (atS + 130) * S };
        const seconds = Array.from({ length: 130 }, (_, s) =>
          drawn.reduce((sum, [from, lasted, kbps]) => (from <= s && s < from + lasted ? sum + kbps : sum), 0),
        ).sort((a, b) => b - a);
        // 5 % of 130 s are 6.5: the seventh second exceeds that.
        expect(linkLoad(all, time)).toMatchObject({ peakKbps: seconds[0], p95Kbps: seconds[6] });
      }),
    );
  });
});
