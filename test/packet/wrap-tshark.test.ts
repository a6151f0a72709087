import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { batchesOf } from '../batches.ts';
import { rewrap, wrappings } from './wrap.ts';
import { captureToWrap } from './wrapped.ts';
import { innerOf } from './wrapping.ts';

/** The wrappings are written from the standards; where Wireshark is installed, it says whether rightly. */
const present = spawnSync('tshark', ['-v'], { stdio: 'ignore' }).status === 0;

/** tshark's names for what it must find, by ours. IP in IP is two IP headers. */
const THEIRS: Record<string, string> = {
  mpls: 'mpls',
  pppoe: 'pppoes',
  gre: 'gre',
  nvgre: 'gre',
  erspan1: 'erspan',
  erspan2: 'erspan',
  erspan3: 'erspan',
  vxlan: 'vxlan',
  geneve: 'geneve',
  gtpu: 'gtp',
  l2tp: 'l2tp',
  tzsp: 'tzsp',
  etherip: 'etherip',
};

/**
 * What tshark 4.0 reads otherwise, or not without being told: whether L2TPv3 has a cookie, pseudowires without
 * control word, VXLAN-GPE and VXLAN on other ports, files of another byte order than the machine's, MPLS without a link layer.
 */
const BEYOND_TSHARK =
  /L2TPv3|pseudowire without|VXLAN-GPE|Linux port|inside each other|big-endian|MPLS without/;

const folder = mkdtempSync(join(tmpdir(), 'earshot-wrap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first RTP packet of the calls, as a one-packet capture. */
function rtpOnly(pcap: Uint8Array): Uint8Array {
  for (const batch of batchesOf(pcap)) {
    for (let i = 0; i < batch.count; i++) {
      const from = batch.offset[i]!;
      const packet = batch.bytes.subarray(from, from + batch.capturedLength[i]!);
      const inner = innerOf(packet);
      const udp = inner.version === 4 ? 20 : 40;
      const isRtp = inner.ip.length === udp + 8 + 172 && inner.ip[udp + 8] === 0x80;
      if (isRtp) return joined(pcap.subarray(0, 24), pcap.subarray(from - 16, from + packet.length));
    }
  }
  throw new Error('no RTP packet');
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe.skipIf(!present)('wrappings as Wireshark reads them', () => {
  const cases = ([4, 6] as const).flatMap((version) => {
    const packet = rtpOnly(captureToWrap(version));
    const known = wrappings(version).filter(({ name }) => !BEYOND_TSHARK.test(name));
    return known.map((wrapping) => ({ version, wrapping, packet }));
  });

  test.each([...new Set(cases.map(({ wrapping }) => wrapping.linkType))])('link type %i', (linkType) => {
    const ours = cases.filter(({ wrapping }) => wrapping.linkType === linkType);
    const files = ours.map(({ wrapping, packet }) =>
      rewrap(packet, linkType, (inner) => [wrapping.wrap(inner)]),
    );
    const path = join(folder, `${linkType}.pcap`);
    writeFileSync(path, joined(files[0]!.subarray(0, 24), ...files.map((file) => file.subarray(24))));
    const fields = ['frame.protocols', 'udp.length', 'data.len'];
    const out = execFileSync(
      'tshark',
      ['-n', '-r', path, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])],
      { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' },
    );
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(ours.length);
    for (const [i, { wrapping, version }] of ours.entries()) {
      const [protocols = '', length, data] = lines[i]!.split('|');
      const where = `${wrapping.name} (inner IPv${version}): ${lines[i]}`;
      const wanted = [
        ...wrapping.encapsulation.flatMap((name) => THEIRS[name] ?? []),
        version === 4 ? 'ip' : 'ipv6',
      ];
      const found = protocols.split(':');
      let at = -1;
      for (const name of wanted) {
        at = found.indexOf(name, at + 1);
        expect(at, `${name} in ${where}`).toBeGreaterThanOrEqual(0);
      }
      expect(found.at(-1), where).toBe('data');
      // The innermost datagram is all there: 8 octets of UDP and 172 of RTP.
      expect(data, where).toBe('172');
      if (length !== '') expect(length!.split(',').at(-1), where).toBe('180');
      expect(protocols, where).not.toContain('malformed');
    }
  });
});

test.runIf(!present)('tshark is not installed: the wrappings stand on the standards alone', () => {
  expect(present).toBe(false);
});
