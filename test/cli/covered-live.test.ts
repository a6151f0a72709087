import { expect, test } from 'vitest';
import { readRules } from '../../src/alerts/read-rules.ts';
import { alertLabeller } from '../../src/cli/alert-labels.ts';
import { liveCover } from '../../src/cli/covered-live.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { Groups, type GroupsConfig } from '../../src/metrics/groups/groups.ts';
import { callPlace, mediaPlace } from '../../src/metrics/groups/placed.ts';
import { LiveAlerts } from '../../src/notify/live-alerts.ts';
import { maskReported } from '../../src/privacy/reported.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { badInterval, MONDAY_US } from '../alerts/feed.ts';
import { callTold, findingTold, intervalTold, statusTold, streamTold } from '../metrics/records.ts';
import { leaked, pseudonyms } from '../privacy/secrets.ts';
import { capture } from '../report/records.ts';

const cover = (addresses: boolean) => liveCover({ names: pseudonyms(addresses), isLasting: true });
const none = { cidr: [], vlan: [], userAgent: [], header: null, value: '*' };
const GROUPS: GroupsConfig = {
  sites: [{ ...none, name: 'north', cidr: ['10.1.0.0/16'] }],
  trunks: [{ ...none, name: 'customer-$1', header: 'X-Customer', value: '*' }],
  devices: [{ ...none, name: '$1', userAgent: ['Phone/*'] }],
};
const SENDER = { userAgent: 'Phone/wilhelmine', headers: { 'x-customer': 'a' } };

test('groups are told by what was on the wire: addresses, User-Agents, headers', () => {
  const called = callTold();
  Object.assign(called.signalling, {
    hosts: { ...called.signalling.hosts, source: '10.1.0.1', destination: '192.0.2.9' },
    headers: { 'x-customer': 'b' },
    userAgents: { caller: 'Phone/quastenflosser', callee: null },
  });
  const records: LiveRecord[] = [intervalTold({ sender: SENDER }), streamTold(), called];
  const [interval, stream, call] = cover(true).records(records) as [
    ReturnType<typeof intervalTold>,
    ReturnType<typeof streamTold>,
    ReturnType<typeof callTold>,
  ];
  expect(leaked(JSON.stringify([interval, stream, call]), ['10.1.0.1', '192.0.2.9', 'wilhelmine'])).toEqual(
    [],
  );
  const groups = new Groups(GROUPS);
  const north = { site: 'north', trunk: 'customer-a', device: 'wilhelmine' };
  expect(mediaPlace(groups, interval, interval.sender)).toMatchObject(north);
  // What a stream was sent by is remembered from its intervals.
  expect(mediaPlace(groups, stream, interval.sender)).toMatchObject({
    trunk: 'customer-a',
    device: 'wilhelmine',
  });
  expect(callPlace(groups, call)).toMatchObject({
    site: 'north',
    trunk: 'customer-b',
    device: 'quastenflosser',
  });
  expect(alertLabeller(GROUPS)(interval)).toMatchObject({ site: 'north', trunk: 'customer-a' });
});

test('who is called like a type of records changes none', () => {
  const records = [
    callTold({ from: 'sip:interval@example.com', to: 'sip:stream@example.com' }),
    ...[intervalTold(), streamTold(), findingTold(), statusTold(1)],
  ];
  const shown = cover(true).records([...records, ...records]);
  const types = records.map(({ type }) => type);
  expect(shown.map(({ type }) => type)).toEqual([...types, ...types]);
});

test('a finding comes before the call that it quotes', () => {
  const finding = findingTold({ text: 'wilhelmine hung up' });
  const call = callTold({ from: '"Wilhelmine" <sip:wilhelmine@example.com>' });
  const [shown] = cover(false).records([finding, call]);
  expect(leaked(JSON.stringify(shown), ['wilhelmine'])).toEqual([]);
});

test('a User-Agent is told with the call, not while nobody is known', () => {
  const [interval] = cover(false).records([intervalTold({ sender: SENDER })]);
  expect(leaked(JSON.stringify(interval), ['wilhelmine'])).toEqual([]);
});

test.each([
  [true, []],
  [false, ['sip.sonnenhof.example']],
])('trunks of a status are hosts (addresses %s), figures stay', (addresses, found) => {
  const status = statusTold(7, {
    trunks: [{ name: 'sip.sonnenhof.example', state: 'down', responseMs: null }],
  });
  const [shown] = cover(addresses).records([status]);
  expect(leaked(JSON.stringify(shown), ['sip.sonnenhof.example'])).toEqual(found);
  const { privacy, trunks, ...figures } = shown as typeof status;
  expect(figures).toEqual({ ...status, trunks: undefined, privacy: undefined });
  expect(trunks).toMatchObject([{ state: 'down' }]);
  expect(privacy?.text).toContain('Pseudonyms stand for');
});

test('what a run ends with names nobody who sent in the voice class', () => {
  const { voiceClass, trust } = capture();
  const ended = { type: 'capture', trust, voiceClass, sources: [{ name: 'eth0' }] } as unknown as LiveRecord;
  const [shown] = cover(true).records([ended]);
  expect(leaked(JSON.stringify(shown), [voiceClass!.sources[0]!.ip])).toEqual([]);
  expect(shown).toMatchObject({ voiceClass: { otherOctets: 12_345 }, sources: [{ name: 'eth0' }] });
});

test('what measuring says for the log is covered', () => {
  const { records, notice } = cover(true);
  records([callTold({ from: 'sip:wilhelmine@example.com' })]);
  const said = notice({
    level: 'warn',
    text: 'wilhelmine sent sip:4711@sonnenhof.example',
    fields: { of: '10.1.0.1', count: 7 },
  });
  expect(said).toMatchObject({ level: 'warn', fields: { count: 7 } });
  expect(leaked(JSON.stringify(said), ['wilhelmine', '10.1.0.1', '4711', 'sonnenhof'])).toEqual([]);
});

test('what receivers of alerts are sent names nobody, and calls by their pseudonyms', async () => {
  const rules = readRules(
    `
links: { call: "https://probe.example.net/{callId}" }
notify: { redactNumbers: false, webhook: [{ url: "http://hook.example.net/" }] }
rules:
  - { name: Jitter, summary: s, signal: interval.jitterMs, measure: p95, above: 30, window: 1m, minSamples: 1, clearFor: 0s }
`,
    {},
  );
  if (!rules.ok) throw new Error('rules');
  const posted: string[] = [];
  let ms = 0;
  const alerts = new LiveAlerts({
    ...{ rules, probe: 'p', store: null, saved: null },
    post: async (_, __, body) => {
      posted.push(JSON.stringify(body));
      return { kind: 'taken' };
    },
    nowMs: () => ms,
    wallMs: () => MONDAY_US / 1000 + ms,
    said: (_, text) => posted.push(text),
  });
  const { records } = cover(true);
  const call = callTold({
    callId: 'quastenflosser-4711@10.1.0.1',
    from: 'sip:wilhelmine@pbx.sonnenhof.example',
  });
  for (; ms < 60_000; ms += 10_000) {
    const bad = { ...badInterval(), ...{ callId: call.callId }, src: { ip: '10.1.0.1', port: 4000 } };
    const told = [
      statusTold(1, { time: isoMicros(MONDAY_US + ms * 1000) }),
      { ...intervalTold(), ...bad },
      call,
    ];
    alerts.records(records(told as LiveRecord[]));
    await alerts.tick();
  }
  const all = posted.join('\n');
  const names = pseudonyms(true);
  expect(leaked(all, ['quastenflosser', '4711', 'wilhelmine', 'sonnenhof', '10.1.0.1'])).toEqual([]);
  expect(all).toContain(maskReported(names, { callId: call.callId }).callId);
  expect(all).toContain(maskReported(names, { from: call.from }).from);
});
