import { describe, expect, test } from 'vitest';
import { StampClumps } from '../../src/engine/stamp-clumps.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { CallSpec, CaptureSpec } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from './replayed.ts';

/** Calls of hosts that know nothing of each other, or all of one gateway. */
const calls = (spec: (i: number) => Partial<CallSpec>): CallSpec[] =>
  Array.from({ length: 6 }, (_, i) => ({
    startMs: i * 303.7,
    durationMs: 12_000,
    caller: { user: `a${i}`, ip: `198.51.100.${10 + i}` },
    callee: { user: `b${i}`, ip: `203.0.113.${20 + i}` },
    ...spec(i),
  }));

function clumpsOf(
  capture: CaptureSpec,
  spec: (i: number) => Partial<CallSpec>,
  perBatch = 1000,
): StampClumps {
  const clumps = new StampClumps();
  for (const batch of batchesOf(buildCapture({ capture, calls: calls(spec) }), perBatch)) clumps.look(batch);
  return clumps;
}

describe('stamps in batches', () => {
  test('are told, with their distance, however the packets are handed over', () => {
    const whole = clumpsOf({ batchMs: 40 }, () => ({}));
    expect(whole.distanceMs).toBeCloseTo(40, 1);
    expect(whole.holds('198.51.100.10')).toBe(true);
    expect(whole.holds('192.0.2.1')).toBe(false);
    expect(clumpsOf({ batchMs: 40 }, () => ({}), 7).distanceMs).toBe(whole.distanceMs);
  });

  test('are not seen where every packet has its own time, nor in what one sender sends at once', () => {
    expect(clumpsOf({}, () => ({})).distanceMs).toBeNull();
    const gateway = clumpsOf({ hideWay: 'callerToCallee' }, () => ({
      startMs: 0,
      callee: { user: 'gateway', ip: '203.0.113.9' },
    }));
    expect(gateway.distanceMs).toBeNull();
  });

  test('hold back the jitter that they make, and say so', () => {
    const {
      account,
      findings,
      calls: told,
    } = replayed(buildCapture({ capture: { batchMs: 70 }, calls: calls(() => ({})) }));
    expect(account.stampBatches).toMatchObject({ streams: 12 });
    expect(findings.filter(({ code }) => code === 'high_jitter')).toEqual([]);
    expect(told[0]!.heldBack[0]).toMatchObject({ code: 'high_jitter', reason: 'capture_clock' });
    expect(told[0]).toMatchObject({ verdict: 'unknown', clean: null });
  });
});
