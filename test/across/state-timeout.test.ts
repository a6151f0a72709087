import { describe, expect, test } from 'vitest';
import { StateTimeouts } from '../../src/across/state-timeout.ts';
import { DEFAULT_THRESHOLDS } from '../../src/calls/findings/thresholds.ts';
import { finding, START_US, stream } from '../report/records.ts';

const S = 1_000_000;

/** A call that lost its media at an age, which was learnt at `knownS`. */
function die(
  timeouts: StateTimeouts,
  name: string,
  ageS: number,
  knownS: number,
  idleS: number | null = null,
): void {
  const startUs = START_US + (knownS - 20) * S;
  const record = stream({ id: name, callId: name, startUs: startUs - ageS * S });
  const stopped = finding({
    code: 'media_stopped',
    streamId: name,
    callId: name,
    startUs,
    evidence: { lastPacketAgeMs: ageS * 1000, otherIdleMs: idleS === null ? null : idleS * 1000 },
  });
  timeouts.add([record], [stopped], START_US + knownS * S);
}

describe('calls that lose media at one age', () => {
  test('are told a minute after the last of them', () => {
    const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
    for (const [i, knownS] of [100, 130, 155].entries()) die(timeouts, `c${i}`, 30, knownS);
    expect(timeouts.take(START_US + 210 * S)).toEqual([]);
    expect(timeouts.take(START_US + 216 * S)).toMatchObject([{ evidence: { calls: 3, ageMs: 30_000 } }]);
  });

  test('are no timeout where they die within two moments, however the moments lie on the clock', () => {
    for (const shiftS of [0, 0.5, 1, 1.5]) {
      const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
      for (const [i, knownS] of [101.9, 103, 105.8].entries()) die(timeouts, `c${i}`, 30, knownS + shiftS);
      expect(timeouts.take(Number.POSITIVE_INFINITY)).toEqual([]);
    }
  });

  test('or three minutes after they are sure, while others go on dying; and once as long as they do', () => {
    const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
    const told: number[] = [];
    for (let atS = 100; atS <= 4000; atS += 10) {
      if (atS % 40 === 20) die(timeouts, `c${atS}`, 30, atS);
      if (timeouts.take(START_US + atS * S).length > 0) told.push(atS);
    }
    // The third was known at 180 s.
    expect(told).toEqual([360]);
    // Another age is another timeout.
    for (const [i, knownS] of [4010, 4040, 4070].entries()) die(timeouts, `d${i}`, 90, knownS);
    expect(timeouts.take(Number.POSITIVE_INFINITY)).toMatchObject([{ evidence: { ageMs: 90_000 } }]);
  });

  test('or after one idle time of the other direction, whatever their age', () => {
    const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
    for (const [i, ageS] of [41, 75, 230].entries()) die(timeouts, `c${i}`, ageS, 300 + 30 * i, 30 + i / 2);
    const found = timeouts.take(START_US + 430 * S);
    expect(found).toMatchObject([{ evidence: { calls: 3, ageMs: null, idleMs: 30_500, spreadMs: 1000 } }]);
    expect(found[0]!.text).toContain('lost media when nothing had gone the other way for 31 s');
    // It is one timeout, told once.
    for (const [i, ageS] of [50, 99, 180].entries()) die(timeouts, `d${i}`, ageS, 500 + 30 * i, 30);
    expect(timeouts.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });

  test('of both, the idle time is told, with the age where that is one as well', () => {
    const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
    for (const i of [0, 1, 2]) die(timeouts, `c${i}`, 50, 100 + 30 * i, 30);
    // Neither of these: no idle time, and ages of their own.
    for (const i of [0, 1, 2]) die(timeouts, `d${i}`, 70 + 20 * i, 100 + 30 * i);
    expect(timeouts.take(Number.POSITIVE_INFINITY)).toMatchObject([
      { evidence: { calls: 3, ageMs: 50_000, idleMs: 30_000 } },
    ]);
  });

  test('idle times that differ are no timeout', () => {
    const timeouts = new StateTimeouts(DEFAULT_THRESHOLDS);
    for (const i of [0, 1, 2]) die(timeouts, `c${i}`, 60 + 30 * i, 200 + 30 * i, 15 + 10 * i);
    expect(timeouts.take(Number.POSITIVE_INFINITY)).toEqual([]);
  });
});
