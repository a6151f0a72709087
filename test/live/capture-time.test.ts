import { describe, expect, test } from 'vitest';
import { CaptureTime } from '../../src/live/capture-time.ts';

const NOON_US = 1_800_000_000_000_000;

describe('the time of the packets while none come', () => {
  test('is not known before the first', () => {
    expect(new CaptureTime().at(5000)).toBeNull();
  });

  test('is the newest stamp and what has passed since', () => {
    const time = new CaptureTime();
    time.note(NOON_US, 1000, NOON_US + 100_000);
    expect(time.at(1000)).toBe(NOON_US);
    expect(time.at(3500)).toBe(NOON_US + 2_500_000);
  });

  test('follows the clock of the stamps when that is set', () => {
    const time = new CaptureTime();
    time.note(NOON_US, 1000, NOON_US);
    time.note(NOON_US - 30_000_000, 2000, NOON_US - 30_000_000);
    expect(time.at(2000)).toBe(NOON_US - 30_000_000);
  });

  test('does not pass by itself for a recording, nor for one stamp that is far off', () => {
    const time = new CaptureTime();
    time.note(NOON_US - 86_400_000_000, 1000, NOON_US);
    expect(time.at(9000)).toBeNull();
    time.note(NOON_US, 9000, NOON_US);
    time.note(Number.NaN, 9500, NOON_US);
    time.note(NOON_US + 3_600_000_000, 9600, NOON_US);
    expect(time.at(10_000)).toBe(NOON_US + 1_000_000);
    expect(time.strange).toBe(3);
  });
});
