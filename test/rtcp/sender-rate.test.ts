import { describe, expect, test } from 'vitest';
import { SenderClocks, senderClockPpm } from '../../src/rtcp/sender-rate.ts';

interface Step {
  atMs: number;
  ntpMs: number;
  ticks: number;
}

/** Feeds reports whose NTP time starts at 1 s before its seconds wrap. */
function clocks(steps: readonly Step[]): SenderClocks {
  const result = new SenderClocks();
  for (const { atMs, ntpMs, ticks } of steps) {
    const seconds = 0xffff_ffff + Math.floor(ntpMs / 1000);
    result.take(
      {
        ntpSeconds: seconds % 2 ** 32,
        ntpFraction: Math.round(((ntpMs % 1000) / 1000) * 2 ** 32),
        lsrKey: 0,
        rtpTimestamp: ticks % 2 ** 32,
        packetsSent: 0,
        octetsSent: 0,
      },
      atMs * 1000,
    );
  }
  return result;
}

/** A report every 5 s by a sender whose RTP clock runs at `rate`. */
function steady(count: number, rate: number, from = 0): Step[] {
  return Array.from({ length: count }, (_, i) => ({
    atMs: 5000 * i,
    ntpMs: 5000 * i,
    ticks: from + 5 * rate * i,
  }));
}

describe('RTP clock against NTP clock of one sender', () => {
  test('a clock that keeps time, across the wrap of both counters', () => {
    const rate = clocks(steady(13, 8000, 2 ** 32 - 100_000)).rate()!;
    expect(rate.ntpMs).toBeCloseTo(60_000, 6);
    expect(rate.ticks).toBe(480_000);
    expect(senderClockPpm(rate, 8000)).toEqual({ ppm: expect.closeTo(0, 6), error: false });
  });

  test('0.5 % fast is an error, 500 ppm is not', () => {
    expect(senderClockPpm(clocks(steady(13, 8040)).rate()!, 8000)).toEqual({
      ppm: expect.closeTo(5000, 3),
      error: true,
    });
    expect(senderClockPpm(clocks(steady(13, 8004)).rate()!, 8000)).toEqual({
      ppm: expect.closeTo(500, 3),
      error: false,
    });
  });

  test('a clock rate that is not the one agreed on', () => {
    expect(senderClockPpm(clocks(steady(2, 16_000)).rate()!, 8000)).toMatchObject({ ppm: 1e6, error: true });
  });

  test('late timestamps over a short stretch are no error', () => {
    const rate = clocks([
      { atMs: 0, ntpMs: 0, ticks: 0 },
      { atMs: 5000, ntpMs: 5000, ticks: 39_840 },
    ]).rate()!;
    expect(senderClockPpm(rate, 8000)).toEqual({ ppm: expect.closeTo(-4000, 3), error: false });
  });

  test('less than 5 s say nothing', () => {
    expect(clocks(steady(1, 8000)).rate()).toBeNull();
    expect(
      clocks([
        { atMs: 0, ntpMs: 0, ticks: 0 },
        { atMs: 4900, ntpMs: 4900, ticks: 39_200 },
      ]).rate(),
    ).toBeNull();
  });

  test('an NTP time that stands still says nothing', () => {
    expect(clocks(steady(9, 8000).map((step) => ({ ...step, ntpMs: 0 }))).rate()).toBeNull();
  });

  test('a clock that is set, or timestamps that begin anew, end a stretch; the longest counts', () => {
    const set = steady(13, 8000).map((step, i) =>
      i < 4 ? step : { ...step, ntpMs: step.ntpMs + 3_600_000 },
    );
    expect(clocks(set).rate()).toEqual({ ntpMs: expect.closeTo(40_000, 6), ticks: 320_000 });
    const anew = steady(13, 8000).map((step, i) => (i < 9 ? step : { ...step, ticks: step.ticks + 500_000 }));
    expect(clocks(anew).rate()).toEqual({ ntpMs: expect.closeTo(40_000, 6), ticks: 320_000 });
  });

  test('a copy of a report changes nothing', () => {
    const twice = steady(5, 8000).flatMap((step) => [step, { ...step, atMs: step.atMs + 1 }]);
    expect(clocks(twice).rate()).toEqual({ ntpMs: expect.closeTo(20_000, 6), ticks: 160_000 });
  });
});
