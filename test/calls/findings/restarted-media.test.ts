import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** What is found, apart from remarks, in a call of a minute. */
function found(caller: StreamSpec, call: CallSpec = {}): string[] {
  const spec: CallSpec = { durationMs: 60_000, callerToCallee: caller, ...call };
  const { findings } = replayed(buildScenario({ calls: [spec] }).pcap);
  return findings.map(({ code }) => code);
}

const pauseAt = (...atMs: number[]): StreamSpec => ({
  pauses: atMs.map((at) => ({ atMs: at, durationMs: 260 })),
});

describe('a sender that begins anew with a new description, its timestamps where they were', () => {
  test('went no other way', () => {
    expect(found(pauseAt(30_000), { reinvites: [{ atMs: 29_900, by: 'caller' }] })).toEqual([]);
    expect(found(pauseAt(30_000), { reinvites: [{ atMs: 29_900, by: 'callee', codec: 'PCMA' }] })).toEqual(
      [],
    );
  });

  test('three times has no clock that drifts, and loses nothing in a buffer', () => {
    const reinvites = [15_000, 30_000, 45_000].map((atMs) => ({ atMs, by: 'callee' as const }));
    expect(found(pauseAt(15_100, 30_300, 45_200), { reinvites })).toEqual([]);
  });

  test('without one it may have gone another way', () => {
    expect(found(pauseAt(30_000))).toContain('path_change');
    expect(found(pauseAt(30_000), { reinvites: [{ atMs: 15_000 }] })).toContain('path_change');
  });

  test('and another way that is taken later is still told', () => {
    const both: StreamSpec = { ...pauseAt(15_100), pathChange: { atMs: 38_000, delayMs: 150 } };
    expect(found(both, { reinvites: [{ atMs: 15_000 }] })).toContain('path_change');
  });

  test('and packets that a network held up then, and let go, are still late', () => {
    const delaysMs = Array.from({ length: 3000 }, (_, i) => (i > 1500 && i < 1560 ? 250 : 0));
    const held = found(
      { jitter: { kind: 'exact', delaysMs } },
      { durationMs: 40_000, reinvites: [{ atMs: 29_900 }] },
    );
    expect(held).toContain('late_discard');
  });
});
