import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import { capture, KEY, leaked, PEOPLE, PLACES, secretCallId } from '../privacy/secrets.ts';
import { build, earshot, Folder } from './earshot.ts';

const RULES = `
links: { call: "https://archive.example.net/{callId}" }
rules:
  - name: LossHigh
    summary: Packets are lost.
    signal: interval.lossRatio
    measure: p95
    above: 0.001
    window: 1m
    minSamples: 1
    minCalls: 1
`;
const INCIDENTS = `
incidents:
  - name: Wilhelmine Zwetschge of Sonnenhof called 4711
    start: 2026-03-02T09:00:00Z
    end: 2026-03-02T09:01:00Z
  - name: klinik-ost had no telephones
    start: 2026-03-01T09:00:00Z
    end: 2026-03-01T09:01:00Z
`;

const folder = new Folder();
const history = folder.at('wilhelmine-history');
const env = { EARSHOT_PSEUDONYM_KEY: KEY };
let udp = '';
let rules = '';
let incidents = '';
beforeAll(() => {
  build();
  udp = folder.write('wilhelmine-udp.pcap', capture('udp'));
  rules = folder.write('wilhelmine-rules.yaml', RULES);
  incidents = folder.write('incidents.yaml', INCIDENTS);
  expect(earshot(['live', '-', '--history', history], { input: capture('udp') }).code).toBe(0);
}, 120_000);
afterAll(() => folder.remove());

test('without the option they are in what is kept, and in what is shown', () => {
  const [segment] = readdirSync(history).filter((name) => name.endsWith('.ndjson'));
  const names = ['wilhelmine', 'quastenflosser', '493012345678', '10.173.219.145', 'sonnenhof'];
  expect(leaked(readFileSync(join(history, segment!)), names)).toEqual(names);
  expect(leaked(earshot(['calls', history]).stdout, names)).toContain('quastenflosser');
  const { stdout } = earshot(['rules', 'test', rules, '--on', udp, '--incidents', incidents, '--json']);
  expect(leaked(stdout, names)).toContain('wilhelmine');
});

describe.each(['--pseudonymise', '--pseudonymise=addresses'])('%s', (option) => {
  const hidden = option.endsWith('addresses') ? [...PEOPLE, ...PLACES, '4711'] : [...PEOPLE, '4711'];

  test.each([
    [[]],
    [['--json']],
    [['--newest', '5', '--json']],
    [['--party', '4711']],
    [['--party', 'quastenflosser', '--json']],
    [['--call', secretCallId]],
    [['--call', secretCallId, '--json']],
    [['--call', callRef(secretCallId), '--json']],
  ])('calls %j names nobody', (form) => {
    const { code, stdout, stderr } = earshot(['calls', history, option, ...form], { env });
    expect(code).toBe(0);
    expect(leaked(stdout + stderr, [...hidden, callRef(secretCallId)])).toEqual([]);
    expect(stdout + stderr).toContain('Pseudonyms stand for numbers');
    expect(stdout).toMatch(/answered/);
  });

  test.each([
    ['test', []],
    ['test', ['--json']],
    ['tune', []],
    ['tune', ['--json']],
  ])('rules %s %j names nobody, and alerts are the same', (command, form) => {
    for (const on of [udp, history]) {
      const args = ['rules', command, rules, '--on', on, '--incidents', incidents, ...form];
      const { code, stdout, stderr } = earshot([...args, option], { env });
      expect(code).toBe(0);
      expect(leaked(stdout + stderr, hidden)).toEqual([]);
      expect(leaked(stdout, ['archive.example.net'])).toEqual([]);
      expect(stdout + stderr).toContain('Pseudonyms stand for numbers');
      if (form.length > 0) expect(figures(stdout)).toEqual(figures(earshot(args).stdout));
    }
  });
});

/** What rules came to, without what says of whom. */
function figures(json: string): unknown {
  const ofSomebody = new Set(['privacy', 'labels', 'callId', 'parties', 'link', 'name', 'text']);
  const told = JSON.parse(json, (key, value) => (ofSomebody.has(key) ? undefined : value));
  expect(JSON.stringify(told)).toContain('LossHigh');
  return told;
}

test('a call has the same pseudonym in a history, in a replay, and in alerts', () => {
  const options = ['--pseudonymise', '--json'];
  const whole = earshot(['calls', history, '--call', secretCallId, ...options], { env });
  const { calls, privacy, ref } = JSON.parse(whole.stdout);
  const replayed = JSON.parse(earshot(['replay', udp, ...options], { env }).stdout).calls[0];
  expect([calls[0].callId, calls[0].from, calls[0].to]).toEqual([
    replayed.callId,
    replayed.from,
    replayed.to,
  ]);
  expect(ref).toBe(callRef(replayed.callId));
  expect(privacy).toMatchObject({
    pseudonyms: ['numbers', 'names'],
    key: expect.stringMatching(/^[0-9a-f]{8}$/),
  });
  const { alerts } = JSON.parse(earshot(['rules', 'test', rules, '--on', udp, ...options], { env }).stdout);
  expect(alerts[0].worst[0]).toMatchObject({ callId: replayed.callId, link: null });
});

test('alerts of a replay have no link either, which would name the call', () => {
  const args = ['replay', udp, '--rules', rules, '--json'];
  expect(leaked(earshot(args).stdout, ['archive.example.net/wilhelmine-4711'])).toHaveLength(1);
  const { alerts } = JSON.parse(earshot([...args, '--pseudonymise'], { env }).stdout);
  expect(alerts[0].worst[0].link).toBeNull();
});

test.each([
  [['calls', 'HISTORY'], 1],
  [['rules', 'test', 'RULES', '--on', 'HISTORY'], 1],
])('%j refuses a key that can be guessed, in one line', (args, code) => {
  const named = args.map((arg) => (arg === 'HISTORY' ? history : arg === 'RULES' ? rules : arg));
  const refused = earshot([...named, '--pseudonymise'], { env: { EARSHOT_PSEUDONYM_KEY: 'short' } });
  expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code, stdout: '' });
  expect(refused.stderr).toMatch(/^earshot: [^\n]*the key has 5 characters, at least 16[^\n]*\n$/);
});
