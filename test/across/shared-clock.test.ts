import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharedClock } from '../../src/across/shared-clock.ts';
import { stream } from '../report/records.ts';

const drifting = (ip: string, skewPpm: number) => ({ ...stream(), src: { ip, port: 4000 }, skewPpm });

/** The definition read plainly: the middle value, and whether four of five agree with it. */
function plainly(senders: ReadonlyMap<string, number>): { skewPpm: number; senders: number } | null {
  const sorted = [...senders.values()].sort((a, b) => a - b);
  if (sorted.length < 4) return null;
  const middle = sorted[Math.floor(sorted.length / 2)]!;
  const agree = sorted.filter(
    (ppm) => Math.abs(ppm - middle) <= Math.max(20, Math.abs(middle) * 0.15),
  ).length;
  return agree >= sorted.length * 0.8 ? { skewPpm: middle, senders: agree } : null;
}

describe('the drift that senders share', () => {
  test('is what a plain reading of the definition gives, in any order, known senders again', () => {
    const clocks = fc.array(
      fc.tuple(fc.nat(30), fc.oneof(fc.integer({ min: 360, max: 460 }), fc.integer())),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(clocks, (seen) => {
        const clock = new SharedClock();
        const senders = new Map<string, number>();
        for (const [host, skewPpm] of seen) {
          const ip = `192.0.2.${host}`;
          clock.add(drifting(ip, skewPpm), []);
          senders.set(ip, skewPpm);
          expect(clock.driftPpm()).toEqual(plainly(senders));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('four senders 400 ppm off, and one of its own', () => {
    const clock = new SharedClock();
    [398, 400, 401, 405, -30].forEach((ppm, i) => {
      clock.add(drifting(`192.0.2.${i}`, ppm), []);
    });
    expect(clock.driftPpm()).toEqual({ skewPpm: 400, senders: 4 });
    expect(clock.isShared(410)).toBe(true);
    expect(clock.isShared(-30)).toBe(false);
  });
});
