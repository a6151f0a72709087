import { describe, expect, test } from 'vitest';
import { Standstills } from '../../src/across/standstills.ts';
import { CaptureClock } from '../../src/engine/capture-clock.ts';
import { trustOf } from '../../src/engine/trust.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

/** Calls of 32 s from 5 s on, without reports of receivers unless they say otherwise. Nothing is captured from 20 to 24 s. */
function found(calls: readonly Partial<CallSpec>[], standsStill = true) {
  const specs = calls.map(
    (call, i): CallSpec => ({ startMs: 5000 + 700 * i, durationMs: 32_000, rtcp: false, ...call }),
  );
  const standstills = standsStill ? [{ atMs: 20_000, durationMs: 4000 }] : [];
  const replay = replayed(buildScenario({ calls: specs, capture: { standstills } }).pcap);
  const interrupted = replay.findings.filter(({ code }) => code === 'media_interrupted');
  const heldBack = replay.calls.flatMap((each) =>
    each.heldBack.map(({ code, reason }) => `${code} ${reason}`),
  );
  const { reasons } = trustOf(replay.account, { dropped: null, problems: [] });
  return { interrupted, heldBack, standstill: reasons.find(({ code }) => code === 'capture_standstill') };
}

/** The network lets nothing of a call through, either way, from 20 to 24 s of a call that begins at 5 s. */
const outage = (startMs: number): CallSpec => {
  const way = { loss: { kind: 'windows' as const, windows: [{ atMs: 20_000 - startMs, durationMs: 4000 }] } };
  return { startMs, callerToCallee: way, calleeToCaller: way };
};

describe('a time without any packet', () => {
  test('without reports may be the capture or the network, and is told as that', () => {
    const { interrupted, standstill, heldBack } = found([{}, {}, {}]);
    expect(interrupted).toHaveLength(6);
    for (const { text, evidence } of interrupted) {
      expect(text).toMatch(
        /; no packet of any kind was captured meanwhile: the capture stood still, or all that/,
      );
      expect(evidence.captureSilentMs).toBeGreaterThan(3900);
      expect(evidence.captureSilentMs).toBeLessThanOrEqual(4020);
    }
    expect(standstill).toMatchObject({ times: 1, streams: 6 });
    expect(standstill!.text).toMatch(/^no packet of any kind came for 4\.0 s while 6 streams ran that lack/);
    expect(heldBack).toEqual([]);
  });

  test('is the capture of all where one receiver had what is missing', () => {
    const { interrupted, standstill, heldBack } = found([{ rtcp: { intervalMs: 3000 } }, {}, {}]);
    expect(interrupted).toEqual([]);
    expect(heldBack).toEqual(Array.from({ length: 6 }, () => 'media_interrupted capture_drops'));
    expect(standstill).toBeUndefined();
  });

  test('is the network where receivers lack it, too', () => {
    const calls = [5000, 5700, 6400].map((ms) => ({ ...outage(ms), rtcp: { intervalMs: 3000 } }));
    const { interrupted, standstill, heldBack } = found(calls);
    expect(interrupted).toHaveLength(6);
    for (const { text } of interrupted) expect(text).not.toContain('no packet of any kind');
    expect(standstill).toBeUndefined();
    expect(heldBack).toEqual([]);
  });

  test('of two streams may be all that the capture was to hold', () => {
    const { interrupted, standstill } = found([{}]);
    expect(interrupted).toHaveLength(2);
    for (const { evidence } of interrupted) expect(evidence).not.toHaveProperty('captureSilentMs');
    expect(standstill).toBeUndefined();
  });

  test('beside which others went on is none', () => {
    const { interrupted, standstill } = found([outage(5000), outage(5700), outage(6400), {}], false);
    expect(interrupted).toHaveLength(6);
    for (const { evidence } of interrupted) expect(evidence).not.toHaveProperty('captureSilentMs');
    expect(standstill).toBeUndefined();
  });
});

describe('the clock of a capture', () => {
  test('knows the silence also where time went on without packets', () => {
    const clock = new CaptureClock();
    clock.advance(1e6);
    clock.lastUs = 1.5e6;
    for (let us = 2e6; us <= 9e6; us += 1e6) {
      clock.run(us);
      if (us > 4e6) expect(clock.silentFromUs).toBeNaN();
    }
    clock.advance(9.2e6);
    expect([clock.silentFromUs, clock.lastUs]).toEqual([1.5e6, 9.2e6]);
    clock.lastUs = 9.9e6;
    clock.run(12.5e6);
    clock.advance(12.6e6);
    expect([clock.silentFromUs, clock.lastUs]).toEqual([9.9e6, 12.6e6]);
  });
});

test('the newest standstills are kept', () => {
  const standstills = new Standstills();
  for (let i = 0; i < 257; i++) standstills.add(i * 2e6, i * 2e6 + 1e6, 4);
  const interruptedAt = (startUs: number) =>
    standstills.told({
      code: 'media_interrupted',
      severity: 'warning',
      callId: null,
      streamId: 's1',
      direction: null,
      startUs,
      endUs: startUs + 1e6,
      text: 'media was interrupted',
      evidence: { totalMs: 1000, missingPackets: 50 },
    }).evidence.captureSilentMs;
  expect(interruptedAt(0)).toBeUndefined();
  expect(interruptedAt(2e6)).toBe(1000);
  expect(interruptedAt(512e6)).toBe(1000);
  standstills.forget(100e6);
  expect(interruptedAt(2e6)).toBeUndefined();
});
