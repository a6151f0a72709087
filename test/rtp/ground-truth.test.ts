import { describe, expect, test } from 'vitest';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import type { CallSpec, StreamSpec } from '../../src/synth/scenario.ts';
import type { StreamTruth } from '../../src/synth/truth.ts';
import { measureOne } from './measure.ts';

function expectTruth(measured: StreamMeasurement, truth: StreamTruth): void {
  expect({
    packets: measured.packets,
    octets: measured.octets,
    expected: measured.expected,
    lost: measured.lost,
    duplicates: measured.duplicates,
    reordered: measured.reordered,
    restarts: measured.restarts,
    interruptions: measured.interruptions,
    payloadTypes: [...measured.payloadTypes].sort((a, b) => a - b),
    clockRate: measured.clockRate,
  }).toEqual({
    packets: truth.packets,
    octets: truth.octets,
    expected: truth.expected,
    lost: truth.lost,
    duplicates: truth.duplicates,
    reordered: truth.reordered,
    restarts: truth.restarts,
    interruptions: truth.interruptions,
    payloadTypes: truth.payloadTypes,
    clockRate: truth.clockRate,
  });
  expect(measured.maxDeltaMs).toBeCloseTo(truth.maxDeltaMs, 3);
  expect(measured.jitterRfcMs.last).toBeCloseTo(truth.jitterRfcMs.last, 3);
  expect(measured.jitterRfcMs.mean).toBeCloseTo(truth.jitterRfcMs.mean, 3);
  expect(measured.jitterRfcMs.max).toBeCloseTo(truth.jitterRfcMs.max, 3);
  if (truth.jitterMs === null) {
    expect(measured.jitterMs.max).toBeNull();
  } else {
    expect(measured.jitterMs.mean).toBeCloseTo(truth.jitterMs.mean, 3);
    expect(measured.jitterMs.max).toBeCloseTo(truth.jitterMs.max, 3);
  }
}

function expectBursts(measured: StreamMeasurement, truth: StreamTruth): void {
  const { burst } = measured;
  expect(burst.bursts).toBe(truth.burst.bursts);
  expect(burst.longestLossRun).toBe(truth.burst.longestLossRun);
  expect(burst.burstDensity).toBeCloseTo(truth.burst.burstDensity, 9);
  expect(burst.gapDensity).toBeCloseTo(truth.burst.gapDensity, 9);
  expect(burst.burstDurationMs).toBeCloseTo(truth.burst.burstDurationMs, 6);
  expect(burst.gapDurationMs).toBeCloseTo(truth.burst.gapDurationMs, 6);
  expect(burst.burstR).toBeCloseTo(truth.burst.burstR, 9);
}

const cases: [name: string, stream: StreamSpec, call?: Partial<CallSpec>][] = [
  ['a clean stream', {}],
  ['random loss', { loss: { kind: 'random', ratio: 0.05 } }],
  ['heavy random loss', { loss: { kind: 'random', ratio: 0.4 } }],
  ['Gilbert loss', { loss: { kind: 'gilbert', p: 0.01, q: 0.2 } }],
  ['periodic loss', { loss: { kind: 'periodic', every: 10 } }],
  [
    'loss runs at word borders',
    { loss: { kind: 'exact', positions: [30, 31, 32, 33, 63, 64, 65, 200, 231, 232] } },
  ],
  [
    'a hole of 600 numbers',
    { loss: { kind: 'exact', positions: Array.from({ length: 600 }, (_, i) => 300 + i) } },
  ],
  [
    'a hole larger than the bitmap',
    { loss: { kind: 'exact', positions: Array.from({ length: 1200 }, (_, i) => 100 + i) } },
    { durationMs: 60_000 },
  ],
  ['gaussian jitter', { jitter: { kind: 'gauss', sigmaMs: 6 } }],
  ['uniform jitter', { jitter: { kind: 'uniform', maxMs: 25 } }],
  ['delay spikes', { jitter: { kind: 'spikes', everyPackets: 100, delayMs: 180 } }],
  ['reordering', { reorder: { positions: [50, 90, 200, 201, 400], by: 3 } }],
  [
    'reordering at the very start',
    { reorder: { positions: [8], by: 4 }, jitter: { kind: 'uniform', maxMs: 2 } },
  ],
  ['duplicates', { duplicate: { positions: [10, 20, 21, 300], afterMs: 3 } }],
  ['late duplicates', { duplicate: { positions: [100, 500], afterMs: 900 } }],
  [
    'loss, jitter, copies and reordering at once',
    {
      loss: { kind: 'random', ratio: 0.03 },
      jitter: { kind: 'gauss', sigmaMs: 4 },
      duplicate: { positions: [33, 77, 401], afterMs: 2 },
      reorder: { positions: [150, 600], by: 5 },
    },
  ],
  ['sequence wrap', { startSeq: 65_500, loss: { kind: 'random', ratio: 0.02 } }],
  ['timestamp wrap', { startTimestamp: 4_294_960_000, jitter: { kind: 'gauss', sigmaMs: 3 } }],
  ['clock skew', { skewPpm: 200 }],
  ['silence suppression', { dtx: { talkMs: 2000, silenceMs: 1500 } }],
  ['comfort noise', { dtx: { talkMs: 2000, silenceMs: 1500, comfortNoise: true } }],
  ['a restart', { restartAt: { index: 500, seqJump: 20_000, tsJump: 1_000_000 } }],
  ['numbers that are skipped', { restartAt: { index: 500, seqJump: 700, tsJump: 0 } }],
  ['numbers skipped, timestamps anew', { restartAt: { index: 500, seqJump: 61, tsJump: 1_000_000 } }],
  [
    'numbers skipped amid loss and jitter',
    {
      restartAt: { index: 500, seqJump: 2900, tsJump: 0 },
      loss: { kind: 'random', ratio: 0.02 },
      jitter: { kind: 'gauss', sigmaMs: 4 },
    },
  ],
  ['a jump that timestamps go along with', { restartAt: { index: 500, seqJump: 700, tsJump: 112_000 } }],
  ['telephone events', {}, { dtmf: { atMs: 4000, digits: '159#' } }],
  [
    'telephone events and jitter',
    { jitter: { kind: 'gauss', sigmaMs: 3 } },
    { dtmf: { atMs: 4000, digits: '42' } },
  ],
  ['30 ms frames', { loss: { kind: 'random', ratio: 0.03 } }, { ptimeMs: 30 }],
  ['G.729', { jitter: { kind: 'gauss', sigmaMs: 2 } }, { codec: 'G729' }],
  ['G.722 on its 8000 Hz clock', { jitter: { kind: 'gauss', sigmaMs: 2 } }, { codec: 'G722' }],
];

describe('ground truth from the generator', () => {
  test.each(cases)('%s', (_name, stream, call) => {
    const { measured, truth } = measureOne(stream, call);
    expectTruth(measured, truth);
    expectBursts(measured, truth);
  });

  test('an interruption of 3000 numbers or more is neither expected nor lost', () => {
    const { measured, truth } = measureOne(
      { loss: { kind: 'exact', positions: Array.from({ length: 3100 }, (_, i) => 200 + i) } },
      { durationMs: 90_000 },
    );
    expect(truth.interruptions).toBe(1);
    expectTruth(measured, truth);
    expect(measured.interruptedMs).toBeCloseTo(3101 * 20, 0);
  });

  test('intervals account for every number exactly once', () => {
    const { measured } = measureOne({ loss: { kind: 'gilbert', p: 0.02, q: 0.1 } }, { durationMs: 61_000 });
    let expected = 0;
    let lost = 0;
    let packets = 0;
    for (let i = 0; i < measured.intervals.length; i++) {
      const interval = measured.intervals.at(i);
      expected += interval.expected;
      lost += interval.lost;
      packets += interval.packets;
      expect(interval.startUs).toBe(measured.startUs + i * 5e6);
      if (i < measured.intervals.length - 1) expect(interval.expected).toBe(250);
    }
    expect({ expected, lost, packets }).toEqual({
      expected: measured.expected,
      lost: measured.lost,
      packets: measured.packets,
    });
  });

  test('loss is booked to the interval in which it was due, across an outage over several of them', () => {
    const positions = Array.from({ length: 600 }, (_, i) => 100 + i);
    const { measured } = measureOne({ loss: { kind: 'exact', positions } }, { durationMs: 30_000 });
    const losses = Array.from({ length: measured.intervals.length }, (_, i) => measured.intervals.at(i).lost);
    expect(losses.slice(0, 4)).toEqual([150, 250, 200, 0]);
  });

  test('delay variation: percentiles of the delay above its minimum', () => {
    const delaysMs = Array.from({ length: 1000 }, (_, i) => (i * 37) % 50);
    const { measured } = measureOne(
      { jitter: { kind: 'exact', delaysMs }, baseDelayMs: 10 },
      { durationMs: 20_000, ptimeMs: 60 },
    );
    const seen = delaysMs.slice(0, measured.packets).sort((a, b) => a - b);
    const rank = (q: number): number => seen[Math.ceil(q * seen.length) - 1]!;
    expect(measured.pdvMs.max).toBeCloseTo(49, 1);
    expect(Math.abs(measured.pdvMs.p50! - rank(0.5))).toBeLessThanOrEqual(0.26);
    expect(Math.abs(measured.pdvMs.p95! - rank(0.95))).toBeLessThanOrEqual(0.26);
    expect(Math.abs(measured.pdvMs.p99! - rank(0.99))).toBeLessThanOrEqual(0.26);
  });
});
