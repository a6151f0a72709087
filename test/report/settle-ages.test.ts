import { describe, expect, test } from 'vitest';
import type { SharedAge } from '../../src/records/shared-age.ts';
import type { ReportFinding } from '../../src/report/contract.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { settleAges } from '../../src/report/settle-ages.ts';
import { finding } from './records.ts';

const five: SharedAge = {
  streamId: 's1',
  codes: ['random_loss', 'burst_loss'],
  ageMs: 300_000,
  calls: 5,
  ofCalls: 6,
};
const SAID =
  '; it begins 300 s into the call, as in 5 of 6 calls that came the same way and grew as old, at different times: it comes with the age of a call';

/** What is left of a finding of `s1`. */
function settled(changes: Parameters<typeof finding>[0], ages: readonly SharedAge[] = [five]): ReportFinding {
  const store = new RecordStore();
  store.finding(
    finding({ streamId: 's1', code: 'burst_loss', text: '5 % lost', evidence: { lost: 7 }, ...changes }),
  );
  settleAges(store, ages);
  return JSON.parse(store.findings.text(0)) as ReportFinding;
}

describe('what begins at one age in several calls', () => {
  test('is said of the first of them at the end of the capture', () => {
    const { text, evidence } = settled({});
    expect(text).toBe(`5 % lost${SAID}`);
    expect(evidence).toEqual({
      lost: 7,
      signature: 'worse_with_age',
      onsetAgeMs: 300_000,
      ageCalls: 5,
      ofCalls: 6,
    });
  });

  test('is said with the numbers of all of them, in place of those that were known', () => {
    const before = SAID.replace('5 of 6', '3 of 4');
    const { text, evidence } = settled({
      text: `5 % lost${before}; the radio`,
      evidence: { signature: 'worse_with_age', onsetAgeMs: 300_000, ageCalls: 3, ofCalls: 4 },
    });
    expect(text).toBe(`5 % lost${SAID}; the radio`);
    expect(evidence).toMatchObject({ ageCalls: 5, ofCalls: 6 });
  });

  test('is not said of other findings, of other streams, and of what has a signature of its own', () => {
    expect(settled({ code: 'high_jitter' }).text).toBe('5 % lost');
    expect(settled({ streamId: 's2' }).text).toBe('5 % lost');
    expect(settled({ evidence: { signature: 'worse_with_age', firstQuarter: 0.1 } }).text).toBe('5 % lost');
    expect(settled({}, []).text).toBe('5 % lost');
  });
});
