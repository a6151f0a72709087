import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { SteppedLanes } from '../rtp/lanes/stepped-lanes.ts';

/** All records of a capture, in the order in which they were told. */
function records(pcap: Uint8Array, lanes: SteppedLanes | null): unknown {
  const all: (StreamRecord | CallRecord | FindingRecord)[] = [];
  const keep = (record: StreamRecord | CallRecord | FindingRecord): void => {
    all.push(record);
  };
  const engine = new Engine({ stream: keep, call: keep, finding: keep }, { rtp: { lanes } });
  for (const batch of batchesOf(pcap, 7)) {
    engine.ingest(batch);
    lanes?.turn();
  }
  engine.finish();
  return { all, account: engine.account() };
}

test('the demo capture gives the same records with one lane or three', () => {
  const pcap = readFileSync('test/pcaps/demo.pcap');
  const alone = records(pcap, null);
  for (const lanes of [new SteppedLanes(1, [1]), new SteppedLanes(3, [2, 0, 0, 1])]) {
    expect(records(pcap, lanes)).toEqual(alone);
    expect(lanes.measured).toBeGreaterThan(50);
  }
});

test('calls that share a loss, end, and are looked at by RTCP give the same records with lanes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(0, 0.002, 0.05),
      fc.constantFrom(0, 3, 60),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.constantFrom(0, 0, 1, 8), { minLength: 1, maxLength: 20 }),
      (seed, ratio, maxMs, count, pattern) => {
        const impaired = {
          loss: { kind: 'random' as const, ratio },
          jitter: { kind: 'uniform' as const, maxMs },
        };
        const calls = Array.from({ length: 5 }, (_, i): CallSpec => {
          const clean = i % 2 === 0;
          return {
            startMs: i * 1300,
            durationMs: 17_000,
            callerToCallee: clean ? {} : impaired,
            calleeToCaller: clean ? {} : impaired,
          };
        });
        const { pcap } = buildScenario({ seed, calls });
        expect(records(pcap, new SteppedLanes(count, pattern))).toEqual(records(pcap, null));
      },
    ),
    { numRuns: 15 },
  );
});
