import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportCall, ReportFinding, ReportStream } from '../../src/report/contract.ts';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const demo = readFileSync(join(ROOT, DEMO));
const noTshark = spawnSync('tshark', ['--version']).error !== undefined;
const reason = noTshark ? ' (skipped: no tshark here)' : '';

interface Report {
  calls: ReportCall[];
  streams: ReportStream[];
  findings: ReportFinding[];
}

function report(file: string, ...options: string[]): Report {
  const { code, stdout } = earshot(['replay', file, '--json', '--no-payload', ...options]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe('earshot slice', () => {
  test('cuts out calls in which replay finds what it found', () => {
    const out = folder.at('call.pcapng');
    const sliced = earshot(['slice', DEMO, '--call', 'c4', '--call', 'c3', '-o', out]);
    expect(sliced).toMatchObject({ code: 0, stderr: '' });
    expect(sliced.stdout).toContain('packets cut out (headers only');
    const again = report(out);
    const before = report(DEMO);
    const names = again.calls.map(({ callId }) => callId);
    const same = (all: Report) => ({
      calls: all.calls
        .filter(({ callId }) => names.includes(callId))
        .map(({ callId, state, verdict }) => {
          return { callId, state, verdict };
        }),
      streams: all.streams
        .filter(({ callId }) => callId !== null && names.includes(callId))
        .map(({ ssrc, packets, lost, jitterMs, quality }) => ({ ssrc, packets, lost, jitterMs, quality })),
      findings: all.findings
        .filter(({ callId }) => callId !== null && names.includes(callId))
        .map(({ code, text }) => `${code} ${text}`),
    });
    expect(names).toContain('one-way-audio@example.com');
    expect(same(again)).toEqual(same(before));
    // Whoever else uses the machine need not see it.
    expect(statSync(out).mode & 0o077).toBe(0);
  });

  test.skipIf(noTshark)(`reads clean in Wireshark, with comments${reason}`, () => {
    const out = folder.at('clean.pcapng');
    expect(earshot(['slice', DEMO, '--worst', '2', '-o', out]).code).toBe(0);
    const facts = execFileSync('capinfos', [out], { encoding: 'utf8' });
    expect(facts).toContain('Headers only: nothing that was said');
    expect(facts).toMatch(/Capture application: +earshot \d/);
    const shown = spawnSync(
      'tshark',
      ['-r', out, '-Y', 'frame.comment', '-T', 'fields', '-e', 'frame.number', '-e', 'frame.comment'],
      { encoding: 'utf8' },
    );
    expect(shown.stdout).toContain('one_way_media (critical)');
    const malformed = execFileSync('tshark', ['-r', out, '-Y', '_ws.malformed'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(malformed).toBe('');
  });

  test('a directory means the captures in it, as live writes them', () => {
    const kept = folder.at('kept');
    const live = earshot(['live', '-', '--json', '--keep', '1h', '--keep-in', kept], { input: demo });
    expect(live.code).toBe(0);
    const out = folder.at('kept.pcapng');
    const { code } = earshot(['slice', kept, '--call', 'one-way-audio@example.com', '-o', out]);
    expect(code).toBe(0);
    expect(report(out).findings.map(({ code }) => code)).toContain('one_way_media');
    const empty = earshot(['slice', 'packaging', '--call', 'c1', '-o', out]);
    expect(empty).toMatchObject({ code: 1 });
    expect(empty.stderr).toContain('no capture in this directory');
  });

  test('several captures become one, in order of time and with their duplicates', () => {
    const out = folder.at('merged.pcapng');
    const { code } = earshot(['slice', DEMO, DEMO, '--payload', '-o', out]);
    expect(code).toBe(0);
    const { capture } = JSON.parse(earshot(['replay', out, '--json']).stdout) as {
      capture: { packets: number };
    };
    const one = JSON.parse(earshot(['replay', DEMO, '--json']).stdout) as { capture: { packets: number } };
    expect(capture.packets).toBe(2 * one.capture.packets);
  });

  test('goes to standard output, and says there nothing else', () => {
    const piped = spawnSync(process.execPath, ['bin/earshot.js', 'slice', DEMO, '--call', 'c1', '-o', '-'], {
      cwd: ROOT,
      maxBuffer: 1 << 28,
    });
    expect(piped.status).toBe(0);
    expect(piped.stdout.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(piped.stderr.toString()).toContain('packets cut out');
    expect(report(folder.write('piped.pcapng', piped.stdout)).calls.length).toBe(1);
  });

  test.each([
    [['nothing.pcap', '--call', 'c1', '-o', 'x'], 1, 'nothing.pcap: no such file'],
    [[DEMO, '--call', 'c99', '-o', 'x'], 1, 'no call "c99": the capture has 8'],
    [[DEMO, '--filter', '203.0.113.250', '-o', 'x'], 1, '"earshot replay" lists those there are'],
    [[DEMO, '--call', 'c1', '-o', '/nowhere/x'], 1, 'the slice cannot be written: no such directory'],
    [[DEMO, '--call', 'c1'], 2, '-o FILE is missing'],
    [[DEMO, '--call', 'c1', '-o', DEMO], 2, 'is one of the captures'],
    [['-', '--call', 'c1', '-o', 'x'], 2, 'write standard input to a file first'],
    [[DEMO, '--worst', '0', '-o', 'x'], 2, 'expected a number from 1 up'],
  ])('%j is refused in one line', (args, code, said) => {
    const refused = earshot(['slice', ...args]);
    expect(refused.stderr).toContain(said);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    expect(refused.code).toBe(code);
  });
});
