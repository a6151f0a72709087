import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from './replayed.ts';

/** Ten calls that begin one after the other, while the clock is set 5 s ahead after 12 s and back again after 20 s. */
function stepped(clockSteps: { atMs: number; byMs: number }[]) {
  const { pcap } = buildScenario({
    seed: 4,
    capture: { clockSteps },
    calls: Array.from({ length: 10 }, (_, i) => ({
      callId: `c${i}@x`,
      startMs: i * 2990,
      durationMs: 30_000 - i * 2990,
      caller: { ip: `198.51.100.${10 + i}` },
      callee: { ip: `203.0.113.${10 + i}` },
    })),
  });
  return replayed(pcap);
}

test('a clock that is set ahead and back accuses no call', () => {
  const { calls, findings } = stepped([
    { atMs: 12_000, byMs: 5000 },
    { atMs: 20_000, byMs: -5000 },
  ]);
  expect(findings.filter(({ callId, severity }) => callId !== null && severity !== 'info')).toEqual([]);
  const held = calls.flatMap(({ heldBack }) => heldBack);
  expect(held.length).toBeGreaterThan(4);
  expect(new Set(held.map(({ reason }) => reason))).toEqual(new Set(['capture_clock']));
  expect(new Set(calls.map(({ verdict }) => verdict))).toEqual(new Set(['healthy', 'unknown']));
});

test('one that is not set accuses none either', () => {
  const { calls, findings } = stepped([]);
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(calls.flatMap(({ heldBack }) => heldBack)).toEqual([]);
});

test('it was set by what packets are later than they were due, not by the time between two of them', () => {
  const { account } = stepped([{ atMs: 12_000, byMs: 1500 }]);
  expect(account.clockStep?.stepMs).toBeCloseTo(1500, 0);
});
