import { expect, test } from 'vitest';
import { driftPpm } from '../../../src/calls/findings/drift.ts';
import type { StreamRecord } from '../../../src/records/types.ts';

/** A stream with these least delays, one each five seconds, and the skew measured over all of it. */
function stream(skewPpm: number | null, leastMs: readonly number[]): StreamRecord {
  const intervals = {
    length: leastMs.length,
    look: (i: number) => ({ startUs: i * 5e6, leastDelayMs: leastMs[i]!, packets: 250 }),
  };
  return { skewPpm, intervals } as unknown as StreamRecord;
}

const line = (ppm: number, count = 16): number[] =>
  Array.from({ length: count }, (_, i) => (ppm * i * 5) / 1000);

test('a clock that is off is off by as much', () => {
  expect(driftPpm(stream(400, line(400)))).toBeCloseTo(400, 6);
  expect(driftPpm(stream(-900, line(-900)))).toBeCloseTo(-900, 6);
});

test('without a measurement there is none', () => {
  expect(driftPpm(stream(null, line(400)))).toBeNull();
});

test('a single step of the delay is no drift', () => {
  const step = line(0).map((ms, i) => ms + (i >= 7 ? 40 : 0));
  expect(driftPpm(stream(700, step))).toBe(0);
});

test('a drift is told beside a step', () => {
  const both = line(500).map((ms, i) => ms + (i >= 9 ? 40 : 0));
  expect(driftPpm(stream(1100, both))).toBeCloseTo(500, 6);
});

test('the parts and the whole must agree which way it goes', () => {
  expect(driftPpm(stream(300, line(-300)))).toBe(0);
});

test('what jitter does to the least delays is no drift', () => {
  const rough = line(0).map((ms, i) => ms + (((i * 7) % 16) % 5) * 8);
  expect(driftPpm(stream(260, rough))).toBe(0);
});
