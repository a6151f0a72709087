import { describe, expect, test } from 'vitest';
import { unfolded } from '../../src/report/brief-streams.ts';
import { renderCall } from '../../src/report/call-view.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { renderTable } from '../../src/report/table.ts';
import { call, capture, finding, stream } from './records.ts';

/** A call with two streams, and others of a packet each to its caller. */
function flooded(sources: number): RecordStore {
  const records = new RecordStore();
  records.call(call({ id: 'c1', callId: 'a@b' }));
  records.stream(stream({ id: 's1', callId: 'a@b' }));
  records.stream(stream({ id: 's2', callId: 'a@b', direction: 'calleeToCaller' }));
  for (let i = 0; i < sources; i++) {
    const src = { ip: `203.0.113.${i >> 1}`, port: 4000 + i };
    const one = { packets: 1, expected: 1, lost: 0, lostRatio: 0, quality: null };
    records.stream(stream({ id: `s${i + 3}`, callId: 'a@b', src, ...one }));
  }
  return records;
}

const head = { tool: { name: 'earshot', version: '0.1.0' }, capture: capture() };
const FOLDED = 'c1: 6 streams of at most 4 packets each from 3 addresses to';

describe('streams of a handful of packets', () => {
  test('are one line where a call has many, in the table and beside the call', () => {
    const records = flooded(6);
    const table = [...renderTable({ ...head, records })].join('');
    expect(table).toContain(`\n    ${FOLDED}`);
    expect(table).toContain('8 streams');
    expect(table).toContain('STREAMS, worst first');
    expect(table).not.toMatch(/ s5\n/);
    expect(table).toMatch(/ s2\n/);
    const view = [...renderCall({ ...head, records }, 0)].join('');
    expect(view).toContain(`\n${FOLDED}`);
    expect(view).not.toContain(' s5 ');
  });

  test('have a row each where there are few, or a critical finding', () => {
    const few = flooded(4);
    expect(unfolded(few, few.streams.ordered())).toMatchObject({ folded: 0, lines: [] });
    const grave = flooded(6);
    grave.finding(finding({ callId: 'a@b', streamId: 's3', severity: 'critical' }));
    const { streams, folded } = unfolded(grave, grave.streams.ordered());
    expect([streams.length, folded]).toEqual([3, 5]);
  });

  test('are told of a few calls, and the others are counted', () => {
    const records = new RecordStore();
    for (let c = 0; c < 7; c++) {
      records.call(call({ id: `c${c}`, callId: `${c}@b` }));
      for (let i = 0; i < 5; i++)
        records.stream(
          stream({ id: `s${c}-${i}`, callId: `${c}@b`, packets: 2, expected: 2, quality: null }),
        );
    }
    const { lines, folded } = unfolded(records, records.streams.ordered());
    expect(folded).toBe(35);
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('the same 2 times more');
  });
});
