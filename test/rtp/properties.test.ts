import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario, StreamSpec } from '../../src/synth/scenario.ts';
import { measureRtp } from './measure.ts';

const RUNS = { numRuns: 25 };

/** A stream with everything that may befall it, but not too much of it. */
const impaired: fc.Arbitrary<StreamSpec> = fc.record({
  loss: fc.oneof(
    fc.record({ kind: fc.constant('random' as const), ratio: fc.double({ min: 0, max: 0.3, noNaN: true }) }),
    fc.record({
      kind: fc.constant('gilbert' as const),
      p: fc.double({ min: 0.001, max: 0.05, noNaN: true }),
      q: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
    }),
  ),
  jitter: fc.oneof(
    fc.constant({ kind: 'none' as const }),
    fc.record({ kind: fc.constant('uniform' as const), maxMs: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('gauss' as const), sigmaMs: fc.integer({ min: 1, max: 12 }) }),
  ),
});

const seeds = fc.integer({ min: 1, max: 1_000_000 });

function scenario(stream: StreamSpec, seed: number, extra: Partial<Scenario> = {}): Scenario {
  return {
    seed,
    ...extra,
    calls: [
      {
        outcome: 'none',
        durationMs: 12_000,
        calleeToCaller: null,
        dtmf: { atMs: 3000, digits: '7' },
        callerToCallee: { ssrc: 0x1234abcd, startSeq: 1000, startTimestamp: 5000, ...stream },
      },
    ],
  };
}

function measure(spec: Scenario, perBatch = 1000, shortWay = true): StreamMeasurement {
  const found = measureRtp(buildScenario(spec).pcap, perBatch, shortWay).get('0x1234abcd');
  if (found === undefined) throw new Error('the stream was not recognised');
  return found.measured;
}

/** Everything that must not depend on where numbers start or how packets travel. */
function essence(measured: StreamMeasurement): unknown {
  const { startUs, endUs, firstSequence, vlans, ttl, events, intervals, ...rest } = measured;
  const log = Array.from({ length: intervals.length }, (_, i) => {
    const interval = intervals.at(i);
    return { ...interval, startUs: interval.startUs - startUs };
  });
  const tones = events.map(({ timestamp: _, startUs: at, ...event }) => ({ ...event, at: at - startUs }));
  return { ...rest, spanUs: endUs - startUs, tones, log };
}

describe('results do not depend on', () => {
  test('where sequence numbers and timestamps start: forced wrap', () => {
    fc.assert(
      fc.property(
        impaired,
        seeds,
        fc.integer({ min: 0, max: 65_535 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        (stream, seed, startSeq, startTimestamp) => {
          const plain = measure(scenario(stream, seed));
          const moved = measure(scenario({ ...stream, startSeq, startTimestamp }, seed));
          expect(essence(moved)).toEqual(essence(plain));
        },
      ),
      RUNS,
    );
  });

  test('how packets are split into batches', () => {
    fc.assert(
      fc.property(impaired, seeds, fc.integer({ min: 1, max: 50 }), (stream, seed, perBatch) => {
        expect(measure(scenario(stream, seed), perBatch)).toEqual(measure(scenario(stream, seed)));
      }),
      RUNS,
    );
  });

  test('IPv4 or IPv6, tagged or not', () => {
    fc.assert(
      fc.property(
        impaired,
        seeds,
        fc.boolean(),
        fc.constantFrom<number[]>([], [7], [100, 42]),
        (stream, seed, ipv6, vlans) => {
          const plain = measure(scenario(stream, seed));
          const carried = measure(scenario(stream, seed, { ipv6, vlans }));
          expect(essence(carried)).toEqual(essence(plain));
          expect(carried.vlans).toEqual(vlans);
        },
      ),
      RUNS,
    );
  });

  test('the time of day', () => {
    fc.assert(
      fc.property(impaired, seeds, fc.integer({ min: 0, max: 2_000_000_000 }), (stream, seed, shiftS) => {
        const startTime = new Date(shiftS * 1000).toISOString();
        const plain = measure(scenario(stream, seed));
        const shifted = measure(scenario(stream, seed, { startTime }));
        expect(essence(shifted)).toEqual(essence(plain));
      }),
      RUNS,
    );
  });

  test('the short way for packets in the steady state', () => {
    fc.assert(
      fc.property(impaired, seeds, (stream, seed) => {
        const spec = scenario({ ...stream, dtx: { talkMs: 3000, silenceMs: 700 } }, seed);
        expect(measure(spec, 1000, true)).toEqual(measure(spec, 1000, false));
      }),
      RUNS,
    );
  });
});

describe('copies', () => {
  test('never change loss, bursts or D2 jitter', () => {
    fc.assert(
      fc.property(
        impaired,
        seeds,
        fc.uniqueArray(fc.integer({ min: 6, max: 590 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 15 }),
        (stream, seed, positions, afterMs) => {
          const plain = measure(scenario(stream, seed));
          const doubled = measure(scenario({ ...stream, duplicate: { positions, afterMs } }, seed));
          for (const field of [
            'packets',
            'octets',
            'expected',
            'lost',
            'burst',
            'jitterMs',
            'pdvMs',
          ] as const) {
            expect(doubled[field]).toEqual(plain[field]);
          }
        },
      ),
      RUNS,
    );
  });
});
