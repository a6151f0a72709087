import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, CaptureSpec } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';

const call = (startMs: number, changes: CallSpec = {}): CallSpec => ({
  startMs,
  durationMs: 32_000,
  rtcp: { intervalMs: 3000 },
  ...changes,
});

/** What is found in calls from 5 s on, and what is held back; the mirror shows nothing of media from 20 to 24 s. */
function found(calls: readonly CallSpec[], capture: CaptureSpec) {
  const replay = replayed(buildScenario({ calls: [...calls], capture }).pcap);
  const codes = replay.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
  const heldBack = replay.calls.flatMap(({ heldBack }) =>
    heldBack.map(({ code, reason }) => `${code} ${reason}`),
  );
  return { codes, heldBack, verdicts: replay.calls.map(({ verdict }) => verdict) };
}

const HOLE: CaptureSpec = { mirrorLoss: { everyMs: 20_000, forMs: 4000, ratio: 1 } };

describe('a piece that the capture lacks', () => {
  test('is not told as an interruption when receivers report to have had it, nor as one that calls share', () => {
    const { codes, heldBack, verdicts } = found(
      [5000, 5700, 6400].map((ms) => call(ms)),
      HOLE,
    );
    expect(codes).toEqual([]);
    expect(heldBack).toEqual(Array.from({ length: 6 }, () => 'media_interrupted capture_drops'));
    expect(verdicts).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('is one where receivers lack it, though the capture lost other packets itself', () => {
    const piece: CallSpec = {
      callerToCallee: { loss: { kind: 'windows', windows: [{ atMs: 5000, durationMs: 2000 }] } },
    };
    const { codes } = found([call(5000, piece)], {
      mirrorLoss: { everyMs: 20_000, forMs: 4000, ratio: 0.3 },
    });
    expect(codes).toContain('media_interrupted');
  });
});
