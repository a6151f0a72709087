import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jsonChunks } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { ReportStorageError } from '../../src/report/text-log.ts';
import { totalsOf } from '../../src/report/totals.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from './records.ts';

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'earshot-test-'));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

/** Records in the order in which a replay might hand them over: by their end, not by their start. */
function fill(records: RecordStore): RecordStore {
  for (let i = 40; i > 0; i--) {
    const callId = `call-${i}@höst`;
    const startUs = START_US + (i % 7) * 1e6;
    records.stream(stream({ id: `s${i}`, callId, startUs, intervals: intervals() }));
    records.finding(finding({ callId, streamId: `s${i}`, startUs, text: `loss on ${i} …` }));
    records.call(call({ id: `c${i}`, callId, startUs, from: `+49 ${i}`, streams: [`s${i}`] }));
  }
  return records;
}

function printed(records: RecordStore): string {
  return [...jsonChunks({ tool: { name: 'earshot', version: '1' }, capture: capture(), records })].join('');
}

describe('RecordStore', () => {
  it('gives the same report from disk as from memory', () => {
    const inMemory = fill(new RecordStore());
    const expected = printed(inMemory);
    expect(inMemory.storage.diskBytes).toBe(0);
    for (const budgetBytes of [0, 1, 1000, 20_000, 64_000]) {
      const spilled = fill(new RecordStore({ budgetBytes, directory }));
      expect(spilled.storage.memoryBytes).toBeLessThanOrEqual(budgetBytes);
      expect(spilled.storage.diskBytes).toBeGreaterThan(0);
      expect(printed(spilled)).toBe(expected);
      spilled.close();
      expect(fs.readdirSync(directory)).toEqual([]);
    }
  });

  it('needs no directory as long as the budget lasts', () => {
    const records = fill(new RecordStore({ directory: path.join(directory, 'missing') }));
    expect(printed(records)).toContain('c40');
  });

  it('says what to do when the disk does not take the rest', () => {
    const missing = path.join(directory, 'missing');
    const records = new RecordStore({ budgetBytes: 10, directory: missing });
    let error: unknown;
    try {
      records.call(call());
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ReportStorageError);
    expect(error).toMatchObject({
      code: 'ENOENT',
      message: `cannot put the report aside in ${missing} (ENOENT); set TMPDIR to a directory with enough free space`,
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
    records.close();
  });

  it('orders by start, then by the number in the id, then by arrival', () => {
    const parsed = JSON.parse(printed(fill(new RecordStore())));
    const keys = (list: { id: string; startTime: string }[]): [string, number][] =>
      list.map(({ id, startTime }) => [startTime, Number(id.slice(1))]);
    for (const list of [keys(parsed.calls), keys(parsed.streams)]) {
      const sorted = list.toSorted((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1]);
      expect(list).toEqual(sorted);
    }
    const records = new RecordStore();
    for (const code of ['late', 'first', 'second']) {
      records.finding(finding({ code, startUs: START_US + (code === 'late' ? 1 : 0) }));
    }
    const codes = JSON.parse(printed(records)).findings.map((f: { code: string }) => f.code);
    expect(codes).toEqual(['first', 'second', 'late']);
  });

  it('joins streams and findings to their call, in whatever order they came', () => {
    const records = new RecordStore();
    records.finding(finding());
    records.call(call());
    records.stream(stream({ id: 's9' }));
    expect(records.streamsOf(0)).toEqual([0]);
    expect(records.findingsOf(0)).toEqual([0]);
  });

  it('tells whose a finding of a Call-ID is that several calls used, also of one kind', () => {
    const records = new RecordStore({ directory });
    const about = (text: string, code = 'sdp_invalid') =>
      finding({ callId: 'x', streamId: null, code, text });
    const codes = ['sdp_invalid', 'shared_onset'];
    for (const id of ['c1', 'c2']) {
      records.finding(about(`of ${id}`));
      records.call(call({ id, callId: 'x', streams: [], findings: codes }));
    }
    records.call(call({ id: 'c3', callId: 'x', streams: [], findings: [] }));
    records.finding(about('of all', 'shared_onset'));
    const texts = [0, 1, 2].map((sequence) =>
      records
        .findingsOf(sequence)
        .map((each) => (JSON.parse(records.findings.text(each)) as { text: string }).text),
    );
    expect(texts).toEqual([['of c1', 'of all'], ['of c2', 'of all'], []]);
    records.close();
  });

  it('keeps two calls apart that used one Call-ID', () => {
    const records = new RecordStore();
    records.call(call({ id: 'c1', streams: ['s1'], findings: ['burst_loss'] }));
    records.call(call({ id: 'c2', streams: ['s2'], findings: ['setup_failed'] }));
    records.stream(stream({ id: 's2' }));
    records.stream(stream({ id: 's1' }));
    records.finding(finding({ code: 'setup_failed', streamId: null }));
    records.finding(finding({ streamId: 's1' }));
    expect([records.streamsOf(0), records.streamsOf(1)]).toEqual([[1], [0]]);
    expect([records.findingsOf(0), records.findingsOf(1)]).toEqual([[1], [0]]);
  });
});

describe('totalsOf', () => {
  it('counts calls by state and verdict, packets, and the worst score that can be relied on', () => {
    const records = new RecordStore();
    records.call(call({ verdict: 'healthy' }));
    records.call(call({ id: 'c2', callId: 'x', verdict: 'signalling', state: 'failed' }));
    records.stream(stream());
    records.stream(
      stream({ id: 's2', callId: null, quality: quality({ scale: 'WB', rFactor: 95, mosCq: 3.8 }) }),
    );
    records.stream(stream({ id: 's3', expected: 4, packets: 3, lost: 1, quality: quality({ rFactor: 3 }) }));
    expect(totalsOf(records)).toEqual({
      calls: 2,
      byState: { answered: 1, failed: 1 },
      byVerdict: { healthy: 1, signalling: 1 },
      failedSetups: 1,
      streams: 3,
      looseStreams: 1,
      packets: 1403,
      expected: 1504,
      lost: 101,
      // 95 of 129 is worse than 78.8 of 100: scales are compared by their MOS.
      worst: { rFactor: 95, mos: 3.8, scale: 'WB' },
      scored: 3,
      findings: 0,
    });
  });
});
