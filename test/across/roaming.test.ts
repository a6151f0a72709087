import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { roams } from '../findings/wifi.ts';

const GATEWAY = { user: 'gateway', ip: '203.0.113.9' };

/** A few calls of telephones in one network to a gateway; all of what is found of the first. */
function findingsOf(spec: (i: number) => Partial<CallSpec>, calls = 4): FindingRecord[] {
  const { findings } = replayed(
    buildCapture({
      calls: Array.from({ length: calls }, (_, i) => ({
        callId: `call${i}`,
        startMs: i * 703,
        durationMs: 60_000,
        caller: { user: `u${i}`, ip: `192.0.2.${20 + i}` },
        callee: GATEWAY,
        ...spec(i),
      })),
    }),
  );
  return findings.filter(({ callId }) => callId === 'call0');
}

const signed = (findings: readonly FindingRecord[]): FindingRecord[] =>
  findings.filter(({ evidence }) => evidence.signature === 'wifi_roaming');

describe('a device that roams', () => {
  test('both directions stop at once, thrice, and what waited comes in a burst', () => {
    const found = signed(findingsOf((i) => (i === 0 ? roams([9000, 24_000, 41_000], 700) : {})));
    expect(found.map(({ code }) => code)).toContain('burst_loss');
    expect(found[0]!.evidence).toMatchObject({ roams: 3, device: '192.0.2.20' });
    expect(found[0]!.evidence.otherStreams).toBeGreaterThan(0);
    expect(found[0]!.text).toContain('as when 192.0.2.20 roams from one Wi-Fi access point to the next');
  });

  test('in the only call of the capture: nobody knows which of the two it is', () => {
    const found = signed(findingsOf(() => roams([9000, 24_000, 41_000], 700), 1));
    expect(found[0]!.evidence).toMatchObject({ roams: 3, otherStreams: 0, device: null });
    expect(found[0]!.text).not.toContain('while other streams go on');
  });

  test('once, and the path is longer afterwards', () => {
    const moved = roams([20_000], 1500);
    const callerToCallee = { ...moved.callerToCallee, pathChange: { atMs: 21_500, ttl: 61, delayMs: 12 } };
    const found = signed(findingsOf((i) => (i === 0 ? { ...moved, callerToCallee } : {})));
    expect(found.map(({ code }) => code)).toContain('media_interrupted');
    expect(found[0]!.evidence).toMatchObject({ roams: 1, pathChanges: 1 });
  });

  test('is not one direction alone, not one halt, not a link that fails under all, not jitter both ways', () => {
    const { callerToCallee } = roams([9000, 24_000, 41_000], 700);
    expect(signed(findingsOf(() => ({ callerToCallee })))).toEqual([]);
    expect(signed(findingsOf((i) => (i === 0 ? roams([20_000], 1500) : {})))).toEqual([]);
    expect(
      signed(
        findingsOf((i) =>
          roams(
            [9000, 24_000, 41_000].map((ms) => ms - i * 703),
            700,
          ),
        ),
      ),
    ).toEqual([]);
    const jitter = { kind: 'uniform', maxMs: 170 } as const;
    expect(signed(findingsOf(() => ({ callerToCallee: { jitter }, calleeToCaller: { jitter } })))).toEqual(
      [],
    );
  });
});
