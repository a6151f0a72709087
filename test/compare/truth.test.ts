import { beforeAll, describe, expect, test } from 'vitest';
import type { CallSample } from '../../src/compare/call-sample.ts';
import { compareSets } from '../../src/compare/compare-sets.ts';
import type { SetsComparison } from '../../src/compare/contract.ts';
import { SeededRandom } from '../../src/compare/random.ts';
import { callsOfStore, sideOf } from '../../src/compare/reported-calls.ts';
import { Engine } from '../../src/engine/engine.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { batchesOf } from '../batches.ts';
import { population, side } from './population.ts';

function samplesOf(pcap: Uint8Array): readonly CallSample[] {
  const store = new RecordStore();
  const engine = new Engine(store);
  for (const batch of batchesOf(pcap)) engine.ingest(batch);
  engine.finish();
  const { samples } = sideOf([callsOfStore(store, {})]);
  store.close();
  return samples;
}

const claims = ({ changes }: SetsComparison): string[] =>
  changes
    .filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
    .map(({ measure, aspect, verdict }) => `${measure} ${aspect} ${verdict}`);

const SPLITS = 100;
const FALSE_CLAIMS_MAX = 0.05;

describe('what is known of the calls', () => {
  let before: readonly CallSample[] = [];
  let after: readonly CallSample[] = [];
  beforeAll(() => {
    before = samplesOf(population(1, 200));
    after = samplesOf(population(2, 100, 1.15));
  }, 120_000);

  test('15 % more jitter is found with a hundred calls on either side, and nothing that is not so', () => {
    const comparison = compareSets(side(before.slice(0, 100)), side(after));
    const found = claims(comparison);
    expect(found).toContain('jitterP95Ms typical worse');
    expect(found.filter((claim) => !/^(jitterP95Ms|pdvP95Ms|discarded) .* worse$/.test(claim))).toEqual([]);
    const { relative } = comparison.changes.find(({ measure }) => measure === 'jitterP95Ms')!;
    expect(relative).toBeGreaterThan(0.08);
    expect(relative).toBeLessThan(0.24);
  });

  test('two halves of the same traffic: hardly ever a claim', { timeout: 120_000 }, () => {
    const random = new SeededRandom(2026);
    let claimed = 0;
    for (let split = 0; split < SPLITS; split++) {
      const drawn = before.map((call) => ({ call, lot: random.uint32() })).sort((a, b) => a.lot - b.lot);
      const [a, b] = [drawn.slice(0, 100), drawn.slice(100)].map((half) => half.map(({ call }) => call));
      if (claims(compareSets(side(a!), side(b!))).length > 0) claimed++;
    }
    expect(claimed / SPLITS).toBeLessThanOrEqual(FALSE_CLAIMS_MAX);
  });
});
