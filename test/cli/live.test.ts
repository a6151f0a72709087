import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const demo = readFileSync(join(ROOT, DEMO));

function lines(text: string): LiveRecord[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LiveRecord);
}

function ofType(records: readonly LiveRecord[], wanted: string): object[] {
  return records
    .filter(({ type }) => type === wanted)
    .map(({ type: _, ...rest }) => rest)
    .sort((a, b) => Number(idOf(a).slice(1)) - Number(idOf(b).slice(1)));
}

const idOf = (record: object): string => ('id' in record ? String(record.id) : 'x0');

describe('earshot live -', () => {
  test('tells of a piped capture what replay reports of the file', () => {
    const piped = earshot(['live', '-', '--json'], { input: demo });
    expect(piped.code).toBe(0);
    const told = lines(piped.stdout);
    const report = JSON.parse(earshot(['replay', DEMO, '--json']).stdout) as Record<string, object[]>;
    expect(ofType(told, 'call')).toEqual(report.calls);
    expect(ofType(told, 'stream')).toEqual(report.streams);
    const text = (records: object[] | undefined): string[] =>
      records!.map((each) => JSON.stringify(each)).sort();
    expect(text(ofType(told, 'finding'))).toEqual(text(report.findings));
    expect(text(ofType(told, 'registration'))).toEqual(text(report.registrations));
    expect(told[0]).toMatchObject({ type: 'start', run: 1, sources: [{ engine: 'pipe', name: '-' }] });
    const closing = told.at(-1)!;
    expect(closing).toMatchObject({ type: 'capture', packets: 11_538, dropped: null, restarts: 0 });
    const intervals = ofType(told, 'interval').length;
    const reported = report.streams!.map((stream) => (stream as { intervals: object[] }).intervals.length);
    expect(intervals).toBe(reported.reduce((sum, n) => sum + n, 0));
  });

  test('prints a line for each call that is not healthy, and the account', () => {
    const { stdout, stderr, code } = earshot(['live', '-', '--redact-numbers'], { input: demo });
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n');
    const printed = lines.filter((line) => !line.includes(' now: '));
    expect(printed).toHaveLength(6);
    // One of them was told while it was up, before all that is over.
    expect(lines[0]).toMatch(
      /^2026-03-02 09:00:2\d\.\d{3} critical sip:…ave@example\.com -> sip:…144@example\.com now: the call is up, and no audio came from callee to caller in 1\d s, while it goes the other way \[one_way_media\]$/,
    );
    expect(printed.find((line) => line.includes(' c4 '))).toMatch(
      /^2026-03-02 09:00:07\.000 media c4 sip:…ave@example\.com -> sip:…144@example\.com answered 16\.7 s: /,
    );
    expect(printed.at(-1)).toMatch(
      /: 11,538 packets, drops not known; 8 calls, 5 not healthy; capture trusted$/,
    );
    const log = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    // A machine that is slow to read finds that the stamps are not of today, and warns of that.
    const expected = log.filter(({ level }) => level !== 'warn');
    expect(expected.map(({ level, msg }) => [level, msg])).toEqual([
      ['info', 'measuring'],
      ['info', 'a source ended'],
      ['info', 'stopped'],
    ]);
    expect(earshot(['live', '-', '--all-calls'], { input: demo }).stdout.trim().split('\n')).toHaveLength(10);
  });

  test('stops after --count packets and after --duration', () => {
    const counted = lines(earshot(['live', '-', '--json', '--count', '1000'], { input: demo }).stdout);
    expect(counted.at(-1)).toMatchObject({ type: 'capture', packets: 1000 });
    const { code, stdout } = earshot(['live', '--hep', 'udp:127.0.0.1:0', '--duration', '0.3s', '--json']);
    expect(code).toBe(0);
    expect(lines(stdout).map(({ type }) => type)).toEqual(['start', 'capture']);
  });

  test('a signal ends it in order', async () => {
    const args = ['bin/earshot.js', 'live', '-', '--json'];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stdin.write(demo.subarray(0, 500_000));
    while (!stdout.includes('"start"')) await new Promise((resolve) => setTimeout(resolve, 20));
    // All of it is in the pipe then, and what is in there is measured before the end.
    while (child.stdin.writableLength > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    const told = lines(stdout);
    expect(told.at(-1)).toMatchObject({ type: 'capture' });
    expect(ofType(told, 'call').length).toBeGreaterThan(0);
  });

  test('a reader that goes away ends it', async () => {
    const args = ['bin/earshot.js', 'live', '-', '--all-calls'];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    child.stdin.end(demo);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});

describe('what earshot live cannot do', () => {
  test.each([
    [[], 2, /^earshot: nothing to listen to; name an interface/],
    [['file.pcap'], 2, /^earshot: "file\.pcap" is neither an option nor -; a file is for "earshot replay/],
    [['--hep', '9060'], 2, /expected udp:HOST:PORT or tcp:HOST:PORT/],
    [['--engine', 'fast'], 2, /expected one of auto, ring, pcap, cap, pipe/],
    [['--engine', 'pipe', '-i', 'eth0'], 2, /^earshot: a pipe has no interface/],
    [['--duration', '10'], 2, /expected a number and s, m, h or d/],
    [['--count', '0', '-'], 2, /expected a number from 1 up/],
    [['-', '--filter', 'udp'], 2, /^earshot: --filter is for interfaces/],
    [
      ['--hep', 'udp:203.0.113.77:9060'],
      1,
      /^earshot: cannot listen for HEP at 203\.0\.113\.77 .*no such address/,
    ],
    [['-', '--keylog', '/nowhere'], 1, /^earshot: \/nowhere: no such file/],
    [['--hep', 'udp:9060', '--hep-key-file', '/nowhere'], 1, /^earshot: \/nowhere: no such file/],
  ])('%j is one line with the remedy', (args, expected, message) => {
    const { code, stdout, stderr } = earshot(['live', ...args], { input: demo });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([expected, '']);
  });

  test('a port that is taken ends it, whatever else has begun', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const beside = ['--rules', 'rules/default.yaml', '--history', folder.at('history')];
    const refused = earshot(['live', '-', '--listen', `127.0.0.1:${port}`, ...beside], { input: demo });
    other.close();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(`earshot: cannot listen on 127.0.0.1:${port}: somebody else listens there\n`);
  });

  test('an input that is no capture is said, and exits with 1', () => {
    const { code, stderr } = earshot(['live', '-', '--json'], {
      input: Buffer.from('tcpdump: no permission'),
    });
    expect(code).toBe(1);
    expect(stderr).toContain('not a capture file');
  });
});

describe('rules beside a recording', () => {
  const rules = ['live', '-', '--rules', 'rules/default.yaml'];

  test('are not evaluated, which is said once', () => {
    const { code, stdout, stderr } = earshot(rules, { input: demo });
    const told = stderr.split('\n').filter((line) => line.includes('rules'));
    expect({ code, told: told.length }).toEqual({ code: 0, told: 1 });
    expect(told[0]).toContain(
      'this is a recording: rules are not evaluated; \\"earshot replay FILE --rules\\"',
    );
    expect(stdout).toContain('8 calls');
  });
});

describe('the key of HEP in a capture', () => {
  test('is asked for by --hep-key-file', () => {
    const scenario = folder.write(
      'scenario.json',
      JSON.stringify({ hep: true, calls: [{ durationMs: 2000 }] }),
    );
    const capture = folder.at('hep.pcap');
    const key = folder.write('key', 'secret\n');
    expect(earshot(['synth', '--scenario', scenario, '-o', capture]).code).toBe(0);
    const discarded = (args: string[]): Record<string, number> => {
      const { stdout } = earshot(['replay', capture, '--json', ...args]);
      return (JSON.parse(stdout) as { capture: { discarded: Record<string, number> } }).capture.discarded;
    };
    expect(discarded([]).hep_unauthenticated).toBeUndefined();
    expect(discarded(['--hep-key-file', key]).hep_unauthenticated).toBeGreaterThan(4);
  });
});
