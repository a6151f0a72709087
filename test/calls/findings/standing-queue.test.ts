import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import type { LossSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** Delay of a queue that fills from 20 s on, stands at 100 ms and drains until 62 s, ms. */
const standing = (second: number): number =>
  Math.max(0, Math.min(100, (second - 20) * 50, (62 - second) * 50));
/** The same of a way that is 100 ms longer. */
const detour = (second: number): number => (second >= 20 && second < 62 ? 100 : 0);
const SECONDS = 90;

/** Every tenth packet of some seconds. */
function everyTenth(from: number, to: number): number[] {
  return Array.from({ length: (to - from) * 5 }, (_, i) => from * 50 + i * 10 + (i % 3));
}

/** What is found of a stream of 90 s whose packets are so late, ms, by the second in which they were sent. */
function found(delayMs: (second: number) => number, loss?: LossSpec, more: StreamSpec = {}) {
  const delaysMs = Array.from({ length: SECONDS * 50 }, (_, i) => delayMs(i / 50) + ((i * 7) % 3) / 2);
  const way: StreamSpec = { ...more, jitter: { kind: 'exact', delaysMs }, ...(loss ? { loss } : {}) };
  const calls = [{ durationMs: SECONDS * 1000, callerToCallee: way }];
  const { findings } = replayed(buildScenario({ seed: 3, calls }).pcap);
  return new Map(findings.map((finding) => [finding.code, finding]));
}

const whileFull: LossSpec = { kind: 'random', ratio: 0.06, fromMs: 22_000, untilMs: 60_000 };

describe('a level of the delay that rises, loses and falls back', () => {
  test('is a queue, and no other path', () => {
    const codes = found(standing, whileFull);
    expect(codes.has('path_change')).toBe(false);
    const { text, evidence } = codes.get('queueing')!;
    expect(text).toMatch(
      /^delay stood 100 ms higher for about 3\d s, in which [67]\.\d % were lost, and fell/,
    );
    expect(evidence).toMatchObject({ overflows: true, bufferbloat: false });
    const loss = codes.get('random_loss')!;
    expect(loss.evidence.queueAtLoss).toBe(true);
    expect(loss.evidence.delayAtLossMs).toBeGreaterThan(95);
    expect(loss.evidence.delayElsewhereMs).toBeLessThan(5);
    expect(loss.text).toContain('a queue was full');
  });

  test('twice is told once, with both', () => {
    const bump = (second: number, from: number, to: number): number =>
      Math.max(0, Math.min(250, (second - from) * 100, (to - second) * 100));
    const positions = [...everyTenth(16, 33), ...everyTenth(61, 83)];
    const codes = found((second) => Math.max(bump(second, 12, 36), bump(second, 57, 85)), {
      kind: 'exact',
      positions,
    });
    expect(codes.has('path_change')).toBe(false);
    const { text, evidence } = codes.get('queueing')!;
    expect(text).toMatch(
      /^delay stood 250 ms higher for about [34]\d s in 2 pieces, in which .* \(bufferbloat\)$/,
    );
    expect(evidence.standingLostRatio).toBeGreaterThan(0.08);
  });
});

describe('another path', () => {
  test.each<[string, LossSpec | undefined]>([
    ['without loss', undefined],
    ['that loses no more than the first', { kind: 'random', ratio: 0.04 }],
    [
      'that loses while it changes',
      {
        kind: 'windows',
        windows: [
          { atMs: 20_000, durationMs: 700 },
          { atMs: 61_300, durationMs: 700 },
        ],
      },
    ],
  ])('%s', (_, loss) => {
    const codes = found(standing, loss);
    expect(codes.get('path_change')?.evidence.stepMs).toBeCloseTo(100, 0);
    expect([...codes.values()].some(({ text }) => text.includes('queue'))).toBe(false);
  });

  test('that loses and does not end', () => {
    const codes = found((second) => Math.min(100, standing(Math.min(second, 40))), {
      kind: 'random',
      ratio: 0.06,
      fromMs: 22_000,
    });
    expect(codes.get('path_change')?.text).toContain('rose by 100 ms and stayed there');
    expect(codes.get('random_loss')?.evidence.queueAtLoss).toBeNull();
    expect(codes.get('random_loss')?.text).not.toContain('queue');
  });

  test('with other hops', () => {
    const codes = found(standing, whileFull, { pathChange: { atMs: 21_000, ttl: 57 } });
    expect(codes.get('path_change')?.evidence).toMatchObject({ fromTtl: 64, toTtl: 57 });
    expect(codes.get('random_loss')?.text).not.toContain('no queue');
  });

  test('that is left for a shorter one, on which packets overtake', () => {
    // The generator keeps the order of a stream unless it is told not to.
    const codes = found(detour, whileFull, { reorder: { positions: [3090, 3094, 3098, 3102], by: 2 } });
    expect(codes.has('path_change')).toBe(true);
    expect(codes.has('queueing')).toBe(false);
  });
});
