import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from '../engine/replayed.ts';
import { type Case, ICMP_NEGATIVE, ICMP_POSITIVE } from './icmp-cases.ts';
import { T38_NEGATIVE, T38_POSITIVE } from './t38-cases.ts';

/** The codes that a call without media, or a fax taken for something else, would wrongly get. */
const ABSENCE = ['no_media', 'one_way_media', 'media_stopped', 'fax_over_audio', 'late_media'];

function codesOf({ scenario }: Case, wanted: readonly string[]): string[] {
  const { findings } = replayed(buildScenario(scenario).pcap);
  return findings.map(({ code }) => code).filter((code) => wanted.includes(code));
}

describe('media_rejected', () => {
  test.each(ICMP_POSITIVE.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(codesOf(each, ['media_rejected'])).toEqual(each.codes);
  });

  test.each(ICMP_NEGATIVE.map((each) => [each.name, each] as const))('not: %s', (_, each) => {
    expect(codesOf(each, ['media_rejected'])).toEqual([]);
  });
});

describe('t38_loss', () => {
  test.each(T38_POSITIVE.map((each) => [each.name, each] as const))('%s', (_, each) => {
    expect(codesOf(each, ['t38_loss', ...ABSENCE])).toEqual(each.codes);
  });

  test.each(T38_NEGATIVE.map((each) => [each.name, each] as const))('not: %s', (_, each) => {
    expect(codesOf(each, ['t38_loss', ...ABSENCE])).toEqual([]);
  });
});

describe('T.38 against the truth', () => {
  const cases = [...T38_POSITIVE, ...T38_NEGATIVE].map((each) => [each.name, each] as const);
  test.each(cases)('%s', (_, { scenario }) => {
    const { pcap, truth } = buildScenario(scenario);
    const { calls, account, streams } = replayed(pcap);
    expect(truth.t38).toHaveLength(2);
    for (const { callId, direction, ...figures } of truth.t38!) {
      const call = calls.find((each) => each.callId === callId)!;
      expect(call.t38![direction]).toMatchObject(figures);
    }
    const sent = truth.t38!.reduce((sum, { packets, duplicates }) => sum + packets + duplicates, 0);
    expect(account.decoded.t38).toBe(sent);
    expect(account.discarded).not.toHaveProperty('udptl_malformed');
    expect(streams).toHaveLength(truth.streams.length);
  });
});

describe('severity', () => {
  const of = (list: readonly Case[], name: string) => {
    const { findings } = replayed(buildScenario(list.find((each) => each.name === name)!.scenario).pcap);
    return findings.filter(({ code }) => code === 'media_rejected' || code === 't38_loss');
  };

  test.each([
    ['critical', 'the callee closed its port'],
    ['warning', 'the host is gone from the middle of the call on'],
    ['critical', 'media passes elsewhere and its errors here'],
    ['critical', 'T.38 is refused'],
    ['info', 'RTCP alone, which is information'],
  ])('%s: %s', (severity, name) => {
    expect(of(ICMP_POSITIVE, name)).toMatchObject([{ severity }]);
  });

  test.each([
    ['warning', 'no redundancy, one packet'],
    ['critical', 'no redundancy, 3 %, the other way, over IPv6'],
    ['info', 'control signals alone are hit, which is information'],
  ])('%s: %s', (severity, name) => {
    expect(of(T38_POSITIVE, name)).toMatchObject([{ severity }]);
  });

  test('who refuses, what, and at least how often', () => {
    expect(of(ICMP_POSITIVE, 'the callee closed its port')).toMatchObject([
      {
        direction: 'callerToCallee',
        evidence: {
          reason: 'port_unreachable',
          icmp: 'ICMP 3/3',
          from: '203.0.113.10',
          fromReceiver: true,
          to: '203.0.113.10:32768',
          errorsAtLeast: 19,
        },
      },
    ]);
    expect(of(ICMP_POSITIVE, 'a router over IPv6 has no route')).toMatchObject([
      { evidence: { reason: 'network_unreachable', icmp: 'ICMPv6 1/0', fromReceiver: false } },
    ]);
  });
});

test('an INVITE that is refused by ICMP', () => {
  const { findings } = replayed(
    buildScenario({
      seed: 41,
      calls: [{ outcome: 'unreachable', icmp: [{ way: 'callerToCallee', what: 'sip' }] }],
      untilMs: 60_000,
    }).pcap,
  );
  expect(findings).toMatchObject([
    { code: 'setup_timeout', evidence: { icmp: 'port_unreachable from 203.0.113.10', icmpCount: 7 } },
  ]);
});
