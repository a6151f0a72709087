import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILED, LaneQueue, STOPPED } from '../../../src/rtp/lanes/lane-memory.ts';
import { LaneDied } from '../../../src/rtp/lanes/lanes.ts';
import { buildScenario } from '../../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { feed, steady } from '../feed.ts';
import { type Measured, measureRtp } from '../measure.ts';
import { SteppedLanes } from './stepped-lanes.ts';

const spiky: fc.Arbitrary<StreamSpec> = fc.record({
  loss: fc.record({
    kind: fc.constant('random' as const),
    ratio: fc.constantFrom(0, 0, 0.0005, 0.005, 0.05),
  }),
  jitter: fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.record({ kind: fc.constant('uniform' as const), maxMs: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ kind: fc.constant('gauss' as const), sigmaMs: fc.integer({ min: 1, max: 40 }) }),
  ),
  skewPpm: fc.constantFrom(0, 80, -80),
  // With 10 ms, verdicts reach the end of an interval before its time is up.
  ptimeMs: fc.constantFrom(10, 20, 40),
  pauses: fc.array(
    fc.record({
      atMs: fc.integer({ min: 2000, max: 30_000 }),
      durationMs: fc.integer({ min: 60, max: 3000 }),
      clockRunsOn: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});

/** Several streams at a time, so that each lane has runs of more than one. */
function captureOf(streams: readonly StreamSpec[], seed: number): Uint8Array {
  const calls = streams.map((stream, i): CallSpec => {
    return {
      outcome: 'none',
      startMs: i * 37,
      durationMs: 36_000,
      dtmf: { atMs: 9000, digits: '7' },
      callerToCallee: stream,
      calleeToCaller: null,
    };
  });
  return buildScenario({ seed, calls }).pcap;
}

function withLanes(pcap: Uint8Array, lanes: SteppedLanes, losses: string[] = []): Map<string, Measured> {
  return measureRtp(pcap, 1000, true, lanes, losses);
}

describe('lanes change no result', () => {
  test('whatever befalls the streams and whenever the lanes get a turn', () => {
    let measured = 0;
    let lost = 0;
    fc.assert(
      fc.property(
        fc.array(spiky, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.constantFrom(0, 0, 0, 1, 5), { minLength: 1, maxLength: 40 }),
        (streams, seed, count, pattern) => {
          const pcap = captureOf(streams, seed);
          const lanes = new SteppedLanes(count, pattern);
          const losses: string[] = [];
          const alone: string[] = [];
          expect(withLanes(pcap, lanes, losses)).toEqual(measureRtp(pcap, 1000, true, null, alone));
          // In the same second and order, or what streams lost at the same time would depend on the threads.
          expect(losses).toEqual(alone);
          measured += lanes.measured;
          lost += losses.length;
        },
      ),
      { numRuns: 40 },
    );
    // They did have a part in it.
    expect(measured).toBeGreaterThan(1000);
    expect(lost).toBeGreaterThan(100);
  });

  test('when they never get one: the owner takes every run back', () => {
    const pcap = captureOf([{}, { loss: { kind: 'random', ratio: 0.001 } }], 5);
    const lanes = new SteppedLanes(2, [0]);
    expect(withLanes(pcap, lanes)).toEqual(measureRtp(pcap));
    expect(lanes.measured).toBe(0);
  });

  test('when they measure at once: nearly everything', () => {
    const pcap = captureOf([{}, {}], 6);
    const lanes = new SteppedLanes(2, [9]);
    const found = withLanes(pcap, lanes);
    expect(found).toEqual(measureRtp(pcap));
    const packets = [...found.values()].reduce((sum, { measured }) => sum + measured.packets, 0);
    // Runs of 64, and the rest of those which ended an interval; the beginnings and ends are the owner's.
    expect(lanes.measured * 64).toBeGreaterThan(packets * 0.9);
  });

  test('a count that outgrows 16 bits', () => {
    // 95.1 % of the jitter values are 0; of those that a bucket of 16 bits can hold, it would be 94.8 %.
    const packets = steady(70_000);
    for (const [i, packet] of steady(3600).entries()) {
      const before = 70_000;
      packets.push({
        atMs: before * 20 + packet.atMs + (i % 2) * 8,
        sequence: packet.sequence + before,
        timestamp: packet.timestamp + before * 160,
      });
    }
    const lanes = new SteppedLanes(1, [1]);
    const measured = feed(packets, lanes);
    expect(measured).toEqual(feed(packets));
    expect(measured.jitterMs.p95).toBeLessThan(0.02);
    expect(lanes.measured).toBeGreaterThan(1000);
  });
});

test('a lane that failed in the middle of a run is an error, not a wait without end', () => {
  const lanes = new SteppedLanes(1, [0]);
  const broken = {
    count: 1,
    start: (share: Parameters<SteppedLanes['start']>[0]): void => lanes.start(share),
    turn: (): void => {
      const { control, runs } = new LaneQueue(lanes.shares[0]!.queue);
      runs.states.fill(1);
      control[STOPPED] = FAILED;
    },
  };
  expect(() => feed(steady(500), broken)).toThrow(LaneDied);
});
