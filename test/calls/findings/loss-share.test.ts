import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../../src/records/types.ts';
import { buildScenario } from '../../../src/synth/build.ts';
import type { LossSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** What is found about loss of a stream of packets of 20 ms. */
function lossOf(loss: LossSpec, durationMs = 120_000, more: StreamSpec = {}): FindingRecord {
  const calls = [{ durationMs, callerToCallee: { ...more, loss } }];
  const { findings } = replayed(buildScenario({ seed: 4, calls }).pcap);
  return findings.find(({ code }) => code === 'random_loss' || code === 'burst_loss')!;
}

/** Packets of every second from one to another: the first `count` of it. */
function eachSecond(from: number, to: number, count: number): number[] {
  return Array.from({ length: (to - from) * count }, (_, i) => {
    const second = from + Math.floor(i / count);
    return second * 50 + (i % count);
  });
}

describe('a finding of loss', () => {
  test('that names a moment says the share from then on, and that of the whole stream', () => {
    const { text, evidence, startUs, endUs } = lossOf({ kind: 'exact', positions: eachSecond(60, 120, 3) });
    expect(text).toMatch(
      /^6\.\d % of packets lost in bursts within 59 s, 3\.0 % of the whole stream: up to 3 in a row \(longest hole 60 ms\), /,
    );
    expect(evidence.lostRatio).toBeCloseTo(0.03, 3);
    expect(evidence.spanLostRatio).toBeCloseTo(0.061, 3);
    expect(evidence).toMatchObject({ longestLossRun: 3, longestLossMs: 60, leftOutMs: 0 });
    expect(evidence.spanMs).toBeCloseTo((endUs! - startUs) / 1000, 6);
  });

  test('evenly, too', () => {
    const { text } = lossOf({ kind: 'random', ratio: 0.06, fromMs: 60_000 });
    expect(text).toMatch(
      /^[5-7]\.\d % of packets lost within (59|60) s, [23]\.\d % of the whole stream, spread evenly \(longest run \d, longest hole \d\d ms\)/,
    );
  });

  test('from one end to the other has one share', () => {
    const { text } = lossOf({ kind: 'random', ratio: 0.04 });
    expect(text).toMatch(
      /^[34]\.\d % of packets lost, spread evenly \(longest run \d, longest hole \d\d ms\)/,
    );
  });

  test('of one hole says so, and when it was', () => {
    const { text, evidence, startUs, endUs } = lossOf({
      kind: 'windows',
      windows: [{ atMs: 61_000, durationMs: 700 }],
    });
    expect(text).toBe('one hole of 700 ms (35 packets), 0.58 % of the whole stream');
    expect(evidence).toMatchObject({ longestLossRun: 35, longestLossMs: 700, spanMs: 5000 });
    expect(evidence.lostRatio).toBeCloseTo(0.14, 3);
    expect(endUs! - startUs).toBe(700_000);
  });

  test('of one hole in a short stream is no different', () => {
    const { text, severity } = lossOf(
      { kind: 'windows', windows: [{ atMs: 10_000, durationMs: 500 }] },
      30_000,
    );
    expect(text).toMatch(/^one hole of 500 ms \(25 packets\), 1\.7 % of the whole stream$/);
    expect(severity).toBe('warning');
  });

  test('of a few seconds says the share of those', () => {
    const { text } = lossOf({ kind: 'exact', positions: eachSecond(60, 67, 6) });
    expect(text).toMatch(
      /^1\d % of packets lost in bursts within 5\.0 s, 0\.70 % of the whole stream; longest hole 120 ms$/,
    );
  });

  test('leaves out what is missing in one piece, and says that it does', () => {
    const { text, evidence, endUs, startUs } = lossOf(
      {
        kind: 'windows',
        windows: [
          { atMs: 5000, durationMs: 400 },
          { atMs: 10_000, durationMs: 600 },
          { atMs: 20_000, durationMs: 1500 },
        ],
      },
      30_000,
    );
    expect(text).toMatch(
      /^18 % of packets lost in bursts within 5\.6 s, 3\.5 % of the whole stream \(without the 1\.5 s missing in one piece\): up to 30 in a row \(longest hole 600 ms\)/,
    );
    expect(evidence.leftOutMs).toBeCloseTo(1520, 0);
    expect((endUs! - startUs) / 1000).toBeCloseTo(5600, 0);
  });
});
