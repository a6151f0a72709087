import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capIsBuilt } from '../../src/capture/live/cap-source.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import type { ReportStream } from '../../src/report/contract.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { build, earshot, ROOT } from '../cli/earshot.ts';
import { titled } from './lab/lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-live-interface-'));
beforeAll(build, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const missing =
  spawnSync('unshare', ['-n', 'true']).status !== 0
    ? 'network namespaces are refused here'
    : spawnSync('tcpdump', ['--version']).status !== 0
      ? 'tcpdump is not installed'
      : spawnSync(process.execPath, ['-e', "import('koffi')"], { cwd: ROOT }).status !== 0
        ? 'koffi is not installed'
        : null;

/** Calls between hosts on loopback, sent again at their pace. */
function calls(): string {
  const specs = [0, 1, 2, 3].map((i) => ({
    callId: `seen-${i}@example.com`,
    startMs: i * 300,
    durationMs: 9000,
    caller: { user: `a${i}`, ip: `127.0.1.${10 + i}`, rtpPort: 16_000 + 4 * i },
    callee: { user: `b${i}`, ip: '127.0.2.1', rtpPort: 30_000 + 4 * i },
    ...(i === 3 ? { callerToCallee: { loss: { kind: 'gilbert' as const, p: 0.03, q: 0.3 } } } : {}),
  }));
  const path = join(folder, 'calls.pcap');
  writeFileSync(path, buildScenario({ calls: specs }).pcap);
  return path;
}

describe.skipIf(missing !== null)(`an interface${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const capReason = capIsBuilt() ? null : 'the package cap is not built here';

  test.skipIf(capReason !== null)(
    titled('measured with cap, which has a process of its own', capReason),
    () => {
      const told = join(folder, 'told-cap.ndjson');
      const line =
        `ip link set lo up; "${process.execPath}" bin/earshot.js live -i lo --engine cap --json >"$1" & LIVE=$!; sleep 3; ` +
        `"${process.execPath}" test/slow/send-capture.mjs "$2"; sleep 1; kill -TERM $LIVE; wait $LIVE`;
      const { status, stderr } = spawnSync('unshare', ['-n', 'bash', '-c', line, 'bash', told, calls()], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
      const records = readFileSync(told, 'utf8')
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as LiveRecord);
      const ended = records.filter((record) => record.type === 'call');
      expect(ended.map(({ callId, state }) => `${callId} ${state}`).sort()).toEqual(
        [0, 1, 2, 3].map((i) => `seen-${i}@example.com answered`),
      );
      // Stamps of arrival are no basis for a judgement about jitter.
      const last = records.at(-1);
      expect(last).toMatchObject({ type: 'capture', dropped: null, trust: { verdict: 'degraded' } });
      const reasons = last?.type === 'capture' ? last.trust.reasons : [];
      expect(reasons).toContainEqual(expect.objectContaining({ code: 'capture_clock', kind: 'arrival' }));
    },
    60_000,
  );

  test.each([
    { sockets: 1, threads: 0 },
    { sockets: 3, threads: 2 },
  ])(
    'measured live is what tcpdump captured at the same time, replayed (%o)',
    ({ sockets, threads }) => {
      const [captured, told] = [
        join(folder, `captured-${sockets}.pcap`),
        join(folder, `told-${sockets}.ndjson`),
      ];
      const config = join(folder, `earshot-${sockets}.yaml`);
      writeFileSync(
        config,
        `interfaces: [{name: lo, ring: {sockets: ${sockets}}}]\nmeasuring: {threads: ${threads}}\n`,
      );
      const line =
        'ip link set lo up; tcpdump -i lo -U -s 0 -w "$1" udp 2>/dev/null & TCPDUMP=$!; ' +
        `"${process.execPath}" bin/earshot.js live --config "$4" --json >"$2" & LIVE=$!; sleep 2; ` +
        `"${process.execPath}" test/slow/send-capture.mjs "$3"; sleep 1; kill -TERM $TCPDUMP $LIVE; wait $LIVE`;
      const { status, stderr } = spawnSync(
        'unshare',
        ['-n', 'bash', '-c', line, 'bash', captured, told, calls(), config],
        { cwd: ROOT, encoding: 'utf8' },
      );
      expect(status, stderr).toBe(0);
      const records = readFileSync(told, 'utf8')
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text) as LiveRecord);
      const report = JSON.parse(earshot(['replay', captured, '--json']).stdout) as {
        streams: ReportStream[];
        calls: { callId: string; verdict: string }[];
      };
      const live = records.filter((record) => record.type === 'stream');
      const counts = (streams: readonly ReportStream[]): unknown[] =>
        streams
          .map(({ src, dst, ssrc, packets, octets, expected, lost, duplicates, reordered }) => {
            return [ssrc, src.port, dst.port, packets, octets, expected, lost, duplicates, reordered].join(
              ' ',
            );
          })
          .sort();
      expect(counts(live)).toEqual(counts(report.streams));
      // The ring stamps nanoseconds, the file has microseconds.
      for (const stream of live) {
        const same = report.streams.find(
          ({ ssrc, src }) => ssrc === stream.ssrc && src.port === stream.src.port,
        )!;
        for (const name of ['mean', 'p95', 'max'] as const) {
          expect(Math.abs(stream.jitterMs[name]! - same.jitterMs[name]!)).toBeLessThan(0.05);
        }
      }
      expect(records.filter(({ type }) => type === 'call')).toHaveLength(report.calls.length);
      expect(records.at(-1)).toMatchObject({ type: 'capture', dropped: 0 });
    },
    60_000,
  );
});
