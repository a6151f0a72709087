import { describe, expect, test } from 'vitest';
import { renderCalls } from '../../src/compare/calls-text.ts';
import { type CallRow, compareCalls } from '../../src/compare/compare-calls.ts';
import { type CallRecords, callsOfStore } from '../../src/compare/reported-calls.ts';
import type { StreamRecord } from '../../src/records/types.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { call, finding, quality, stream } from '../report/records.ts';

function records(changes: Partial<StreamRecord>, code: string | null = null): CallRecords {
  const store = new RecordStore();
  store.call(call({ id: 'c1', callId: 'one', streams: ['s1'] }));
  store.stream(stream({ id: 's1', callId: 'one', ...changes }));
  if (code !== null) store.finding(finding({ code, callId: 'one', streamId: 's1' }));
  return callsOfStore(store, {}).records(0);
}

const named = (rows: readonly CallRow[], key: string): CallRow => rows.find((row) => row.key === key)!;

describe('two calls side by side', () => {
  test('says what differs and which is worse', () => {
    const a = records({ lostRatio: 0, quality: quality({ mosLq: 4.4, mosCq: 4.3, rFactor: 90 }) });
    const b = records(
      { lostRatio: 0.02, quality: quality({ mosLq: 3.9, mosCq: 4.25, rFactor: 80 }) },
      'random_loss',
    );
    const { rows, kind } = compareCalls(a, b);
    expect(kind).toBe('calls');
    expect(named(rows, 'lostRatio')).toMatchObject({ a: 0, b: 0.02, worse: 'b', differs: true });
    expect(named(rows, 'mosLq')).toMatchObject({ a: 4.4, b: 3.9, worse: 'b' });
    expect(named(rows, 'mosCq')).toMatchObject({ worse: null, differs: true });
    expect(named(rows, 'rFactor')).toMatchObject({ worse: 'b' });
    expect(named(rows, 'findings')).toMatchObject({ a: 'none', b: 'random_loss', differs: true });
    expect(named(rows, 'codec')).toMatchObject({ worse: null, differs: false });
    expect(named(compareCalls(b, a).rows, 'lostRatio')).toMatchObject({ worse: 'a' });
  });

  test('scores of two scales are no better and no worse', () => {
    const a = records({ quality: quality({ scale: 'WB', mosLq: 4.4 }) });
    const b = records({ quality: quality({ scale: 'NB', mosLq: 2 }) });
    expect(named(compareCalls(a, b).rows, 'mosLq')).toMatchObject({ worse: null, differs: true });
  });

  test('a direction that one of them lacks has dashes', () => {
    const a = records({});
    const b = records({ direction: 'calleeToCaller' });
    const comparison = compareCalls(a, b);
    const lines = [...renderCalls(comparison, {})].join('');
    expect(lines).toMatch(/CALLER TO CALLEE\n.*\n?codec +PCM. +-\n/);
    expect(lines).toMatch(/CALLEE TO CALLER\n.*\n?codec +- +PCM.\n/);
    expect(lines).toContain('two calls prove no trend');
  });
});
