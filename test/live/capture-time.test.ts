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
    expect(time.isRecording).toBe(false);
  });

  test('is that of a recording where strange stamps pass faster than time does', () => {
    const time = new CaptureTime();
    const then = NOON_US - 86_400_000_000;
    const play = (fromMs: number, toMs: number, speed: number): void => {
      for (let ms = fromMs; ms < toMs; ms += 500)
        time.note(then + ms * 1000 * speed, ms, NOON_US + ms * 1000);
    };
    play(1000, 20_000, 2);
    expect(time.isRecording).toBe(false);
    play(20_000, 30_000, 2);
    expect(time.isRecording).toBe(true);
    time.note(NOON_US + 30_000_000, 30_000, NOON_US + 30_000_000);
    expect(time.isRecording).toBe(false);
  });

  test('is that of a far machine with a wrong clock where they keep pace, also when that is set', () => {
    const time = new CaptureTime();
    const slowUs = 600_000_000;
    const play = (fromMs: number, toMs: number, offUs: number): void => {
      for (let ms = fromMs; ms < toMs; ms += 500)
        time.note(NOON_US + ms * 1000 - offUs, ms, NOON_US + ms * 1000);
    };
    play(1000, 300_000, slowUs);
    expect(time.isRecording).toBe(false);
    play(300_000, 301_000, slowUs / 2);
    expect(time.isRecording).toBe(true);
    play(301_000, 450_000, slowUs / 2);
    expect(time.isRecording).toBe(false);
  });
});
