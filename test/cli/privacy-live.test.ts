import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import { capture, KEY, leaked, PEOPLE, PLACES, secretCallId } from '../privacy/secrets.ts';
import { captureOf, packetsOf } from '../taps/two-points.ts';
import { build, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
const env = { PATH: process.env.PATH ?? '', EARSHOT_PSEUDONYM_KEY: KEY };
const servers: Server[] = [];
beforeAll(build, 120_000);
afterAll(() => {
  for (const server of servers) server.close();
  folder.remove();
});

/** Whatever is written to it, as text. */
async function database(): Promise<{ url: string; text: () => string }> {
  let text = '';
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      text += gunzipSync(Buffer.concat(pieces)).toString('utf8');
      response.writeHead(204).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, text: () => text };
}

const configuration = (url: string): string => `
groups:
  sites: [{name: north, cidr: [10.173.219.0/24]}]
  trunks: [{name: carrier, cidr: [198.51.133.0/24]}]
  devices: [{name: by-header, header: Subject, value: "*Wilhelmine*4711"}]
influxdb: [{name: base, url: "${url}", database: d}]
http: {token: "t0ken"}
`;

async function until<T>(look: () => Promise<T | null> | T | null): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await sleep(50);
  }
}

/** The capture, and packets minutes later: by then its call is over, and told. */
function goingOn(): Uint8Array {
  const packets = packetsOf(capture('udp'));
  const last = packets.at(-1)!;
  const later = [60, 120, 180, 240].map((s) => ({ ...last, timeUs: last.timeUs + s * 1e6 }));
  return captureOf([...packets, ...later]);
}

/** Everything that a probe gives out, by where it goes. */
async function toldBy(...options: string[]): Promise<Record<string, string>> {
  const base = await database();
  const name = `run${options.join('')}`;
  const history = folder.at(`${name}-history`);
  const file = folder.write(`${name}.yaml`, configuration(base.url));
  const args = ['bin/earshot.js', 'live', '-', '--json', '--config', file, '--history', history];
  const child: ChildProcess = spawn(process.execPath, [...args, '--listen', '127.0.0.1:0', ...options], {
    cwd: ROOT,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const told = { json: '', log: '' };
  child.stdout!.on('data', (bytes: Buffer) => {
    told.json += bytes.toString('utf8');
  });
  child.stderr!.on('data', (bytes: Buffer) => {
    told.log += bytes.toString('utf8');
  });
  child.stdin!.write(goingOn());
  const address = await until(() => /"address":"([^"]+)"/.exec(told.log)?.[1] ?? null);
  const get = async (path: string, accept = '*/*'): Promise<string> =>
    (await fetch(address + path, { headers: { authorization: 'Bearer t0ken', accept } })).text();
  const rows = await until(async () => {
    const text = await get('/api/calls?worst=20');
    return text.includes('"callId"') ? text : null;
  });
  const ref = /"ref":\s*"([0-9a-f]+)"/.exec(rows)![1]!;
  const [page, call, callJson] = [await get('/'), await get(`/calls/${ref}`), await get(`/api/calls/${ref}`)];
  const metrics = await get('/metrics', 'application/openmetrics-text; version=1.0.0');
  child.kill('SIGTERM');
  await once(child, 'close');
  const segments = readdirSync(history).map((each) => readFileSync(join(history, each), 'utf8'));
  // Ports that the system chose may be a number that is looked for.
  const log = told.log.replaceAll(address, 'http://served').replaceAll(base.url, 'http://base');
  return {
    ...told,
    log,
    rows,
    page,
    call,
    callJson,
    metrics,
    influx: base.text(),
    history: segments.join(''),
  };
}

/** Counters of streams and calls by their labels. */
function groupsIn(metrics: string): string[] {
  const lines = metrics.match(/^earshot_(?:rtp_packets|rtp_streams_finished|calls?)\w*total\{.*?\} \d+/gm);
  return (lines ?? []).sort();
}

describe('everything that a live probe gives out', () => {
  let plain: Record<string, string> = {};
  beforeAll(async () => {
    plain = await toldBy();
  }, 30_000);

  test('tells of people without the option', () => {
    for (const [where, names] of Object.entries({
      json: ['wilhelmine', '81234567', '10.173.219.145', 'sonnenhof'],
      history: ['wilhelmine', '81234567', '10.173.219.145', 'sonnenhof'],
      page: ['quastenflosser'],
      rows: ['quastenflosser'],
      call: ['quastenflosser', '10.173.219.145'],
      callJson: ['quastenflosser', '10.173.219.145'],
      influx: ['quastenflosser', 'wilhelmine'],
      metrics: [callRef(secretCallId)],
    }))
      expect({ where, found: leaked(plain[where]!, names) }).toEqual({ where, found: names });
    expect(groupsIn(plain.metrics!).join('\n')).toContain('site="north",trunk="carrier"');
    expect(plain.metrics).toContain('device="by-header"');
  });

  test.each(['--pseudonymise', '--pseudonymise=addresses'])(
    '%s: names nobody, in the same groups',
    async (option) => {
      const hidden = [
        ...PEOPLE,
        '4711',
        callRef(secretCallId),
        ...(option.endsWith('addresses') ? PLACES : []),
      ];
      const told = await toldBy(option);
      for (const [where, text] of Object.entries(told)) {
        expect({ where, found: leaked(text, hidden) }).toEqual({ where, found: [] });
        expect(text.length).toBeGreaterThan(100);
      }
      expect(groupsIn(told.metrics!)).toEqual(groupsIn(plain.metrics!));
      expect(told.influx).toContain('site=north');
      for (const where of ['json', 'log', 'page', 'history'])
        expect(told[where]).toContain('Pseudonyms stand for');
      const [start] = told.json!.split('\n');
      expect(JSON.parse(start!)).toMatchObject({
        type: 'start',
        privacy: { key: expect.stringMatching(/^[0-9a-f]{8}$/) },
      });
    },
    30_000,
  );

  test('a history of pseudonyms says so, and is not covered twice', () => {
    const history = folder.at('run--pseudonymise=addresses-history');
    const { code, stdout } = earshot(['calls', history]);
    expect([code, leaked(stdout, [...PEOPLE, ...PLACES])]).toEqual([0, []]);
    expect(stdout).toContain('Pseudonyms stand for numbers, names, host names and IP addresses');
    const replay = earshot(
      ['replay', folder.write('u.pcap', capture('udp')), '--json', '--pseudonymise=addresses'],
      { env },
    );
    expect(stdout).toContain(JSON.parse(replay.stdout).calls[0].from);
    const twice = earshot(['calls', history, '--pseudonymise']);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toMatch(
      /^earshot: the history has pseudonyms already from [^\n]*\(key [0-9a-f]{8}\)[^\n]*\n$/,
    );
  });
});

test('lines for people name nobody either', () => {
  const { code, stdout, stderr } = earshot(['live', '-', '--all-calls', '--pseudonymise=addresses'], {
    input: capture('tcp'),
  });
  expect(code).toBe(0);
  expect(stdout).toContain('answered');
  expect(leaked(stdout + stderr, [...PEOPLE, ...PLACES])).toEqual([]);
});

describe('what does not go together is refused in one line', () => {
  test.each([
    [['--keep', '1m', '--keep-in', '/tmp/nowhere'], 'keeping packets exclude each other'],
    [['--show-digits'], '--show-digits exclude each other'],
    [['--redact-numbers'], '--redact-numbers exclude each other'],
  ])('%j', (options, said) => {
    const { code, stderr } = earshot(['live', '-', ...options, '--pseudonymise']);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('in a configuration, too', () => {
    const file = folder.write(
      'kept.yaml',
      'privacy: {pseudonymise: addresses, showDigits: true}\nkeep: {for: 10m, directory: /tmp/nowhere}\n',
    );
    const { code, stderr, stdout } = earshot(['config', 'check', file]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('privacy.pseudonymise: packets that are kept hold every name');
    expect(stdout + stderr).toContain('privacy.pseudonymise: keys that callers press would be shown');
  });

  test('a key that can be guessed', () => {
    const file = folder.write('key.txt', 'short\n');
    const yaml = folder.write('key.yaml', `privacy: {pseudonymise: names, pseudonymKeyFile: "${file}"}\n`);
    const { code, stderr } = earshot(['live', '-', '--config', yaml], { input: capture('udp') });
    expect(code).toBe(1);
    expect(stderr).toContain('the key has 5 characters, at least 16');
  });
});
