import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type BuiltScenario, buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { checkScenario } from '../../src/synth/validate.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-returned-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Fields of the packets that a filter shows, by tshark. */
function fields({ pcap }: BuiltScenario, filter: string, names: readonly string[]): string[][] {
  const path = join(folder, 'capture.pcap');
  writeFileSync(path, pcap);
  const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE', '-n', '-r', path];
  const text = execFileSync(
    'tshark',
    [...options, '-Y', filter, '-T', 'fields', ...names.flatMap((name) => ['-e', name])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

const one = (call: CallSpec, more: Partial<Scenario> = {}): BuiltScenario =>
  buildScenario({ seed: 71, calls: [call], ...more });

describe.runIf(hasTshark)('what tshark reads', () => {
  test('an ICMP error quotes the packet it is about', () => {
    const built = one({ durationMs: 3000, icmp: [{ way: 'callerToCallee' }] });
    const rows = fields(built, 'icmp', ['icmp.type', 'icmp.code', 'icmp.checksum.status', 'udp.dstport']);
    expect(rows).toEqual(new Array(8).fill(['3', '3', '1', '32768']));
  });

  test('the same of ICMPv6, by a router, cut to 8 octets', () => {
    const icmp = {
      way: 'calleeToCaller',
      reason: 'prohibited',
      router: '198.51.100.9',
      quoteOctets: 8,
    } as const;
    const built = one({ durationMs: 3000, icmp: [icmp] }, { ipv6: true, vlans: [7] });
    const names = ['icmpv6.type', 'icmpv6.code', 'icmpv6.checksum.status', 'udp.dstport', 'frame.len'];
    const rows = fields(built, 'icmpv6', names);
    expect(rows).toEqual(new Array(8).fill(['1', '1', '1', '16384', String(14 + 4 + 40 + 8 + 40 + 8)]));
  });

  test('T.38 with copies', () => {
    const reinvites = [{ atMs: 0, image: 'accepted' as const }];
    const t38 = { callerToCallee: { startSeq: 65_530, redundancy: 2, controlMs: 200 } };
    const none = { callerToCallee: null, calleeToCaller: null };
    const built = one({ durationMs: 3000, reinvites, t38, ...none });
    const rows = fields(built, 't38', ['t38.seq_number', 't38.t30_data', 't38.secondary_ifp_packets']);
    // tshark follows its own conversation, too, where it has one, and prints such packets a second time.
    const numbers = [...new Set(rows.map(([number]) => Number(number)))];
    expect(numbers).toEqual(Array.from({ length: 70 }, (_, i) => (65_530 + i) & 0xffff));
    expect(rows.slice(20).every(([, data, copies]) => data === '8,8,8' && copies === '2')).toBe(true);
    expect(fields(built, '_ws.malformed', ['frame.number'])).toEqual([]);
  });

  test('T.38 with parity', () => {
    const reinvites = [{ atMs: 0, image: 'accepted' as const }];
    const t38 = { calleeToCaller: { fec: { span: 3, parities: 2 } } };
    const built = one({ durationMs: 2000, reinvites, t38, callerToCallee: null, calleeToCaller: null });
    const rows = fields(built, 't38', ['t38.fec_npackets', 't38.fec_data']);
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.every(([span, number]) => span === '3' && number === '2')).toBe(true);
    expect(fields(built, '_ws.malformed', ['frame.number'])).toEqual([]);
  });
});

test.each([
  [{ icmp: [{}] }, 'calls[0].icmp[0].way: is missing'],
  [{ icmp: [{ way: 'callerToCallee', quoteOctets: 4 }] }, 'calls[0].icmp[0].quoteOctets'],
  [{ t38: { callerToCallee: { redundancy: 99 } } }, 'calls[0].t38.callerToCallee.redundancy'],
  [{ t38: { both: {} } }, 'calls[0].t38.both: is not a known field'],
])('%j is refused', (call, line) => {
  expect(() => checkScenario({ calls: [call] })).toThrow(line);
});

test('errors are limited as Linux limits them: six at once, then one a second', () => {
  const { pcap } = one({ durationMs: 10_000, icmp: [{ way: 'callerToCallee' }] });
  const without = one({ durationMs: 10_000 });
  const records = (bytes: Uint8Array): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let count = 0;
    for (let at = 24; at < bytes.length; count++) at += 16 + view.getUint32(at + 8, true);
    return count;
  };
  expect(records(pcap) - records(without.pcap)).toBe(15);
});
