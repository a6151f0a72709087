import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ExplainContext, explain } from '../../src/quality/explain.ts';

const points = (codec: number, loss: number, discard: number, delay: number) => ({
  codec,
  loss,
  discard,
  delay,
});

describe('one line on a score', () => {
  test.each<[ReturnType<typeof points>, ExplainContext, string | null, string]>([
    [points(0, 21, 5, 2), {}, 'loss', 'packet loss costs 21 of the 28 points lost'],
    [
      points(0, 50, 0, 3),
      { plc: false },
      'loss',
      'packet loss (taken to be unconcealed) costs 50 of the 53 points lost',
    ],
    [
      points(0, 3, 12, 3),
      { playout: 'fixed50' },
      'discard',
      'packets that come too late or too early to be played (fixed50) cost 12 of the 18 points lost',
    ],
    [
      points(0, 1, 1, 20),
      { delayMs: 299.6, delaySource: 'measured' },
      'delay',
      'delay (300 ms mouth to ear) costs 20 of the 22 points lost',
    ],
    [
      points(0, 1, 1, 20),
      { delayMs: 300, delaySource: 'assumed' },
      'delay',
      'delay (300 ms mouth to ear, partly assumed) costs 20 of the 22 points lost',
    ],
    [
      points(11, 0, 0, 1.6),
      { codec: 'G.729A with VAD' },
      'codec',
      'the codec (G.729A with VAD) costs 11 of the 13 points lost',
    ],
    [points(11, 0, 0, 0), {}, 'codec', 'the codec costs all of the 11 points lost'],
    [points(0, 2.44, 0, 1.61), {}, 'loss', 'packet loss costs 2.4 of the 4.0 points lost'],
    [points(0, 0, 0, 0.9), {}, null, 'nothing costs as much as one point'],
    [
      points(0, 12, 0, 0),
      { delayMs: null },
      'loss',
      'packet loss costs all of the 12 points lost; the delay is unknown and not counted',
    ],
  ])('%j %j', (impairments, context, topReason, text) => {
    expect(explain(impairments, context)).toEqual({ topReason, text });
  });

  test('on a tie the cause that can be acted on soonest', () => {
    expect(explain(points(7, 7, 7, 7)).topReason).toBe('loss');
    expect(explain(points(7, 0, 7, 7)).topReason).toBe('discard');
    expect(explain(points(7, 0, 0, 7)).topReason).toBe('delay');
  });

  test('the reason named takes at least a quarter; nonsense is nothing to explain', () => {
    const share = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, (codec, loss, discard, delay) => {
        const impairments = points(codec, loss, discard, delay);
        const { topReason } = explain(impairments);
        const total = codec + loss + discard + delay;
        if (topReason !== null) expect(impairments[topReason]).toBeGreaterThanOrEqual(total / 4 - 1e-9);
        else expect(total).toBeLessThan(1);
      }),
    );
    expect(explain(points(Number.NaN, 0, 0, 0)).topReason).toBeNull();
    expect(explain(points(0, 0, 0, -0.1)).topReason).toBeNull();
  });
});
