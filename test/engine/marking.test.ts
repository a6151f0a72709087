import { describe, expect, test } from 'vitest';
import type { MarkingPolicy } from '../../src/calls/marking.ts';
import { markingPolicy } from '../../src/engine/marking.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { replayed } from './replayed.ts';

/** What is found about markings of one call. */
function marked(call: Partial<CallSpec>, marking?: MarkingPolicy) {
  const spec: CallSpec = { durationMs: 6000, callerToCallee: {}, calleeToCaller: {}, ...call };
  const { pcap } = buildScenario({ calls: [spec] });
  const { calls, findings } = replayed(pcap, 1000, marking === undefined ? {} : { signalling: { marking } });
  return {
    dscp: calls[0]!.signalling.dscp,
    found: findings
      .filter(({ code }) => code === 'dscp_unmarked')
      .map(({ direction, text, evidence }) => ({ direction, text, traffic: evidence.traffic })),
  };
}

const POLICY = markingPolicy({ signalling: ['CS3', 'AF31'] });
const sip = (caller: number, callee: number): Partial<CallSpec> => ({
  signalling: { dscp: { caller, callee } },
});

describe('how signalling is marked', () => {
  test.each(['udp', 'tcp', 'ws'] as const)('is told for each side, over %s', (transport) => {
    expect(marked({ ...sip(26, 0), transport }).dscp).toEqual({ caller: [26], callee: [0] });
  });

  test('is judged only where the configuration says what is right', () => {
    expect(marked(sip(0, 0)).found).toEqual([]);
    expect(marked(sip(26, 24), POLICY).found).toEqual([]);
    expect(marked(sip(26, 0), POLICY).found).toEqual([
      {
        direction: 'calleeToCaller',
        text: "signalling of the callee's side is not marked at all (DSCP 0), and should be CS3 (24) or AF31 (26); the other side marks it",
        traffic: 'sip',
      },
    ]);
    expect(marked(sip(40, 3), POLICY).found.map(({ text }) => text)).toEqual([
      "signalling of the caller's side is marked CS5 (40), and should be CS3 (24) or AF31 (26)",
      "signalling of the callee's side is marked DSCP 3, and should be CS3 (24) or AF31 (26)",
    ]);
  });
});

describe('how voice is marked', () => {
  const call = { callerToCallee: { dscp: 40 }, calleeToCaller: { dscp: 46 } };
  const texts = (marking?: MarkingPolicy): string[] => marked(call, marking).found.map(({ text }) => text);

  test('is judged by EF and VOICE-ADMIT', () => {
    expect(texts()).toEqual(['marked CS5 (40), voice is EF (46); the other direction is marked as voice']);
  });

  test('or by what the configuration says', () => {
    expect(texts(markingPolicy({ voice: ['CS5'] }))).toEqual([
      'marked EF (46), voice is CS5 (40); the other direction is marked as voice',
    ]);
    expect(texts(markingPolicy({ voice: ['CS5', '46'] }))).toEqual([]);
    expect(texts(markingPolicy({ voice: [] }))).toEqual([]);
  });
});
