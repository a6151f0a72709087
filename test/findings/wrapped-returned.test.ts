import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { rewrap, wrappings } from '../packet/wrap.ts';

/** A call with errors about its audio, then a fax with losses. */
const scenario = (version: 4 | 6): Scenario => ({
  seed: 51,
  ipv6: version === 6,
  calls: [
    {
      durationMs: 9000,
      callerToCallee: { durationMs: 4000 },
      calleeToCaller: { durationMs: 4000 },
      icmp: [{ way: 'calleeToCaller', untilMs: 4000, perSecond: 3 }],
      reinvites: [{ atMs: 4000, image: 'accepted' }],
      t38: { callerToCallee: { redundancy: 1, loss: { kind: 'exact', positions: [60, 61] } } },
    },
  ],
});

describe.each([4, 6] as const)('ICMP and T.38 in tunnels, IPv%i inside', (version) => {
  const { pcap } = buildScenario(scenario(version));
  const plain = replayed(pcap);

  test('the plain capture is worth comparing', () => {
    expect(plain.findings.map(({ code }) => code).sort()).toEqual(['media_rejected', 't38_loss']);
  });

  // UDP-Lite wraps no ICMP.
  const all = wrappings(version).filter(({ name }) => name !== 'UDP-Lite');
  test.each(all.map((wrapping) => [wrapping.name, wrapping] as const))('%s', (_, wrapping) => {
    const { findings, calls } = replayed(rewrap(pcap, wrapping.linkType, (inner) => [wrapping.wrap(inner)]));
    expect(findings).toEqual(plain.findings);
    expect(calls).toEqual(plain.calls);
  });
});
