import { describe, expect, test } from 'vitest';
import { SharedOnsets } from '../../src/across/shared-onset.ts';
import { DEFAULT_THRESHOLDS } from '../../src/calls/findings/thresholds.ts';
import type { FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { finding, START_US, stream } from '../report/records.ts';

const S = 1_000_000;

/** Streams of calls of their own, each bad from a second on by a code; they run for two minutes. */
function bad(name: string, second: number, code: string): [StreamRecord, FindingRecord] {
  const record = stream({ id: name, callId: name, startUs: START_US, endUs: START_US + 120 * S });
  const found = finding({ code, streamId: name, callId: name, startUs: START_US + second * S });
  return [record, { ...found, severity: 'warning' }];
}

function add(onsets: SharedOnsets, learntS: number, ...each: [StreamRecord, FindingRecord][]): void {
  for (const [record, found] of each) onsets.add([record], [found], START_US + learntS * S);
}

describe('streams that became bad at one moment', () => {
  test('wait for another of them that is known to an interval only', () => {
    const onsets = new SharedOnsets(DEFAULT_THRESHOLDS);
    add(onsets, 100, bad('a', 40, 'high_jitter'), bad('b', 40, 'high_jitter'), bad('c', 40, 'high_jitter'));
    // Learnt later, and by its interval as near as the others are to each other.
    add(onsets, 150, bad('d', 44, 'high_jitter'));
    expect(onsets.take(START_US + 165 * S)).toEqual([]);
    const told = onsets.take(START_US + 215 * S);
    expect(told).toHaveLength(1);
    expect(told[0]!.evidence).toMatchObject({ streams: 4, calls: 4 });
  });
});

describe('a moment that calls keep adding to', () => {
  test('is told when it has been sure for three minutes, and once', () => {
    const onsets = new SharedOnsets(DEFAULT_THRESHOLDS);
    const told: { atS: number; streams: unknown }[] = [];
    // A call ends every half minute; all of them became bad at 40 s.
    for (let atS = 100; atS <= 1000; atS += 10) {
      if (atS % 30 === 10) add(onsets, atS, bad(`c${atS}`, 40, 'burst_loss'));
      for (const { evidence } of onsets.take(START_US + atS * S))
        told.push({ atS, streams: evidence.streams });
    }
    // The fourth was known at 190 s.
    expect(told).toEqual([{ atS: 370, streams: 10 }]);
    expect(onsets.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });
});

describe('moments that come again and again', () => {
  /** Five calls of a minute and a half around each moment, one bad direction each; other calls are well. */
  function tellings(secondsOf: readonly number[], srcOf = (_moment: number): string => '203.0.113.7') {
    const onsets = new SharedOnsets(DEFAULT_THRESHOLDS);
    const told: FindingRecord[] = [];
    for (const [m, atS] of secondsOf.entries()) {
      for (let i = 0; i < 5; i++) {
        const name = `m${m}-${i}`;
        const [record, found] = bad(name, atS, 'media_interrupted');
        const src = { ip: srcOf(m), port: 4000 + i };
        const startUs = START_US + (atS - 45) * S;
        onsets.add([{ ...record, src, startUs }], [found], START_US + (atS + 45) * S);
        const well = stream({ id: `w${name}`, callId: `w${name}`, startUs, endUs: startUs + 90 * S });
        onsets.add([{ ...well, src: { ip: '192.0.2.99', port: 4000 } }], [], START_US + (atS + 45) * S);
      }
      told.push(...onsets.take(START_US + (atS + 120) * S));
    }
    return [...told, ...onsets.take(Number.POSITIVE_INFINITY)];
  }

  test('in a steady beat are told as that from the fifth on', () => {
    const told = tellings([100, 400, 700, 1000, 1300, 1600]);
    expect(told.map(({ evidence }) => evidence.moments ?? null)).toEqual([null, null, null, null, 5, 6]);
    expect(told[4]!.evidence).toMatchObject({
      periodMs: 300_000,
      phaseMs: Math.round((START_US / 1000 + 100_000) % 300_000),
    });
    expect(told[4]!.text).toContain('moments like this come every 300 s, 5 so far: something with a timer');
  });

  test('at odd times, or of streams that share something else, are no beat', () => {
    const odd = tellings([100, 330, 720, 1410, 1600, 2210]);
    const others = tellings([100, 400, 700, 1000, 1300, 1600], (moment) => `203.0.${moment}.7`);
    for (const { evidence } of [...odd, ...others]) expect(evidence.moments).toBeUndefined();
    expect([odd.length, others.length]).toEqual([6, 6]);
  });
});
