import { describe, expect, it } from 'vitest';
import { type Filter, parseFilter } from '../../src/report/filter.ts';
import type { Places } from '../../src/report/place.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { findCall, type Selection, select } from '../../src/report/selection.ts';
import { worstCalls, worstStreams } from '../../src/report/worst-first.ts';
import { call, finding, quality, START_US, stream } from './records.ts';

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.filter;
}

/** Three calls, one stream of no call, findings about a call, that stream, and the capture. */
function threeCalls(): RecordStore {
  const records = new RecordStore();
  const parties = [
    { from: 'alice', to: '+4989100' },
    { from: 'Bob.Smith', to: '+4989200' },
    { from: 'sip:carol@10.9.9.9', to: null },
  ];
  parties.forEach((party, i) => {
    const n = i + 1;
    const callId = ['aa1@pbx', 'aa2@pbx', 'b3@[2001:db8::9]'][i]!;
    const rFactor = [90, 50, 70][i]!;
    records.call(
      call({ id: `c${n}`, callId, ...party, streams: [`s${n}`], startUs: START_US + n, verdict: 'healthy' }),
    );
    records.stream(
      stream({
        id: `s${n}`,
        callId,
        src: { ip: `10.0.${n}.1`, port: 4000 },
        startUs: START_US + n,
        quality: quality({ rFactor }),
      }),
    );
  });
  records.stream(
    stream({ id: 's4', callId: null, src: { ip: '2001:db8::4', port: 1 }, startUs: START_US + 9 }),
  );
  records.finding(finding({ callId: 'aa1@pbx', streamId: null }));
  records.finding(finding({ callId: null, streamId: 's4' }));
  records.finding(finding({ callId: null, streamId: null, code: 'capture_drops' }));
  return records;
}

function ids(
  records: RecordStore,
  selection: Selection,
): { calls: string[]; streams: string[]; findings: number[] } {
  return {
    calls: Array.from(selection.calls, (sequence) => records.calls.summary(sequence).id),
    streams: Array.from(selection.streams, (sequence) => records.streams.summary(sequence).id),
    findings: [...selection.findings],
  };
}

describe('parseFilter', () => {
  const matched = (text: string): string[] => {
    const records = threeCalls();
    const { calls, streams } = ids(records, select(records, { filter: filter(text) }));
    return [...calls, ...streams];
  };

  it('takes an address, a range and the beginning of an address', () => {
    expect(matched('10.0.2.1')).toEqual(['c2', 's2']);
    expect(matched('10.0.2.0/23')).toEqual(['c2', 'c3', 's2', 's3']);
    expect(matched('10.0.3.')).toEqual(['c3', 's3']);
    expect(matched('2001:DB8::4')).toEqual(['s4']);
    expect(matched('2001:db8:0::/48')).toEqual(['c3', 's3', 's4']);
  });

  it('finds addresses where signalling leaves them', () => {
    expect(matched('10.9.9.9')).toEqual(['c3', 's3']);
    expect(matched('2001:db8::9')).toEqual(['c3', 's3']);
    expect(matched('0.9.9.9')).toEqual([]);
  });

  it('takes a part of a Call-ID or of a party, in either case', () => {
    expect(matched('AA')).toEqual(['c1', 'c2', 's1', 's2']);
    expect(matched('smith')).toEqual(['c2', 's2']);
    expect(matched('+49892')).toEqual(['c2', 's2']);
    expect(matched('nobody')).toEqual([]);
  });

  it('refuses what cannot be meant', () => {
    expect(parseFilter('10.0.0.0/33')).toEqual({
      ok: false,
      message: 'bad range "10.0.0.0/33": the part after / must be 0 to 32',
    });
    expect(parseFilter('::/x')).toMatchObject({ ok: false });
    expect(parseFilter('  ')).toMatchObject({ ok: false });
  });
});

describe('select', () => {
  it('brings what belongs to a call, and always what is about the capture', () => {
    const records = threeCalls();
    expect(ids(records, select(records, { call: 0 }))).toEqual({
      calls: ['c1'],
      streams: ['s1'],
      findings: [0, 2],
    });
    expect(ids(records, select(records, { filter: filter('2001:db8::4') }))).toEqual({
      calls: [],
      streams: ['s4'],
      findings: [1, 2],
    });
  });

  it('cuts to the worst, in the order of the contract', () => {
    const records = threeCalls();
    // c1 has a critical finding; c2 has the lowest R.
    expect(ids(records, select(records, { worst: 2 })).calls).toEqual(['c1', 'c2']);
    expect(ids(records, select(records, { worst: 2 })).streams).toEqual(['s1', 's2', 's4']);
    expect(ids(records, select(records, { worst: 1, filter: filter('aa') })).calls).toEqual(['c1']);
    expect(ids(records, select(records, { worst: 0 })).calls).toEqual([]);
  });
});

describe('worst first', () => {
  it('goes by critical findings, verdict, lowest R, then loss', () => {
    const records = new RecordStore();
    const add = (
      id: string,
      verdict: 'both' | 'media' | 'signalling' | 'healthy',
      rFactor: number,
      lost = 0,
    ): void => {
      const expected = rFactor === 1 ? 100 : 1000;
      records.call(call({ id, callId: id, verdict }));
      records.stream(stream({ id: `s-${id}`, callId: id, expected, lost, quality: quality({ rFactor }) }));
    };
    add('healthy', 'healthy', 93);
    add('short', 'healthy', 1);
    add('lossy', 'healthy', 93, 5);
    add('signalling', 'signalling', 93);
    add('media-60', 'media', 60);
    add('media-50', 'media', 50);
    add('both', 'both', 80);
    add('critical', 'healthy', 93);
    records.finding(finding({ callId: 'critical', streamId: 's-critical' }));
    const all = records.calls.ordered();
    const order = worstCalls(records, all, 99).map((sequence) => records.calls.summary(sequence).id);
    expect(order).toEqual([
      'critical',
      'both',
      'media-50',
      'media-60',
      'signalling',
      'lossy',
      'healthy',
      'short',
    ]);
    const streams = worstStreams(records, records.streams.ordered(), 3);
    expect(streams.map((sequence) => records.streams.summary(sequence).id)).toEqual([
      's-critical',
      's-media-50',
      's-media-60',
    ]);
  });
});

describe('findCall', () => {
  it('takes an id, a Call-ID, or a beginning that is unique', () => {
    const records = threeCalls();
    expect(findCall(records, 'c2')).toEqual({ ok: true, call: 1 });
    expect(findCall(records, 'aa2@pbx')).toEqual({ ok: true, call: 1 });
    expect(findCall(records, 'b')).toEqual({ ok: true, call: 2 });
  });

  it('says what was ambiguous, and what there is when nothing was found', () => {
    const records = threeCalls();
    expect(findCall(records, 'aa')).toEqual({
      ok: false,
      message: '"aa" means 2 calls: c1 (aa1@pbx), c2 (aa2@pbx); give the id of one',
    });
    expect(findCall(records, 'zz\x1b')).toEqual({
      ok: false,
      message:
        'no call "zz\\x1b": the capture has 3, c1 to c3; give an id, a Call-ID or the beginning of one',
    });
    expect(findCall(new RecordStore(), '')).toEqual({
      ok: false,
      message: 'no call "": the capture has no calls',
    });
  });

  it('prefers an exact Call-ID to the beginning of another', () => {
    const records = new RecordStore();
    records.call(call({ id: 'c1', callId: 'abc' }));
    records.call(call({ id: 'c2', callId: 'abcdef' }));
    expect(findCall(records, 'abc')).toEqual({ ok: true, call: 0 });
    records.call(call({ id: 'c3', callId: 'abc' }));
    expect(findCall(records, 'abc')).toMatchObject({ ok: false });
  });
});

describe('a filter by a group', () => {
  const places: Places = {
    kinds: ['site', 'trunk'],
    call: ({ callId }) => ({ site: callId, trunk: null, direction: null }),
    stream: ({ id }) => ({ site: null, trunk: id, direction: null }),
  };

  it('finds calls that are in it and those whose media is, with all their streams, and streams of no call', () => {
    const records = new RecordStore({ places });
    records.call(call({ id: 'c1', callId: 'Berlin' }));
    records.stream(stream({ id: 's1', callId: 'Berlin' }));
    records.stream(stream({ id: 's2', callId: 'Berlin' }));
    records.stream(stream({ id: 's3', callId: null }));
    const chosen = (text: string) => ids(records, select(records, { filter: filter(text) }));
    expect(chosen('site=berlin')).toMatchObject({ calls: ['c1'], streams: ['s1', 's2'] });
    expect(chosen('trunk=s2')).toMatchObject({ calls: ['c1'], streams: ['s1', 's2'] });
    expect(chosen(' Trunk = S3 ')).toMatchObject({ calls: [], streams: ['s3'] });
    expect(chosen('site=Berl')).toMatchObject({ calls: [], streams: [] });
  });
});
