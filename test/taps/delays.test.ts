import { describe, expect, test } from 'vitest';
import { randomFor } from '../../src/synth/random.ts';
import { commonDrift, delayVariation, driftOf, median, withoutDrift } from '../../src/taps/delays.ts';

describe('delays between two points', () => {
  test('variation is what is above the least', () => {
    const transits = Float64Array.from({ length: 100 }, (_, at) => 5_000_000 + 1000 * (99 - at));
    expect(delayVariation(transits)).toEqual({ p50: 49, p95: 94, p99: 98, max: 99 });
    expect(delayVariation(Float64Array.from([-7]))).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 });
    expect(delayVariation(new Float64Array(0))).toBeNull();
  });

  test('a drift is seen through queues, and a queue is no drift', () => {
    const times = Float64Array.from({ length: 6000 }, (_, at) => at * 20_000);
    const drifting = times.map((time, at) => 300 + time * 30e-6 + ((at * 7919) % 40) * 500);
    expect(driftOf(times, drifting)).toBeCloseTo(30, 0);
    const flat = withoutDrift(times, drifting, 30);
    expect(Math.max(...flat.filter((_, at) => at % 40 === 0)) - 300).toBeLessThan(0.01);
    const queue = times.map((_, at) => (at > 2000 && at < 2400 ? 80_000 : 100));
    expect(driftOf(times, queue)).toBe(0);
    const random = randomFor(1, 'jitter');
    const drifts = Array.from(
      { length: 20 },
      () =>
        driftOf(
          times,
          times.map(() => 15_000 * (random.float() + random.float())),
        )!,
    );
    expect(commonDrift(drifts)).toBe(0);
  });

  test('less than a minute, and less than two millionths, is none', () => {
    const times = Float64Array.from({ length: 2000 }, (_, at) => at * 20_000);
    expect(driftOf(times, times)).toBeNull();
    expect([commonDrift([]), commonDrift([1.9]), commonDrift([-40, 30, 29])]).toEqual([0, 0, 29]);
    expect(withoutDrift(times, times, 0)).toBe(times);
  });

  test('the middle of values', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
