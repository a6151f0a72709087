import { describe, expect, test } from 'vitest';
import { type Failure, judgedCall } from '../../src/compare/failed-calls.ts';
import type { CallRecord } from '../../src/records/types.ts';
import { call, MIDNIGHT_US } from './told.ts';

/** What becomes of a call that began at noon and was up for 100 s; `late` seconds after the answer it has a finding. */
function judged(
  failure: Failure,
  changes: Partial<CallRecord> = {},
  codes: readonly string[] = [],
  late = 0,
) {
  const records = [...call({ callId: 'x', from: 43_200, long: 100, changes })];
  const startTime = new Date(MIDNIGHT_US / 1000 + 43_200_000 + late * 1000).toISOString();
  const findings = codes.map((code) => ({ code, startTime: `${startTime.slice(0, -1)}000Z` }));
  const [stream, told] = [records[0]! as object, records.at(-1)! as object];
  return judgedCall(told, [stream], findings, failure);
}

describe('whether a call has failed', () => {
  test('failed: what the network did not carry through', () => {
    const refused = { state: 'failed', finalCode: 503, answerUs: null } as const;
    expect(judged('failed')).toMatchObject({ hasFailed: false, talkMs: 100_000 });
    expect(judged('failed', refused)).toMatchObject({ hasFailed: true, talkMs: null });
    expect(judged('failed', { ...refused, finalCode: 486 })).toMatchObject({ hasFailed: false });
    // Sent elsewhere: neither.
    expect(judged('failed', { ...refused, finalCode: 302 })).toBeNull();
  });

  test('bad: not healthy; of what nobody knows nothing is said', () => {
    expect(judged('bad', { verdict: 'media' })).toMatchObject({ hasFailed: true });
    expect(judged('bad', { verdict: 'healthy' })).toMatchObject({ hasFailed: false });
    expect(judged('bad', { verdict: 'unknown' })).toBeNull();
  });

  test('a finding, and how long the call was up by then', () => {
    const oneWay = { finding: 'one_way_media' };
    expect(judged(oneWay)).toMatchObject({ hasFailed: false, failedAtMs: null });
    expect(judged(oneWay, {}, ['one_way_media'], 32)).toMatchObject({ hasFailed: true, failedAtMs: 32_000 });
    expect(judged(oneWay, {}, ['one_way_media'], 300)).toMatchObject({ failedAtMs: 100_000 });
    expect(judged(oneWay, { answerUs: null })).toBeNull();
    expect(judged({ finding: 'setup_failed' }, { answerUs: null }, ['setup_failed'])).toMatchObject({
      ...{ hasFailed: true, failedAtMs: null },
    });
  });
});
