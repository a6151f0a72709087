import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonChunks, writeJson } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import type { Report } from '../../src/report/report.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from './records.ts';

function report(records: RecordStore, changes: Partial<Report> = {}): Report {
  return { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records, ...changes };
}

function text(shown: Report): string {
  let all = '';
  writeJson(shown, (chunk) => {
    all += chunk;
  });
  return all;
}

/** The contract, to the byte. A change here is a change for everyone who reads the report. */
const golden = join(import.meta.dirname, 'report.golden.json');

describe('writeJson', () => {
  it('prints the contract to the byte', () => {
    const records = new RecordStore();
    records.finding(finding({ endUs: null }));
    records.call(call({ roundTripMs: 61.23456 }));
    records.stream(
      stream({
        vlans: [12],
        encapsulation: ['gre'],
        tunnel: { id: 40, src: '10.99.0.1', dst: null },
        payloadTypes: [0, 101],
        events: [{ digit: '#', startUs: START_US + 1e6, durationMs: 100 }],
        roundTripMs: { p50: 30.5, p95: 50, max: 90 },
        quality: quality({ flags: ['burstR_low_confidence'] }),
        intervals: intervals(),
      }),
    );
    const reasons = [{ code: 'kernel_drops', text: 'dropped 12 %', dropRatio: 0.1234567 }];
    const degraded = capture({ trust: { verdict: 'degraded', reasons } });
    const printed = text(report(records, { capture: degraded }));
    if (process.env.EARSHOT_UPDATE_GOLDEN === '1') writeFileSync(golden, printed);
    expect(printed).toBe(readFileSync(golden, 'utf8'));
  });

  it('prints empty lists, absent times and null for what is not a number', () => {
    const records = new RecordStore();
    const empty = text(report(records, { capture: capture({ startUs: null, endUs: null }) }));
    expect(empty).toContain('  "calls": [],\n  "streams": [],\n  "findings": [],\n');
    expect(empty.endsWith('  "registrations": [],\n  "registrationsLeftOut": 0,\n  "trunks": []\n}\n')).toBe(
      true,
    );
    expect(JSON.parse(empty).capture).toMatchObject({ startTime: null, endTime: null });

    records.stream(stream({ skewPpm: Number.NaN, maxDeltaMs: Number.POSITIVE_INFINITY, quality: null }));
    const parsed = JSON.parse(text(report(records)));
    expect(parsed.streams[0]).toMatchObject({
      skewPpm: null,
      maxDeltaMs: null,
      quality: null,
      intervals: [],
    });
  });

  it('keeps terminal controls out of the file but not out of the data', () => {
    const records = new RecordStore();
    const hostile = 'a\x1b[31m\x9b31m\u202eb\x7f\ud800\u2028"\\c';
    records.call(call({ callId: hostile }));
    const printed = text(report(records));
    expect(printed).not.toMatch(/[^\n\x20-\x7e]/);
    expect(JSON.parse(printed).calls[0].callId).toBe(hostile);
  });

  it('comes in bounded pieces, whatever the length of the whole', () => {
    const records = new RecordStore();
    for (let i = 0; i < 500; i++) records.stream(stream({ id: `s${i + 1}` }));
    const chunks = [...jsonChunks(report(records))];
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(80_000);
    expect(JSON.parse(chunks.join('')).streams).toHaveLength(500);
  });
});
