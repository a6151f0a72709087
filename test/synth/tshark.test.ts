import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { presetList, presetScenario } from '../../src/synth/presets.ts';

const installed = spawnSync('tshark', ['-v']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'earshot-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CHECKSUMS = ['ip', 'udp', 'tcp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);

function tshark(path: string, ...args: string[]): string {
  const all = ['-r', path, ...CHECKSUMS, ...args];
  return execFileSync('tshark', all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

const title = 'tshark finds no fault in any preset and the same streams and calls';

// Wireshark is the second opinion; the other tests need it not.
test.skipIf(!installed)(
  installed ? title : `${title} (skipped: tshark is not installed)`,
  { timeout: 120_000 },
  () => {
    for (const { name } of presetList()) {
      const { pcap, truth } = buildScenario(presetScenario(name, 4)!);
      const path = join(folder, `${name}.pcap`);
      writeFileSync(path, pcap);
      const faults =
        '_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.flags';
      expect([name, tshark(path, '-Y', faults)]).toEqual([name, '']);
      const fields = ['-T', 'fields', '-e', 'rtp.ssrc', '-e', 'rtp.seq'];
      const counts = new Map<string, number>();
      for (const line of tshark(path, '-Y', 'rtp', ...fields)
        .trim()
        .split('\n')
        .filter(Boolean)) {
        const ssrc = line.split('\t')[0]!;
        counts.set(ssrc, (counts.get(ssrc) ?? 0) + 1);
      }
      const expected = truth.streams.map((s) => [s.ssrc, s.packets + s.duplicates + s.mirrorDuplicates]);
      expect([name, [...counts].sort()]).toEqual([name, expected.sort()]);
      const callIds = tshark(path, '-Y', 'sip', '-T', 'fields', '-e', 'sip.Call-ID').trim().split('\n');
      expect([...new Set(callIds)].sort()).toEqual(truth.calls.map((call) => call.callId).sort());
    }
  },
);

const encrypted = 'tshark reads SIP over TLS and secure WebSocket with the secrets in the capture';

test.skipIf(!installed)(
  installed ? encrypted : `${encrypted} (skipped: tshark is not installed)`,
  { timeout: 60_000 },
  () => {
    for (const [transport, tlsVersion] of [
      ['tls', '1.2'],
      ['tls', '1.3'],
      ['wss', '1.2'],
      ['wss', '1.3'],
    ] as const) {
      const { pcap, truth } = buildScenario({
        calls: [
          { transport, tlsVersion, durationMs: 500 },
          { transport, tlsVersion, outcome: 'busy' },
        ],
      });
      const path = join(folder, `${transport}-${tlsVersion}.pcapng`);
      writeFileSync(path, pcap);
      const faults = '_ws.malformed || tcp.checksum.status == 0 || tcp.analysis.flags';
      expect([path, tshark(path, '-Y', faults)]).toEqual([path, '']);
      const fields = ['-T', 'fields', '-e', 'sip.Method', '-e', 'sip.Status-Code'];
      const messages = tshark(path, '-Y', 'sip', ...fields)
        .trim()
        .split('\n')
        .map((line) => line.trim());
      expect(messages.sort()).toEqual([
        '100',
        '100',
        '180',
        '200',
        '200',
        '486',
        'ACK',
        'ACK',
        'BYE',
        'INVITE',
        'INVITE',
      ]);
      expect(truth.capture.sip).toBe(11);
    }
  },
);
