import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticksToUs, timeScale } from '../../src/capture/pcapng-interfaces.ts';

const MICROSECONDS = 1_000_000n;

/** The true time in units of 2^-20 us, rounded down, in integers of any size. */
function exact(ticks: bigint, resolution: number, offsetSeconds: bigint): bigint {
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = (resolution & 0x80) !== 0 ? 1n << exponent : 10n ** exponent;
  return ((ticks * MICROSECONDS) << 20n) / perSecond + ((offsetSeconds * MICROSECONDS) << 20n);
}

function converted(ticks: bigint, resolution: number, offsetSeconds = 0n): number {
  const { divisor, highFactor, lowFactor } = timeScale(resolution);
  const high = Number(ticks >> 32n);
  const low = Number(ticks & 0xffffffffn);
  return ticksToUs(high, low, divisor, highFactor, lowFactor, Number(offsetSeconds) * 1e6);
}

/** Distance from the truth in microseconds. */
function errorUs(ticks: bigint, resolution: number, offsetSeconds = 0n): number {
  // Scaling a double by a power of two is exact, so nothing is lost before the comparison.
  const found = BigInt(Math.floor(converted(ticks, resolution, offsetSeconds) * 2 ** 20));
  const difference = found - exact(ticks, resolution, offsetSeconds);
  return Math.abs(Number(difference)) / 2 ** 20;
}

const NOW_SECONDS = 1_763_708_645n;

describe('known values', () => {
  test.each([
    ['milliseconds', 3, NOW_SECONDS * 1000n + 123n, 1_763_708_645_123_000],
    ['microseconds', 6, NOW_SECONDS * 1_000_000n + 123_457n, 1_763_708_645_123_457],
    ['nanoseconds', 9, NOW_SECONDS * 1_000_000_000n + 123_457_000n, 1_763_708_645_123_457],
    ['nanoseconds, half', 9, NOW_SECONDS * 1_000_000_000n + 123_457_500n, 1_763_708_645_123_457.5],
    ['seconds', 0, NOW_SECONDS, 1_763_708_645_000_000],
    ['2^-10', 0x80 | 10, (NOW_SECONDS << 10n) + 1n, 1_763_708_645_000_976.5],
    ['2^-20', 0x80 | 20, (NOW_SECONDS << 20n) + (1n << 19n), 1_763_708_645_500_000],
    ['2^-32', 0x80 | 32, (NOW_SECONDS << 32n) + (1n << 30n), 1_763_708_645_250_000],
    ['2^0', 0x80, NOW_SECONDS, 1_763_708_645_000_000],
  ])('%s', (_, resolution, ticks, timeUs) => {
    expect(converted(ticks, resolution)).toBe(timeUs);
  });

  test('picoseconds reach the present only with an offset', () => {
    expect(converted(5_123_456_000_000n, 12, NOW_SECONDS)).toBe(1_763_708_650_123_456);
    expect(converted(0n, 12, -1n)).toBe(-1_000_000);
  });
});

/** Near the present doubles lie a quarter of a microsecond apart: the nearest one is at most half of that away. */
const NEAREST_US = 0.125 + 2 ** -10;

describe('near the present, every tick becomes the nearest double', () => {
  test.each([
    ['tsresol 3', 3, 0n],
    ['tsresol 6', 6, 0n],
    ['tsresol 9', 9, 0n],
    ['tsresol 12 with an offset', 12, NOW_SECONDS],
    ['tsresol 2^-10', 0x80 | 10, 0n],
    ['tsresol 2^-20', 0x80 | 20, 0n],
    ['tsresol 2^-30', 0x80 | 30, 0n],
  ])('%s', (_, resolution, offsetSeconds) => {
    const exponent = BigInt(resolution & 0x7f);
    const perSecond = (resolution & 0x80) !== 0 ? 1n << exponent : 10n ** exponent;
    const start = (NOW_SECONDS - offsetSeconds) * perSecond;
    const ticks = fc.bigInt({ min: start, max: start + 86_400n * perSecond });
    fc.assert(
      fc.property(ticks, (value) => errorUs(value, resolution, offsetSeconds) <= NEAREST_US),
      { numRuns: 500 },
    );
  });

  test('microseconds are exact integers up to 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n }), (ticks) => {
        expect(BigInt(converted(ticks, 6))).toBe(ticks);
      }),
    );
  });
});

test('every resolution gives finite times, in the order of the ticks, right to one part in 2^51', () => {
  const ticks = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), ticks, ticks, (resolution, first, second) => {
      const [low, high] = first < second ? [first, second] : [second, first];
      const [lowUs, highUs] = [converted(low, resolution), converted(high, resolution)];
      expect(Number.isFinite(highUs)).toBe(true);
      expect(lowUs).toBeLessThanOrEqual(highUs);
      expect(errorUs(high, resolution)).toBeLessThanOrEqual(highUs * 2 ** -51 + 2 ** -19);
    }),
    { numRuns: 1000 },
  );
});
