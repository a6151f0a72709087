import { expect, test } from 'vitest';
import { PlacedLive } from '../../src/cli/placed-live.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import type { GroupRule, GroupsConfig } from '../../src/metrics/groups/groups.ts';
import { callTold, intervalTold, startTold, streamTold } from '../metrics/records.ts';
import { signalling } from '../report/records.ts';

const rule = (name: string, changes: Partial<GroupRule>): GroupRule => {
  return { name, cidr: [], vlan: [], userAgent: [], header: null, value: '*', ...changes };
};
const GROUPS: GroupsConfig = {
  sites: [rule('model $1', { userAgent: ['Phone/*'] })],
  trunks: [rule('carrier', { cidr: ['192.0.2.0/24'] })],
  devices: [],
};
const userAgents = { caller: 'Phone/7', callee: null };
const hosts = { source: '10.0.0.1', destination: '192.0.2.9' };
const CALL = callTold({ signalling: signalling({ hosts, userAgents }) });
const SENDER = { userAgent: 'Phone/7', headers: {} };

/** Site and trunk of each record. */
function placed(live: PlacedLive, ...records: LiveRecord[]): unknown[] {
  return live.records(records).map((record) => {
    const { site, trunk, direction } = record as { site?: string; trunk?: string; direction?: string };
    return record.type === 'call' ? [site, trunk, direction] : [site, trunk];
  });
}

test('calls are placed by their INVITE, streams by their addresses and what their intervals said of the sender', () => {
  const live = new PlacedLive(GROUPS);
  const { streamId } = intervalTold();
  const stream = streamTold({ id: streamId });
  const inCarrier = [null, 'carrier'];
  expect(placed(live, intervalTold({ sender: SENDER }), CALL, stream)).toEqual([
    [undefined, undefined],
    ['model 7', 'carrier', 'outbound'],
    ['model 7', 'carrier'],
  ]);
  // A stream is told once, and ids begin anew with a run.
  expect(placed(live, stream)).toEqual([inCarrier]);
  expect(placed(live, intervalTold({ sender: SENDER }), startTold(2), stream).at(-1)).toEqual(inCarrier);
});

test('nothing else of a place is told', () => {
  const live = new PlacedLive({ ...GROUPS, sites: [rule('berlin', { cidr: ['10.0.0.0/8'] })] });
  const [call, stream] = live.records([CALL, streamTold()]);
  expect(call).toMatchObject({ site: 'berlin', trunk: 'carrier', direction: 'outbound' });
  expect(Object.keys({ ...call, ...stream })).not.toContain('intoSite');
});

test('other groups go for what is told from then on, and without groups nothing changes', () => {
  const live = new PlacedLive(undefined);
  const records = [CALL, streamTold()];
  expect(live.records(records)).toBe(records);
  live.regroup(GROUPS);
  expect(placed(live, CALL)).toEqual([['model 7', 'carrier', 'outbound']]);
  live.regroup({ sites: [], trunks: [], devices: [] });
  expect(placed(live, CALL)).toEqual([[null, null, null]]);
});

test('what groups took from the wire is covered', () => {
  const live = new PlacedLive(GROUPS, (names) => {
    return Object.fromEntries(Object.entries(names).map(([key, name]) => [key, name && '*'])) as typeof names;
  });
  expect(placed(live, CALL)).toEqual([['*', '*', '*']]);
});
