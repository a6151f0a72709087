import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_CODES, type FindingCode } from '../../src/records/finding-codes.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { build, earshot, ROOT } from '../cli/earshot.ts';
import { type LiveRun, runLive } from './live-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-live-pipe-'));
beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENARIO: Scenario = {
  calls: [0, 1, 2, 3, 4, 5].map((i) => ({
    callId: `piped-${i}@example.com`,
    startMs: i * 300,
    durationMs: 11_000,
    caller: { user: `a${i}`, ip: `127.0.1.${10 + i}`, rtpPort: 16_000 + 4 * i },
    callee: { user: `b${i}`, ip: '127.0.2.1', rtpPort: 30_000 + 4 * i },
    rtcp: { intervalMs: 5000, tapToCallerMs: 4, tapToCalleeMs: 21 },
    ...(i === 2 ? { outcome: 'busy' as const } : {}),
    ...(i === 3 ? { callerToCallee: { loss: { kind: 'gilbert' as const, p: 0.03, q: 0.3 } } } : {}),
    ...(i === 4 ? { calleeToCaller: { jitter: { kind: 'gauss' as const, sigmaMs: 9 } } } : {}),
  })),
};
const { pcap } = buildScenario(SCENARIO);
const file = join(folder, 'calls.pcap');
writeFileSync(file, pcap);

type Report = Record<'calls' | 'streams', object[]> & {
  findings: { code: FindingCode }[];
  capture: { packets: number };
};

function replayed(path: string): Report {
  return JSON.parse(earshot(['replay', path, '--json']).stdout) as Report;
}

/** Everything told is what a replay of the file reports, field by field; the order is that in which things end. */
function expectSame(live: LiveRun, report: Report): void {
  const texts = (records: readonly object[]): string[] =>
    records.map((record) => JSON.stringify({ ...record, type: undefined })).sort();
  expect(texts(live.ofType('call'))).toEqual(texts(report.calls));
  expect(texts(live.ofType('stream'))).toEqual(texts(report.streams));
  // What is wrong with the capture itself, of which a busy machine makes some, is told live by its status.
  const told = report.findings.filter(({ code }) => FINDING_CODES[code].about !== 'capture');
  expect(texts(live.ofType('finding'))).toEqual(texts(told));
  expect(live.ofType('capture')[0]?.packets).toBe(report.capture.packets);
}

const missingTcpdump = spawnSync('tcpdump', ['--version']).status === 0 ? null : 'tcpdump is not installed';

describe.skipIf(missingTcpdump !== null)(
  `a pipe from tcpdump${missingTcpdump === null ? '' : ` (skipped: ${missingTcpdump})`}`,
  () => {
    test('that reads a capture', async () => {
      const live = await runLive(['-'], { stdin: 'pipe' });
      const tcpdump = spawn('tcpdump', ['-r', file, '-w', '-'], { stdio: ['ignore', 'pipe', 'ignore'] });
      tcpdump.stdout.pipe(live.child.stdin!);
      expect(await live.ended).toBe(0);
      expectSame(live, replayed(file));
      expect(live.ofType('call')).toHaveLength(6);
    });

    const refused =
      spawnSync('unshare', ['-n', 'true']).status === 0 ? null : 'network namespaces are refused here';

    test.skipIf(refused !== null)(
      `that captures live traffic${refused === null ? '' : ` (skipped: ${refused})`}`,
      async () => {
        const captured = join(folder, 'captured.pcap');
        const live = await runLive(['-'], { stdin: 'pipe' });
        const line =
          'ip link set lo up; mkfifo "$3"; tee "$1" <"$3" & ' +
          'tcpdump -i lo -U -s 0 -w "$3" udp 2>/dev/null & TCPDUMP=$!; sleep 1.5; ' +
          `"${process.execPath}" test/slow/send-capture.mjs "$2"; sleep 1; kill -TERM $TCPDUMP; wait`;
        const sender = spawn(
          'unshare',
          ['-n', 'bash', '-c', line, 'bash', captured, file, join(folder, 'fifo')],
          { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
        );
        sender.stdout.pipe(live.child.stdin!);
        await once(sender, 'exit');
        expect(await live.ended).toBe(0);
        expectSame(live, replayed(captured));
        const sent = replayed(file);
        const losses = (streams: readonly object[]): number[] =>
          streams.map((stream) => (stream as { lost: number }).lost).sort((a, b) => a - b);
        expect(losses(live.ofType('stream'))).toEqual(losses(sent.streams));
      },
      60_000,
    );
  },
);

describe('a main thread that stands still for 200 ms again and again', () => {
  test('costs no packet of a pipe, and no figure', async () => {
    const live = await runLive(['-'], { stdin: 'pipe', before: ['-r', './test/slow/block-main.cjs'] });
    // 15 s at the pace of the calls, in pieces of what a capture writes.
    const bytes = readFileSync(file);
    const pieces = 600;
    for (let i = 0; i < pieces; i++) {
      const [from, to] = [i, i + 1].map((n) => Math.floor((bytes.length * n) / pieces)) as [number, number];
      live.child.stdin!.write(bytes.subarray(from, to));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    live.child.stdin!.end();
    expect(await live.ended).toBe(0);
    expectSame(live, replayed(file));
    const statuses = live.ofType('status');
    expect(statuses.length).toBeGreaterThan(0);
    expect(Math.max(...statuses.map(({ lagMs }) => lagMs.serving))).toBeGreaterThan(90);
    expect(statuses.every(({ records }) => Object.keys(records.dropped).length === 0)).toBe(true);
  }, 90_000);
});
