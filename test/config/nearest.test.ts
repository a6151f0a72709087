import { expect, test } from 'vitest';
import { durationText, parseDuration } from '../../src/config/duration.ts';
import { nearest } from '../../src/config/nearest.ts';

test.each([
  ['rign', 'ring'],
  ['Interface', 'interfaces'],
  ['interfacse', 'interfaces'],
  ['hpe', 'hep'],
  ['x', null],
  ['something', null],
])('%s is meant to be %s', (written, meant) => {
  expect(nearest(written, ['ring', 'interfaces', 'hep', 'limits'])).toBe(meant);
});

test.each([
  ['250ms', 250],
  ['1.5s', 1500],
  ['10 m', 600_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  ['5', null],
  ['-1s', null],
  ['1e3s', null],
  ['', null],
])('%s is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('a duration is written so that it is read as the same', () => {
  for (const ms of [0, 1, 60, 999, 1000, 1500, 60_000, 90_000, 3_600_000, 86_400_000]) {
    expect(parseDuration(durationText(ms))).toBe(ms);
  }
  expect(durationText(90_000)).toBe('90s');
});
