import { describe, expect, it } from 'vitest';
import type { Direction } from '../../src/records/types.ts';
import { sumsByPlace } from '../../src/report/by-place.ts';
import {
  type CallPlace,
  NOWHERE,
  type PlaceKind,
  type Places,
  type WayPlace,
} from '../../src/report/place.ts';
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

describe('the way of media', () => {
  const way = (
    own: Partial<WayPlace>,
    called: Partial<WayPlace>,
    kind: PlaceKind,
    direction: Direction | null,
  ) => {
    const records = new RecordStore({
      places: {
        kinds: [kind],
        call: () => ({ ...NOWHERE, ...called }),
        stream: () => ({ ...NOWHERE, ...own }),
      },
    });
    records.call(call());
    records.stream(stream({ direction }));
    const { ways } = sumsByPlace(records, everything(records), kind).groups[0]!;
    return (['in', 'out', 'unknown'] as const).filter((each) => ways[each].length > 0);
  };

  it.each<[string, Partial<WayPlace>, Partial<WayPlace>, PlaceKind, Direction | null, string]>([
    ['from a trunk', { trunk: 't', direction: 'inbound' }, {}, 'trunk', null, 'in'],
    ['to a trunk', { trunk: 't', direction: 'outbound' }, {}, 'trunk', null, 'out'],
    ['a trunk by its header', { trunk: 't', direction: null }, {}, 'trunk', null, 'unknown'],
    ['a call from a trunk', {}, { trunk: 't', direction: 'inbound' }, 'trunk', 'callerToCallee', 'in'],
    ['back to it', {}, { trunk: 't', direction: 'inbound' }, 'trunk', 'calleeToCaller', 'out'],
    ['to a site', { site: 's', intoSite: true }, {}, 'site', null, 'in'],
    [
      'from a site',
      { site: 's', intoSite: false },
      { site: 's', intoSite: true },
      'site',
      'callerToCallee',
      'out',
    ],
    ['within a site', { site: 's', intoSite: null }, {}, 'site', 'callerToCallee', 'unknown'],
    ['a call out of a site', {}, { site: 's', intoSite: false }, 'site', 'calleeToCaller', 'in'],
  ])('%s', (_name, own, called, kind, direction, expected) => {
    expect(way(own, called, kind, direction)).toEqual([expected]);
  });
});

describe('the table', () => {
  const shown = (records: RecordStore): string =>
    [...renderTable({ tool: { name: 'earshot', version: '1' }, capture: capture(), records })].join('');

  it('has a block for each kind of groups, before the calls', () => {
    const block = shown(filled()).split('\n\n')[1]!.split('\n');
    expect(block).toEqual([
      'BY TRUNK, worst first',
      '               bad                                     worst       kbit/s, way unknown',
      'trunk   calls  media  signalling  both  NER %  loss %     R   MOS  peak  calls  95 %',
      'broken      5      4           0     0  100.0    10.0  40.0  3.97    75      1     0',
      'one         3      0           1     0    0.0       -     -     -     -      -     -',
      'big        40      0           0     4  100.0     1.5  70.0  3.97   149      2     0',
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
