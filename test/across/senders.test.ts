import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, JitterSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

const JITTER: JitterSpec = { kind: 'uniform', maxMs: 160 };

/** Six calls to one gateway; the streams of some senders are irregular. */
function jitterOf(isBad: (call: number, fromGateway: boolean) => boolean): FindingRecord[] {
  const calls = Array.from(
    { length: 6 },
    (_, i): CallSpec => ({
      startMs: i * 300,
      durationMs: 15_000,
      caller: { user: `u${i}`, ip: `192.0.2.${20 + i}` },
      callee: { user: 'gateway', ip: '203.0.113.9' },
      callerToCallee: isBad(i, false) ? { jitter: JITTER } : {},
      calleeToCaller: isBad(i, true) ? { jitter: JITTER } : {},
    }),
  );
  const { findings } = replayed(buildScenario({ seed: 3, calls }).pcap);
  return findings.filter(({ code }) => code === 'high_jitter');
}

describe('jitter of one sender', () => {
  test('all that a gateway sends is irregular, and nothing else: it paces badly', () => {
    const found = jitterOf((_, fromGateway) => fromGateway);
    expect(found).toHaveLength(6);
    for (const { text, evidence } of found) {
      expect(text).toContain('all 6 streams of 203.0.113.9 are so');
      expect(evidence).toMatchObject({ senderStreams: 6, senderJittery: 6, senderPacing: true });
    }
  });

  test('some of its streams are, and others are not: a way, not the sender', () => {
    const found = jitterOf((call, fromGateway) => fromGateway && call < 3);
    expect(found).toHaveLength(3);
    for (const { text, evidence } of found) {
      expect(text).not.toContain('paces');
      expect(evidence).toMatchObject({ senderStreams: 6, senderJittery: 3, senderPacing: false });
    }
  });

  test('all streams of all senders are: the network, or the capture', () => {
    const found = jitterOf(() => true);
    expect(found).toHaveLength(12);
    expect(found.some(({ evidence }) => evidence.senderPacing === true)).toBe(false);
  });
});
