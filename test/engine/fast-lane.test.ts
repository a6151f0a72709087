import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';

/** All records of a capture, with or without the fast lane. */
function records(pcap: Uint8Array, fastLane: boolean, perBatch: number): unknown {
  const all: (StreamRecord | CallRecord | FindingRecord)[] = [];
  const keep = (record: StreamRecord | CallRecord | FindingRecord): void => {
    all.push(record);
  };
  const engine = new Engine({ stream: keep, call: keep, finding: keep });
  engine.fastLane = fastLane;
  for (const batch of batchesOf(pcap, perBatch)) engine.ingest(batch);
  engine.finish();
  return { all, account: engine.account() };
}

test('the fast lane changes nothing but the time it takes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(0, 0.01, 0.2),
      fc.constantFrom(0, 3, 40),
      fc.boolean(),
      fc.constantFrom(1, 77, 5000),
      (seed, ratio, maxMs, keyed, perBatch) => {
        const impairments = {
          loss: { kind: 'random' as const, ratio },
          jitter: { kind: 'uniform' as const, maxMs },
        };
        const scenario: Scenario = {
          seed,
          calls: [
            {
              durationMs: 14_000,
              callerToCallee: impairments,
              calleeToCaller: impairments,
              ...(keyed ? { dtmf: { atMs: 3000, digits: '75#' } } : {}),
            },
          ],
        };
        const { pcap } = buildScenario(scenario);
        expect(records(pcap, true, perBatch)).toEqual(records(pcap, false, perBatch));
      },
    ),
    { numRuns: 20 },
  );
});
