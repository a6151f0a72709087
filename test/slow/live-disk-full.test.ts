import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { build, earshot, ROOT } from '../cli/earshot.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-disk-'));
beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MOUNTS = ['-m', 'bash', '-c', 'mount -t tmpfs -o size=64k none "$0"', folder];
const refused =
  spawnSync('unshare', MOUNTS).status === 0 ? null : 'file systems of its own cannot be mounted here';

const LOAD = join(folder, 'load.pcap');

/** A capture read from a pipe by a probe whose directories are on a disk of so many KiB. What it kept is copied to `folder`. */
function probeOnDisk(kib: number) {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  const command = [
    `mount -t tmpfs -o size=${kib}k none ${disk}`,
    `"${process.execPath}" bin/earshot.js live - --json --keep 1h --keep-in ${disk}/kept --rules rules/default.yaml --alert-state ${disk}/alerts < ${LOAD}`,
    'status=$?',
    `cp ${disk}/kept/*.pcapng ${folder}`,
    'exit $status',
  ].join('\n');
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'bash', '-c', command], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LiveRecord);
  return { status, records, stderr };
}

interface Report {
  capture: { packets: number };
  streams: object[];
}

function replayed(...files: string[]): Report {
  const { code, stdout } = earshot(['replay', ...files, '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe.skipIf(refused !== null)(
  `a disk that is full${refused === null ? '' : ` (skipped: ${refused})`}`,
  () => {
    test('costs packets kept, not packets measured, and is said', () => {
      expect(earshot(['synth', '--load', '100x20', '-o', LOAD]).code).toBe(0);
      const report = replayed(LOAD);
      const { status, records, stderr } = probeOnDisk(6000);
      expect(status).toBe(0);
      const capture = records.find((record) => record.type === 'capture');
      expect(capture).toMatchObject({ packets: report.capture.packets, restarts: 0 });
      expect(records.filter(({ type }) => type === 'stream')).toHaveLength(report.streams.length);
      expect(stderr).toMatch(/"reason":"ENOSPC".*packets could not be kept on disk; they were measured/);
      // What did find room can be read.
      const files = readdirSync(folder).filter((name) => name.endsWith('.pcapng'));
      const kept = replayed(...files.map((name) => join(folder, name)));
      expect(kept.capture.packets).toBeGreaterThan(10_000);
      expect(kept.capture.packets).toBeLessThan(report.capture.packets / 2);
    });
  },
);
