import { describe, expect, test } from 'vitest';
import type { CallRecord, FindingRecord } from '../../src/records/types.ts';
import { renderCall } from '../../src/report/call-view.ts';
import { holdBackForDrops, holdBackThinned } from '../../src/report/hold-back.ts';
import { jsonChunks } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import type { Report } from '../../src/report/report.ts';
import { renderTable } from '../../src/report/table.ts';
import { call, capture, finding, signalling, stream } from './records.ts';

/** A report of one call, as it is when the capturing machine turns out to have lost packets. */
function reportOf(
  change: Partial<CallRecord>,
  findings: readonly FindingRecord[],
  budgetBytes: number,
): Report {
  const records = new RecordStore({ budgetBytes });
  records.stream(stream());
  for (const each of findings) records.finding(each);
  records.call(call({ findings: findings.map(({ code }) => code), ...change }));
  holdBackForDrops(records);
  return { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records };
}

const parsed = (report: Report) =>
  JSON.parse([...jsonChunks(report)].join('')) as { calls: CallRecord[]; findings: { code: string }[] };

describe.each([
  ['records held as they are', 16 << 20],
  ['records written as text', 1],
])('a capture that lost packets itself, %s', (_, budgetBytes) => {
  test('loss is no finding, and its call says so', () => {
    const report = reportOf({}, [finding()], budgetBytes);
    const { calls, findings } = parsed(report);
    expect(findings).toEqual([]);
    expect(calls[0]).toMatchObject({
      verdict: 'unknown',
      findings: [],
      heldBack: [{ code: 'burst_loss', streamId: 's1', reason: 'capture_drops' }],
    });
    expect([...renderTable(report)].join('')).toContain(
      'held back, since the capture may be the cause (capture_drops): burst_loss',
    );
    expect([...renderCall(report, 0)].join('')).toContain('HELD BACK');
  });

  test('a call of a scan says so', () => {
    const records = new RecordStore({ budgetBytes });
    const heldBack = [{ code: 'setup_failed', streamId: null, direction: null, reason: 'sip_scan' }];
    const emergency = { service: '112', location: false };
    records.call(
      call({
        heldBack,
        verdict: 'healthy',
        findings: [],
        streams: [],
        signalling: signalling({ ofScan: true, emergency }),
      }),
    );
    const report = { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records };
    expect([...renderTable(report)].join('')).toContain('emergency number, tried by a scan (112');
    expect([...renderCall(report, 0)].join('')).toContain('HELD BACK, because the call is part of a scan');
  });

  test('what a sample lacks is held back for the streams that are named, and drops beside it', () => {
    const records = new RecordStore({ budgetBytes });
    for (const id of ['s1', 's2']) records.stream(stream({ id }));
    const jitter = finding({ code: 'high_jitter' });
    const beat = finding({ code: 'periodic_impairment', evidence: { kind: 'delay' } });
    const findings = [finding(), finding({ streamId: 's2' }), jitter, beat];
    for (const each of findings) records.finding(each);
    records.call(call({ findings: ['burst_loss', 'high_jitter', 'periodic_impairment'] }));
    holdBackThinned(records, ['s1']);
    const report = { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records };
    const once = parsed(report).calls[0]!;
    expect(once.heldBack).toMatchObject([{ code: 'burst_loss', streamId: 's1', reason: 'capture_thinned' }]);
    expect(once.findings).toEqual(['burst_loss', 'high_jitter', 'periodic_impairment']);
    expect(parsed(report).findings).toHaveLength(3);
    holdBackForDrops(records);
    const twice = parsed(report).calls[0]!;
    expect(twice.heldBack.map(({ code, reason }) => `${code} ${reason}`).sort()).toEqual([
      'burst_loss capture_drops',
      'burst_loss capture_thinned',
      'high_jitter capture_drops',
      'periodic_impairment capture_drops',
    ]);
    expect(twice).toMatchObject({ findings: [], verdict: 'unknown' });
  });

  test('what drops do not make stays, and so does the verdict', () => {
    const oneWay = finding({ code: 'one_way_media', streamId: null });
    const refused = finding({ code: 'setup_failed', streamId: null });
    const media = parsed(reportOf({}, [finding(), oneWay], budgetBytes));
    expect(media.findings.map(({ code }) => code)).toEqual(['one_way_media']);
    expect(media.calls[0]!.verdict).toBe('media');
    const both = parsed(reportOf({ verdict: 'both' }, [finding(), refused], budgetBytes));
    expect(both.calls[0]).toMatchObject({ verdict: 'signalling', findings: ['setup_failed'] });
  });

  test('nor does the verdict change for any other finding about media', () => {
    const encryption = finding({ code: 'encryption_mismatch', severity: 'warning' });
    const told = finding({ code: 'dscp_unmarked', severity: 'info' });
    expect(parsed(reportOf({}, [finding(), encryption], budgetBytes)).calls[0]!.verdict).toBe('media');
    expect(parsed(reportOf({}, [finding(), told], budgetBytes)).calls[0]!.verdict).toBe('unknown');
  });

  test('a call of which something is held back is not called clean, nor healthy', () => {
    const beat = finding({ code: 'periodic_impairment', severity: 'info' });
    const clean = { checked: ['signalling'], notSeen: [] };
    const { calls } = parsed(reportOf({ verdict: 'healthy', clean }, [beat], budgetBytes));
    expect(calls[0]).toMatchObject({ verdict: 'unknown', clean: null });
    const busy = parsed(reportOf({ verdict: 'healthy', state: 'failed' }, [beat], budgetBytes));
    expect(busy.calls[0]!.verdict).toBe('healthy');
  });
});
