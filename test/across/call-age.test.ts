import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

/** Calls between two networks, so many seconds apart. */
function play(count: number, apartS: number, durationS: number, spec: (i: number) => StreamSpec) {
  const calls = Array.from(
    { length: count },
    (_, i): CallSpec => ({
      callId: `call${i}`,
      startMs: i * apartS * 1000,
      durationMs: durationS * 1000,
      caller: { user: `a${i}`, ip: `198.51.100.${10 + i}` },
      callee: { user: `b${i}`, ip: `203.0.113.${20 + i}` },
      ptimeMs: 40,
      callerToCallee: spec(i),
      calleeToCaller: null,
    }),
  );
  return replayed(buildCapture({ calls })).findings;
}

const aged = (findings: readonly FindingRecord[]): FindingRecord[] =>
  findings.filter(({ evidence }) => evidence.signature === 'worse_with_age');

/** Packets lost ever more often: none at the beginning, `most` of all at the end. */
function rising(packets: number, most: number): StreamSpec {
  const positions = Array.from({ length: packets }, (_, i) => i).filter((i) => {
    const draw = ((i * 7919 + 13) % 10_007) / 10_007;
    return draw < (most * i) / packets;
  });
  return { loss: { kind: 'exact', positions } };
}

const lossy = (ratio: number, fromS = 0): StreamSpec => ({
  loss: { kind: 'random', ratio, fromMs: fromS * 1000 },
});

describe('calls that get worse as they get older', () => {
  test('steadily, within one call', () => {
    const [found] = aged(play(1, 0, 160, () => rising(4000, 0.06)));
    expect(found!.code).toBe('random_loss');
    expect(found!.text).toContain('it grows with the age of the call');
    expect(found!.evidence.lastQuarter as number).toBeGreaterThan(0.04);
  });

  test('from one age on, in several calls that began at different times', () => {
    const found = aged(play(5, 25, 100, () => lossy(0.06, 60)));
    // The first ones to end do not know of those after them.
    expect(found.length).toBeGreaterThanOrEqual(2);
    const { evidence, text } = found.at(-1)!;
    expect(evidence.ageCalls as number).toBeGreaterThanOrEqual(3);
    expect(Math.abs((evidence.onsetAgeMs as number) - 60_000)).toBeLessThan(10_000);
    expect(text).toContain('it comes with the age of a call');
  });

  test('is not a loss that stays as it is, one that begins once, or one moment for all calls', () => {
    expect(aged(play(1, 0, 160, () => lossy(0.03)))).toEqual([]);
    expect(aged(play(1, 0, 160, () => lossy(0.06, 80)))).toEqual([]);
    expect(aged(play(5, 10, 120, (i) => lossy(0.06, 90 - i * 10)))).toEqual([]);
  });

  test('nor one age at which most calls are well', () => {
    expect(aged(play(8, 15, 100, (i) => (i % 3 === 0 ? lossy(0.06, 60) : {})))).toEqual([]);
  });
});
