import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario, StreamSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

/** Calls of which the first few run over a link that fails over 30 s into the capture, for both ways alike. */
function failover(total: number, failed: number, change: StreamSpec['pathChange'], durationMs = 60_000) {
  return Array.from({ length: total }, (_, i): CallSpec => {
    const startMs = i * 210;
    const way: StreamSpec = {
      jitter: { kind: 'uniform', maxMs: 6 },
      ...(i < failed && change !== undefined ? { pathChange: { ...change, atMs: 30_000 - startMs } } : {}),
    };
    return {
      startMs,
      durationMs: i < failed ? 60_000 : durationMs,
      caller: { user: `a${i}`, ip: `192.0.2.${10 + i}` },
      callee: { user: `b${i}`, ip: `203.0.113.${20 + i}` },
      callerToCallee: way,
      calleeToCaller: way,
    };
  });
}

function told(scenario: Scenario) {
  const steps: unknown[] = [];
  const replay = replayed(buildScenario(scenario).pcap, 1000, {}, (engine) =>
    steps.push(engine.account().clockStep),
  );
  const heldBack = replay.calls.flatMap((call) => call.heldBack.map(({ code }) => code));
  return {
    paths: replay.findings.filter(({ code }) => code === 'path_change').length,
    heldBack,
    step: replay.account.clockStep,
    /** Steps of the clock that were told while packets still came. */
    steps: steps.filter((step) => step !== null),
  };
}

const NEW_HOPS = { atMs: 0, delayMs: 35, ttl: 58, dscp: 0 };
const SAME_HOPS = { atMs: 0, delayMs: 35 };

describe('streams both ways that step alike', () => {
  test('are on a link that failed over where most others stay', () => {
    const { paths, heldBack, step } = told({ calls: failover(6, 2, SAME_HOPS) });
    expect([paths, heldBack, step]).toEqual([4, [], null]);
  });

  test('are so while the others are not over, from the first moment on', () => {
    const { paths, heldBack, steps } = told({ calls: failover(6, 2, SAME_HOPS, 120_000) });
    expect([paths, heldBack, steps]).toEqual([4, [], []]);
  });

  test('came another way where their TTL changed, though nothing else ran', () => {
    const { paths, heldBack, step } = told({ calls: failover(2, 2, NEW_HOPS) });
    expect([paths, heldBack, step]).toEqual([4, [], null]);
  });

  test('of one call are that, too, where others stay', () => {
    const change = { ...SAME_HOPS, delayMs: 150 };
    const { paths, heldBack, step } = told({ calls: failover(3, 1, change) });
    expect([paths, heldBack, step]).toEqual([2, [], null]);
  });

  test('show a clock that was set where all do, over or not', () => {
    const { paths, heldBack, step, steps } = told({
      capture: { clockSteps: [{ atMs: 30_000, byMs: 35 }] },
      calls: failover(6, 2, undefined, 120_000),
    });
    expect(paths).toBe(0);
    expect(heldBack).toHaveLength(12);
    expect(step).toMatchObject({ streams: 12 });
    expect(steps.length).toBeGreaterThan(0);
  });

  test('show a clock that was set and set back, which leaves levels where they are', () => {
    const { step } = told({
      capture: {
        clockSteps: [
          { atMs: 30_000, byMs: 400 },
          { atMs: 31_500, byMs: -400 },
        ],
      },
      calls: failover(4, 0, undefined),
    });
    expect(step).not.toBeNull();
  });
});
