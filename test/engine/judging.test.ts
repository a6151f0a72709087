import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../src/engine/engine.ts';
import { type Judging, type JudgingChanges, judgingBy, rejudge } from '../../src/engine/judging.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from './replayed.ts';

/** The first call is told before the second begins; both lose every tenth packet one way. A third lets time pass between. */
const { pcap } = buildScenario({
  calls: [
    ...[0, 60_000].map((startMs) => ({
      startMs,
      durationMs: 15_000,
      callee: { user: '999' },
      callerToCallee: { loss: { kind: 'random' as const, ratio: 0.1 } },
    })),
    { startMs: 20_000, durationMs: 40_000 },
  ],
});

/** Judges by `changes` from `atMs` of the capture on. */
function judged(options: EngineOptions, changes: JudgingChanges | null = null, atMs = 0) {
  let waiting = changes;
  let firstUs: number | null = null;
  const { calls, streams, findings } = replayed(pcap, 1, options, (engine, { timeUs }) => {
    firstUs ??= timeUs[0]!;
    if (waiting === null || timeUs[0]! < firstUs + atMs * 1000) return;
    rejudge(engine.judging, waiting);
    waiting = null;
  });
  const lossy = streams.filter(({ lost }) => lost > 0);
  return {
    calls,
    rFactors: lossy.map(({ quality }) => quality?.rFactor),
    badRs: lossy.map(({ quality }) => quality?.badR),
    lossFindings: findings.filter(({ code }) => /loss/.test(code)).map(({ callId }) => callId),
    emergencies: calls.filter(({ signalling }) => signalling.emergency).length,
  };
}

describe('judging by other settings while packets are measured', () => {
  const changes: JudgingChanges = {
    scoring: { plc: false, badR: 80 },
    signalling: {
      thresholds: { lossWarningRatio: 0.5, lossStretchRatio: 0.6, lossCriticalRatio: 0.5 },
      emergencyNumbers: ['999'],
    },
  };
  const before = judged({});
  const after = judged(changes);

  test('what was told keeps its judgement, what ends later gets the new one', () => {
    const changed = judged({}, changes, 50_000);
    expect(changed.rFactors).toEqual([before.rFactors[0], after.rFactors[1]]);
    expect(changed.badRs).toEqual([before.badRs[0], 80]);
    expect(before.rFactors[1]).toBeGreaterThan(after.rFactors[1]!);
    expect(changed.lossFindings).toEqual(before.lossFindings.slice(0, 1));
    expect([before.lossFindings.length, after.lossFindings.length]).toEqual([2, 0]);
    expect([before.emergencies, changed.emergencies, after.emergencies]).toEqual([0, 1, 2]);
  });

  test('what ends after the change is judged by it as a whole', () => {
    expect(judged({}, changes, 10_000)).toEqual({ ...after, emergencies: 1, calls: expect.anything() });
  });

  test('what is not said again is the default again', () => {
    expect(judged(changes, {}, 0)).toEqual(before);
  });
});

test('the playout model stays, and nobody needs to fetch anything anew', () => {
  const judging: Judging = judgingBy({ scoring: { playout: 'fixed50' } });
  const { scoring, signalling } = judging;
  const { thresholds } = signalling;
  rejudge(judging, {
    scoring: { playout: 'neteq', badR: 60 },
    signalling: { thresholds: { graceMs: 1 }, keptHeaders: ['x-a'] },
  });
  expect([scoring.playout, scoring.badR, thresholds.graceMs, signalling.keptHeaders]).toEqual([
    'fixed50',
    60,
    1,
    ['x-a'],
  ]);
  expect(signalling.thresholds).toBe(thresholds);
});
