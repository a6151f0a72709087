import { expect, test } from 'vitest';
import { Pressure } from '../../../src/capture/live/pressure.ts';

function told(ratios: readonly number[]): boolean[] {
  const pressure = new Pressure();
  return ratios.map((ratio) => {
    pressure.note(ratio);
    return pressure.isHigh;
  });
}

test('much that waits, and does not become less by reading, is pressure until little waits', () => {
  expect(told([0.1, 0.75, 0.8, 0.5, 0.3, 0.2, 0.9, 0.1])).toEqual([
    ...[false, false, true, true, true, false, false, false],
  ]);
});

test('a standstill of the reader is none: what waited is soon read', () => {
  expect(told([0, 1, 0.94, 0.88, 0.8, 0.7, 0.6, 0.5, 0.1]).includes(true)).toBe(false);
});

test('a buffer that stays full is', () => {
  expect(told([0, 1, 1, 1])).toEqual([false, false, true, true]);
});
