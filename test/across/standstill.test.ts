import { describe, expect, test } from 'vitest';
import { CaptureClock } from '../../src/engine/capture-clock.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, CaptureSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

/** Texts and silence of what was interrupted in calls of 32 s from 5 s on. */
function interrupted(calls: readonly Partial<CallSpec>[], capture?: CaptureSpec) {
  const specs = calls.map((call, i): CallSpec => ({ startMs: 5000 + 700 * i, durationMs: 32_000, ...call }));
  const { findings } = replayed(buildScenario({ calls: specs, ...(capture && { capture }) }).pcap);
  return findings.filter(({ code }) => code === 'media_interrupted');
}

const HOLE: CaptureSpec = { mirrorLoss: { everyMs: 20_000, forMs: 4000, ratio: 1 } };
const PIECE: CallSpec = {
  callerToCallee: { loss: { kind: 'windows', windows: [{ atMs: 9000, durationMs: 4000 }] } },
};

describe('an interruption', () => {
  test('during which nothing else was captured, either, is told as that', () => {
    const found = interrupted([{}, {}, {}], HOLE);
    expect(found).toHaveLength(6);
    for (const { text, evidence } of found) {
      expect(text).toMatch(/; no packet of any kind was captured meanwhile: the capture stood still, or all/);
      expect(evidence.captureSilentMs).toBeGreaterThan(3900);
      expect(evidence.captureSilentMs).toBeLessThanOrEqual(4020);
    }
  });

  test('beside packets of others is not', () => {
    const [found, ...more] = interrupted([PIECE, {}]);
    expect(more).toEqual([]);
    expect(found!.text).not.toContain('no packet of any kind');
    expect(found!.evidence).not.toHaveProperty('captureSilentMs');
  });
});

describe('the clock of a capture', () => {
  test('knows the silence also where time went on without packets', () => {
    const clock = new CaptureClock();
    clock.advance(1e6);
    clock.lastUs = 1.5e6;
    for (let us = 2e6; us <= 9e6; us += 1e6) clock.run(us);
    clock.advance(9.2e6);
    clock.lastUs = 9.9e6;
    clock.run(12.5e6);
    clock.advance(12.6e6);
    expect(clock.standstills).toEqual([
      { fromUs: 1.5e6, toUs: 9.2e6 },
      { fromUs: 9.9e6, toUs: 12.6e6 },
    ]);
  });

  test('keeps the newest of them', () => {
    const clock = new CaptureClock();
    for (let i = 0; i < 1000; i++) clock.advance(i * 2e6);
    expect(clock.standstills).toHaveLength(256);
    expect(clock.standstills.at(-1)).toEqual({ fromUs: 998 * 2e6, toUs: 999 * 2e6 });
  });
});
