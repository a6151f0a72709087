import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import { replayed } from '../../engine/replayed.ts';

/** What is found of a stream of two minutes whose packets are so late, ms, by the second in which they were sent. */
function found(delayMs: (second: number) => number): string[] {
  const delaysMs = Array.from({ length: 6000 }, (_, i) => delayMs(i / 50));
  const { findings } = replayed(
    buildScenario({
      calls: [{ durationMs: 120_000, callerToCallee: { jitter: { kind: 'exact', delaysMs } } }],
    }).pcap,
  );
  return findings.map(({ code }) => code);
}

/** Rises for ten seconds, falls for ten, and rests for ten. */
const uploads = (mostMs: number) => (second: number) =>
  Math.max(0, mostMs * (1 - Math.abs((second % 30) - 10) / 10));

describe('a queue that fills and drains', () => {
  test.each([80, 200, 400])('by %d ms is no other path', (mostMs) => {
    const codes = found(uploads(mostMs));
    expect(codes).toContain('queueing');
    expect(codes).not.toContain('path_change');
  });

  test('and then another path is told', () => {
    const codes = found((second) => (second < 60 ? uploads(80)(second) : 150));
    expect(codes).toEqual(expect.arrayContaining(['queueing', 'path_change']));
  });
});
