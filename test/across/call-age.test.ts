import { describe, expect, test } from 'vitest';
import { CallAges } from '../../src/across/call-age.ts';
import { IntervalLog } from '../../src/records/interval-log.ts';
import type { FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { appendCut } from '../records/append-cut.ts';
import { finding, START_US, stream } from '../report/records.ts';

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

/** A stream of 100 s from a network, that lost one packet in ten from an age on, or none at all. */
function aging(id: string, network: number, fromS: number, turnS: number | null): StreamRecord {
  const startUs = START_US + fromS * 1e6;
  const log = new IntervalLog();
  for (let at = 0; at < 100 && (turnS !== null || at === 0); at += 5) {
    const lost = turnS !== null && at >= turnS ? 25 : 0;
    const delays = { jitterMs: 1, pdvP50Ms: 1, pdvP95Ms: 2, pdvP99Ms: 3, ipdvP95Ms: 1, leastDelayMs: 0 };
    const counts = {
      packets: 250 - lost,
      expected: 250,
      lost,
      lossRuns: lost,
      discarded: 0,
      missedRuns: lost,
    };
    appendCut(log, { startUs: startUs + at * 1e6, durationMs: 5000, ...counts, ...delays });
  }
  const src = { ip: `198.51.${network}.10`, port: 4000 };
  const times = { startUs, endUs: startUs + 100e6, durationMs: 100_000 };
  return { ...WHOLE, id, callId: id, src, ...times, intervals: log };
}

const WHOLE = stream();

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

  test('however many calls were well before', () => {
    const ages = new CallAges();
    for (let i = 0; i < 70_000; i++) ages.note(aging(`well${i}`, 1, i / 100, null));
    const streams = [0, 1, 2, 3].map((i) => aging(`bad${i}`, 2, 1000 + 25 * i, 60));
    for (const each of streams) ages.note(each);
    const placed = ages.placed(finding({ code: 'random_loss' }), streams[3]!);
    expect(placed.evidence).toMatchObject({ signature: 'worse_with_age', ageCalls: 4, ofCalls: 4 });
  });
});

describe('at the end', () => {
  test('all calls that turned at one age are known, the first of them, too', () => {
    const ages = new CallAges();
    const streams = [0, 30, 60, 90, 120].map((fromS, i) => aging(`s${i}`, 1, fromS, i === 4 ? null : 50));
    ages.note(streams[0]!);
    expect(ages.shared()).toEqual([]);
    for (const each of streams.slice(1)) ages.note(each);
    const shared = ages.shared();
    expect(shared.map(({ streamId }) => streamId)).toEqual(['s0', 's1', 's2', 's3']);
    for (const each of shared) expect(each).toMatchObject({ ageMs: 50_000, calls: 4, ofCalls: 5 });
    expect(shared[0]!.codes).toContain('random_loss');
  });
});
