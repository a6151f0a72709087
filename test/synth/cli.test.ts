import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, expect, test, vi } from 'vitest';
import { addSynthCommand } from '../../src/cli/synth.ts';
import type { Truth } from '../../src/synth/truth.ts';
import { readCapture } from './read-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));
const out = join(folder, 'out.pcap');

/** Runs the command; what it prints, and the exit code it asks for. */
function run(...args: string[]): { stdout: string; stderr: string; code: number } {
  let [stdout, stderr, code] = ['', '', 0];
  const program = new Command('earshot').exitOverride();
  program.configureOutput({
    writeErr: (text) => {
      stderr += text;
    },
  });
  addSynthCommand(program);
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  try {
    program.parse(['synth', ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    code = error.exitCode;
  } finally {
    write.mockRestore();
  }
  return { stdout, stderr, code };
}

test('a preset, its truth and a summary', () => {
  const truthPath = join(folder, 'truth.json');
  const { stdout, code } = run('--preset', 'basic', '-o', out, '--truth', truthPath, '--json');
  expect(code).toBe(0);
  const truth = JSON.parse(readFileSync(truthPath, 'utf8')) as Truth;
  expect(truth.schema).toBe('earshot.truth/1');
  expect(JSON.parse(stdout)).toMatchObject({
    file: out,
    calls: 1,
    streams: 2,
    packets: truth.capture.packets,
    lost: 0,
  });
  expect(readCapture(readFileSync(out)).length).toBe(truth.capture.packets);
});

test('quick flags', () => {
  const { stdout } = run(
    '--codec',
    'PCMA',
    '--calls',
    '3',
    '--duration',
    '4',
    '--loss',
    '10%',
    '--jitter',
    '20',
    '--ipv6',
    '--vlan',
    '7',
    '-o',
    out,
    '--json',
  );
  const summary = JSON.parse(stdout) as { calls: number; streams: number; lost: number; expected: number };
  expect(summary).toMatchObject({ calls: 3, streams: 6 });
  expect(summary.lost / summary.expected).toBeGreaterThan(0.05);
  const packet = readCapture(readFileSync(out))[0]!;
  expect(packet).toMatchObject({ ipVersion: 6, vlans: [[0x8100, 7]] });
});

test('a scenario file, another seed over it', () => {
  const path = join(folder, 'scenario.json');
  writeFileSync(path, JSON.stringify({ seed: 5, calls: [{ durationMs: 500 }] }));
  const file = (...more: string[]) => {
    expect(run('--scenario', path, '-o', out, ...more).code).toBe(0);
    return readFileSync(out);
  };
  expect(Buffer.compare(file(), file('--seed', '5'))).toBe(0);
  expect(Buffer.compare(file(), file('--seed', '6'))).not.toBe(0);
});

test('a load', () => {
  const { stdout } = run('--load', '4x2', '--codec', 'PCMA', '-o', out, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ calls: 4, streams: 8, expected: 800, sip: 28 });
});

test.each<[string[], number, string]>([
  [[], 2, 'error: -o FILE is missing: say where the capture goes\n'],
  [['-o', out, '--preset', 'nope'], 2, 'error: --preset must be one of'],
  [['-o', out, '--load', '10'], 2, 'error: --load must be CALLSxSECONDS such as 1000x60, got "10"\n'],
  [
    ['-o', out, '--load', '10x1', '--preset', 'demo'],
    2,
    'error: --scenario, --preset and --load exclude each other\n',
  ],
  [['-o', out, '--load', '10x1', '--ipv6'], 2, 'error: --ipv6 does not go with --load\n'],
  [['-o', out, '--loss', 'much'], 2, 'error: --loss must be a number, got "much"\n'],
  [['-o', out, '--codec', 'MP3'], 2, 'error: calls[0].codec: must be one of'],
  [['-o', join(folder, 'none', 'x.pcap')], 1, 'error: ENOENT'],
  [
    ['-o', out, '--scenario', join(folder, 'absent.json')],
    1,
    `error: ${join(folder, 'absent.json')}: no such file`,
  ],
])('%j fails', (args, code, message) => {
  const result = run(...args);
  expect([result.code, result.stderr.slice(0, message.length)]).toEqual([code, message]);
  expect(result.stderr.trim().split('\n').length).toBe(1);
});

test('transport and secrets: into the capture, or beside it', () => {
  const keyLogPath = join(folder, 'keys.txt');
  const tls = ['--transport', 'tls', '--duration', '1', '-o', out];
  expect(run(...tls).code).toBe(0);
  expect(readFileSync(out).readUInt32BE(0)).toBe(0x0a0d0d0a);
  expect(run(...tls, '--keylog', keyLogPath).code).toBe(0);
  expect(readCapture(readFileSync(out)).some((packet) => packet.dstPort === 5061)).toBe(true);
  expect(readFileSync(keyLogPath, 'utf8')).toMatch(
    /^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64}\n/,
  );
  expect(run('--transport', 'sctp', '-o', out).stderr).toContain("'sctp' is invalid");
  expect(run('--hep', '--load', '1x1', '-o', out).stderr).toContain('--hep does not go with --load');
});

test('what an agent tells a collector', () => {
  expect(run('--hep', '--duration', '1', '-o', out).code).toBe(0);
  const packets = readCapture(readFileSync(out));
  expect(new Set(packets.map((packet) => packet.dstPort))).toEqual(new Set([9060]));
  expect(Buffer.from(packets[0]!.payload.subarray(0, 4)).toString()).toBe('HEP3');
});
