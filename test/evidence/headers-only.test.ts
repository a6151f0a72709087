import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadersOnly } from '../../src/evidence/headers-only.ts';
import { createBatch, type PacketBatch } from '../../src/packet/batch.ts';
import { fragments } from '../packet/fragmenting.ts';
import { tcp } from '../packet/frames.ts';
import { ethernet, ipv4, ipv6, join, mpls, type Octets, u16, u32, udp, vxlan } from '../packet/headers.ts';
import { hepOf } from '../packet/write-hep.ts';

const UDP = 17;
const TCP = 6;
const SPEECH = Buffer.from('speech! '.repeat(20));
const SIP = Buffer.from('OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n');
/** Version 2, payload type 8, sequence number 7, timestamp, SSRC. */
const RTP = [0x80, 8, ...u16(7), ...u32(160), ...u32(0x1a2b3c4d)];
/** A receiver report without blocks. */
const RTCP = [0x80, 201, ...u16(1), ...u32(0x1a2b3c4d)];

const inUdp = (payload: Octets, port = 40_000): Uint8Array =>
  ethernet(0x0800, ipv4(UDP, udp(port, payload, 40_002)));

function batchOf(frames: readonly Uint8Array[], linkType = 1): PacketBatch {
  const bytes = join(...frames) as Uint8Array<ArrayBuffer>;
  const batch = createBatch(bytes, frames.length);
  let at = 0;
  frames.forEach((frame, i) => {
    batch.offset[i] = at;
    batch.capturedLength[i] = frame.length;
    batch.originalLength[i] = frame.length;
    batch.linkType[i] = linkType;
    at += frame.length;
  });
  batch.count = frames.length;
  return batch;
}

/** Octets kept of each of these frames, one after the other. */
function kept(...frames: Uint8Array[]): number[] {
  const rule = new HeadersOnly();
  const batch = batchOf(frames);
  return frames.map((_, i) => rule.octets(batch, i));
}

describe('what may be kept of a packet', () => {
  const extended = [0x91, 8, ...u16(7), ...u32(160), ...u32(9), ...u32(5), 0xbe, 0xde, 0, 1, ...u32(1)];
  const beside = (payload: Octets): number => inUdp(payload).length;

  test.each<[string, Uint8Array, number]>([
    ['RTP', inUdp([...RTP, ...SPEECH]), 54],
    ['RTP with an extension and a source', inUdp([...extended, ...SPEECH]), beside(extended)],
    [
      'RTP in VLANs',
      ethernet(0x0800, ipv4(UDP, udp(4000, [...RTP, ...SPEECH])), [7, 8]),
      ethernet(0x0800, ipv4(UDP, udp(4000, RTP)), [7, 8]).length,
    ],
    ['RTP over IPv6', ethernet(0x86dd, ipv6(UDP, udp(4000, [...RTP, ...SPEECH]))), 14 + 40 + 8 + 12],
    [
      'RTP in a tunnel',
      inUdp(vxlan(7, inUdp([...RTP, ...SPEECH])), 4789),
      inUdp(vxlan(7, inUdp(RTP)), 4789).length,
    ],
    [
      'RTP behind labels',
      ethernet(0x8847, mpls([16, 17], ipv4(UDP, udp(4000, [...RTP, ...SPEECH])))),
      ethernet(0x8847, mpls([16, 17], ipv4(UDP, udp(4000, RTP)))).length,
    ],
    ['a telephone event, which may be a PIN', inUdp([0x80, 101, ...RTP.slice(2), 5, 0x8a, 3, 0x20]), 54],
    ['RTCP', inUdp(RTCP), beside(RTCP)],
    ['SIP', inUdp(SIP), beside(SIP)],
    ['SIP over TCP', ethernet(0x0800, ipv4(TCP, tcp(5060, 40_000, 1, SIP))), 14 + 20 + 20 + SIP.length],
    [
      'the rest of a message over TCP',
      ethernet(0x0800, ipv4(TCP, tcp(40_000, 5061, 1, SIP.subarray(20)))),
      14 + 20 + 20 + SIP.length - 20,
    ],
    ['other TCP', ethernet(0x0800, ipv4(TCP, tcp(443, 40_000, 1, SPEECH))), 14 + 20 + 20],
    ['UDPTL, RTP of another version and what is unknown', inUdp(SPEECH), 42],
    ['what agents tell of SIP', inUdp(hepOf(SIP)), beside(hepOf(SIP))],
    [
      'what agents tell of RTP',
      inUdp(hepOf([...RTP, ...SPEECH], { type: 4 })),
      beside(hepOf(RTP, { type: 4 })),
    ],
    [
      'ICMP that quotes speech',
      ethernet(0x0800, ipv4(1, icmpAbout([...RTP, ...SPEECH]))),
      14 + 20 + 8 + 20 + 8,
    ],
    ['ARP', ethernet(0x0806, [0, 1, 8, 0]), 0],
  ])('%s', (_, frame, expected) => {
    expect(kept(frame)).toEqual([expected]);
    expect(Buffer.from(frame.subarray(0, expected)).includes('speech')).toBe(false);
  });

  test('fragments whole where their datagram is SIP, by their headers where it is not', () => {
    const long = Buffer.concat([SIP.subarray(0, -2), Buffer.from(`X: ${'y'.repeat(2000)}\r\n\r\n`)]);
    const cut = (payload: Octets, id: number): Uint8Array[] =>
      fragments(ipv4(UDP, udp(5060, payload)), 800, id).map((packet) => ethernet(0x0800, packet));
    const sip = cut(long, 1);
    const rtp = cut([...RTP, ...Buffer.from('speech! '.repeat(200))], 2);
    expect(kept(...sip)).toEqual(sip.map(({ length }) => length));
    expect(kept(...rtp)).toEqual([14 + 20 + 20, 14 + 20, 14 + 20].slice(0, rtp.length));
    // Of another datagram, although it says the same number: its first fragment was never seen.
    expect(kept(sip[0]!, rtp[1]!)).toEqual([sip[0]!.length, 34]);
  });

  test('of media in a tunnel whose packets are fragmented, the headers in the first fragment', () => {
    const tunnel = (payload: Octets): Uint8Array => ipv4(UDP, udp(4789, vxlan(7, inUdp(payload))));
    const speech = [...RTP, ...Buffer.from('speech! '.repeat(200))];
    const cut = fragments(tunnel(speech), 800, 3).map((packet) => ethernet(0x0800, packet));
    expect(kept(...cut)).toEqual([14 + tunnel(RTP).length, ...cut.slice(1).map(() => 14 + 20)]);
  });

  test('never more than there is, whatever the octets are', () => {
    const rule = new HeadersOnly();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(1, 101, 113, 276, 12, 7777),
        fc.constantFrom<Octets>([], inUdp(RTP), ethernet(0x0800, ipv4(1, RTP))),
        (noise, linkType, head) => {
          const frame = join(head, noise);
          const octets = rule.octets(batchOf([frame], linkType), 0);
          expect(octets).toBeGreaterThanOrEqual(0);
          expect(octets).toBeLessThanOrEqual(frame.length);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

/** Port unreachable, about a datagram with this payload. */
function icmpAbout(payload: Octets): Uint8Array {
  return join([3, 3, 0, 0], u32(0), ipv4(UDP, udp(4000, payload)));
}
