import { describe, expect, it } from 'vitest';
import { sumsByPlace } from '../../src/report/by-place.ts';
import { type CallPlace, NOWHERE, type PlaceKind, type Places } from '../../src/report/place.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { everything } from '../../src/report/selection.ts';
import { renderTable } from '../../src/report/table.ts';
import { call, capture, quality, signalling, stream } from './records.ts';

const at = (trunk: string | null): CallPlace => ({ ...NOWHERE, trunk });

/** Calls are at the trunk that their Call-ID begins with, streams at the one that their CNAME is. */
function places(kinds: readonly PlaceKind[] = ['trunk']): Places {
  return {
    kinds,
    call: ({ callId }) => at(callId.includes('-') ? callId.split('-')[0]! : null),
    stream: ({ rtcp }) => at(rtcp.cname),
  };
}

function filled(): RecordStore {
  const records = new RecordStore({ places: places() });
  const add = (callId: string, changes: Parameters<typeof call>[0] = {}): void =>
    records.call(call({ callId, verdict: 'healthy', ...changes }));
  const base = stream();
  const media = (callId: string | null, lost: number, cname: string | null, rFactor = 80): void => {
    const rtcp = { ...base.rtcp, cname };
    records.stream(stream({ callId, lost, expected: 1000, rtcp, quality: quality({ rFactor }) }));
  };
  for (let i = 0; i < 40; i++) add(`big-${i}`, i < 4 ? { verdict: 'both' } : {});
  for (let i = 0; i < 5; i++) add(`broken-${i}`, i < 4 ? { verdict: 'media' } : {});
  add('one-1', { verdict: 'signalling', state: 'failed', finalCode: 503, answerUs: null });
  add('one-2', { state: 'failed', finalCode: 302, answerUs: null });
  add('one-3', { signalling: signalling({ tries: 0 }) });
  add('elsewhere');
  media('broken-0', 100, null, 40);
  media('broken-1', 0, 'big');
  media(null, 30, 'big', 70);
  media(null, 5, null);
  return records;
}

describe('sumsByPlace', () => {
  const records = filled();
  const { groups, outside } = sumsByPlace(records, everything(records), 'trunk');

  it('puts on top what is proven to be the worst', () => {
    expect(groups.map(({ name }) => name)).toEqual(['broken', 'one', 'big']);
    expect(groups[0]!.bad).toEqual({ media: 4, signalling: 0, both: 0 });
    expect(groups[2]!.bad).toEqual({ media: 0, signalling: 0, both: 4 });
  });

  it('counts attempts as NER does: not those sent elsewhere, not calls without an INVITE', () => {
    expect(groups.map(({ calls, attempts, served }) => [calls, attempts, served])).toEqual([
      [5, 5, 5],
      [3, 1, 0],
      [40, 40, 40],
    ]);
  });

  it('counts a stream where it is itself, or else where its call is', () => {
    expect(groups.map(({ streams, expected, lost }) => [streams, expected, lost])).toEqual([
      [1, 1000, 100],
      [0, 0, 0],
      [2, 2000, 30],
    ]);
    expect(groups.map(({ worst }) => worst?.rFactor ?? null)).toEqual([40, null, 70]);
    expect(outside).toEqual({ calls: 1, streams: 1 });
  });

  it('adds up together what are too many names to be configured', () => {
    const many = new RecordStore({ places: places() });
    for (let i = 0; i < 10_003; i++) many.call(call({ callId: `t${i}-x` }));
    const sums = sumsByPlace(many, everything(many), 'trunk').groups;
    expect(sums).toHaveLength(10_001);
    expect(sums.find(({ name }) => name === 'other')?.calls).toBe(3);
  });
});

describe('the table', () => {
  const shown = (records: RecordStore): string =>
    [...renderTable({ tool: { name: 'earshot', version: '1' }, capture: capture(), records })].join('');

  it('has a block for each kind of groups, before the calls', () => {
    const block = shown(filled()).split('\n\n')[1]!.split('\n');
    expect(block).toEqual([
      'BY TRUNK, worst first',
      '               bad                                     worst',
      'trunk   calls  media  signalling  both  NER %  loss %     R   MOS',
      'broken      5      4           0     0  100.0    10.0  40.0  3.97',
      'one         3      0           1     0    0.0       -     -     -',
      'big        40      0           0     4  100.0     1.5  70.0  3.97',
      'in none: 1 call, 1 stream',
    ]);
  });

  it('shows the ten worst and says how many more there are', () => {
    const records = new RecordStore({ places: places(['trunk', 'site']) });
    for (let i = 0; i < 13; i++) records.call(call({ callId: `t${i}-x`, verdict: 'media' }));
    const [, trunks, sites] = shown(records).split('\n\n');
    expect(trunks!.split('\n').filter((line) => /^t\d/.test(line))).toHaveLength(10);
    expect(trunks).toContain('\n+3 more');
    expect(sites).toBe('BY SITE: no call and no stream is in one\nin none: 13 calls, 0 streams');
  });

  it('has none without groups', () => {
    const records = new RecordStore();
    records.call(call());
    expect(shown(records)).not.toContain('BY ');
  });
});

describe('records that are put into places', () => {
  it('keep them through the log, in summaries and texts', () => {
    for (const budgetBytes of [1 << 20, 0]) {
      const records = new RecordStore({ places: places(), budgetBytes });
      records.call(call({ callId: 'carrier-1' }));
      records.stream(stream({ rtcp: { ...stream().rtcp, cname: 'other-carrier' } }));
      expect(records.calls.summary(0).place.trunk).toBe('carrier');
      expect(JSON.parse(records.calls.text(0))).toMatchObject({
        site: null,
        trunk: 'carrier',
        direction: null,
      });
      expect(JSON.parse(records.streams.text(0))).toMatchObject({ site: null, trunk: 'other-carrier' });
      records.close();
    }
  });
});
