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
