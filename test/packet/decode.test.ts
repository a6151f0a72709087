import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/packet/address.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED, REASON_NAMES } from '../../src/packet/reasons.ts';
import { PacketView, vlanAt } from '../../src/packet/view.ts';
import { cooked, cooked2, ethernet, ipv4, ipv6, loopback, tcp, udp } from './frames.ts';

const payload = Uint8Array.from([1, 2, 3, 4, 5]);
const voice = udp(10_000, 20_002, payload);

function decode(
  linkType: number,
  frame: Uint8Array,
  captured = frame.length,
): { reason: string; view: PacketView } {
  const view = new PacketView();
  const data = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const code = decodeFrame(view, data, linkType, 0, captured);
  return { reason: REASON_NAMES[code]!, view };
}

function summary(linkType: number, frame: Uint8Array): unknown {
  const { reason, view } = decode(linkType, frame);
  if (reason !== 'decoded') return reason;
  return {
    from: `${formatAddress(view.src0, view.src1, view.src2, view.src3)}:${view.srcPort}`,
    to: `${formatAddress(view.dst0, view.dst1, view.dst2, view.dst3)}:${view.dstPort}`,
    payload: [...frame.subarray(view.payloadOffset, view.payloadOffset + view.payloadLength)],
    wire: view.payloadWireLength,
  };
}

const overIpv4 = { from: '192.0.2.1:10000', to: '198.51.100.7:20002', payload: [1, 2, 3, 4, 5], wire: 5 };
const overIpv6 = {
  from: '[2001:db8::1]:10000',
  to: '[2001:db8::2]:20002',
  payload: [1, 2, 3, 4, 5],
  wire: 5,
};
const unbracket = (value: typeof overIpv6): typeof overIpv6 => ({
  ...value,
  from: '2001:db8::1:10000',
  to: '2001:db8::2:20002',
});

describe('link layers', () => {
  test.each([
    ['Ethernet', 1, ethernet(0x0800, ipv4(voice))],
    ['802.1Q', 1, ethernet(0x0800, ipv4(voice), [[0x8100, 42]])],
    [
      '802.1ad over 802.1Q',
      1,
      ethernet(0x0800, ipv4(voice), [
        [0x88a8, 100],
        [0x8100, 42],
      ]),
    ],
    [
      'the old stacking type',
      1,
      ethernet(0x0800, ipv4(voice), [
        [0x9100, 100],
        [0x8100, 42],
        [0x8100, 7],
      ]),
    ],
    ['Linux cooked v1', 113, cooked(0x0800, ipv4(voice))],
    ['Linux cooked v1 with a tag', 113, cooked(0x8100, Uint8Array.from([0, 9, 8, 0, ...ipv4(voice)]))],
    ['Linux cooked v2', 276, cooked2(0x0800, ipv4(voice))],
    ['BSD loopback, little-endian', 0, loopback(2, ipv4(voice), true)],
    ['BSD loopback, big-endian', 0, loopback(2, ipv4(voice), false)],
    ['OpenBSD loopback', 108, loopback(2, ipv4(voice), false)],
    ['raw IP', 101, ipv4(voice)],
    ['raw IPv4', 228, ipv4(voice)],
    ['IPv4 with options', 1, ethernet(0x0800, ipv4(voice, { optionWords: 5 }))],
    [
      'Ethernet padding',
      1,
      Uint8Array.from([...ethernet(0x0800, ipv4(voice)), ...new Array<number>(13).fill(0)]),
    ],
    ['a total length of zero (TSO)', 1, ethernet(0x0800, ipv4(voice, { totalLength: 0 }))],
  ])('%s', (_name, linkType, frame) => {
    expect(summary(linkType, frame)).toEqual(overIpv4);
  });

  test.each([
    ['Ethernet', 1, ethernet(0x86dd, ipv6(voice))],
    ['BSD loopback of FreeBSD', 0, loopback(28, ipv6(voice), true)],
    ['raw IPv6', 229, ipv6(voice)],
    [
      'hop-by-hop and destination options',
      101,
      ipv6(voice, 17, [
        [0, [0, 0, 1, 4, 0, 0, 0, 0]],
        [60, [0, 1, ...new Array<number>(14).fill(0)]],
      ]),
    ],
    ['an authentication header', 101, ipv6(voice, 17, [[51, [0, 4, ...new Array<number>(22).fill(0)]]])],
    ['an atomic fragment', 101, ipv6(voice, 17, [[44, [0, 0, 0, 0, 0, 0, 0, 1]]])],
  ])('IPv6 over %s', (_name, linkType, frame) => {
    expect(summary(linkType, frame)).toEqual(unbracket(overIpv6));
  });

  test('keeps VLAN ids, TOS and TTL', () => {
    const { view } = decode(
      1,
      ethernet(0x0800, ipv4(voice), [
        [0x88a8, 100],
        [0x8100, 42],
      ]),
    );
    expect([0, 1, 2].map((i) => vlanAt(view, i))).toEqual([100, 42, -1]);
    expect([view.tos >> 2, view.ttl]).toEqual([46, 63]);
    const six = decode(101, ipv6(voice)).view;
    expect([six.path, six.tos >> 2, six.ttl]).toEqual([0, 46, 62]);
  });

  test('TCP with options', () => {
    const frame = ipv4(tcp(5060, 40_000, 0xfffffff0, payload, 3), { protocol: 6 });
    const { reason, view } = decode(101, frame);
    expect([reason, view.protocol, view.srcPort, view.dstPort]).toEqual(['decoded', 6, 5060, 40_000]);
    expect([view.tcpSequence >>> 0, view.tcpFlags, view.payloadLength]).toEqual([0xfffffff0, 0x18, 5]);
  });
});

describe('what is not passed on has a reason', () => {
  test.each([
    ['unknown_link_type', 147, ethernet(0x0800, ipv4(voice))],
    ['truncated_link_header', 1, new Uint8Array(13)],
    ['not_ip', 1, ethernet(0x0806, new Uint8Array(28))],
    ['not_ip', 1, ethernet(46, new Uint8Array(46))],
    ['too_many_headers', 1, ethernet(0x0800, ipv4(voice), new Array<[number, number]>(9).fill([0x8100, 1]))],
    ['bad_ip_header', 101, Uint8Array.from([0x50, ...new Array<number>(30).fill(0)])],
    ['bad_ip_header', 101, ipv4(voice, { totalLength: 19 })],
    ['truncated_ip_header', 101, ipv4(voice).subarray(0, 19)],
    ['ip_fragment', 101, ipv4(voice, { fragment: 0x00b9 })],
    ['ip_fragment', 101, ipv6(voice, 17, [[44, [0, 0, 0x05, 0xc8, 0, 0, 0, 1]]])],
    ['other_ip_protocol', 101, ipv4(voice, { protocol: 2 })],
    ['icmp', 101, ipv4(voice, { protocol: 1 })],
    ['icmp', 101, ipv6(voice, 58)],
    ['other_ip_protocol', 101, ipv4(voice, { protocol: 58 })],
    ['other_ip_protocol', 101, ipv4(voice.subarray(0, 7), { protocol: 1 })],
    ['truncated_transport_header', 101, ipv4(voice.subarray(0, 7))],
    ['bad_transport_header', 101, ipv4(Uint8Array.from([0, 1, 0, 2, 0, 7, 0, 0, 9]))],
    ['empty_payload', 101, ipv4(udp(1, 2, new Uint8Array(0)))],
    [
      'too_many_headers',
      101,
      ipv6(voice, 17, new Array<[number, number[]]>(11).fill([60, [0, 0, 0, 0, 0, 0, 0, 0]])),
    ],
  ])('%s', (reason, linkType, frame) => {
    expect(decode(linkType, frame).reason).toBe(reason);
  });

  test('a snap length keeps what is there and the length on the wire', () => {
    const frame = ethernet(0x0800, ipv4(udp(10, 12, new Uint8Array(172).fill(7))));
    const { reason, view } = decode(1, frame, 60);
    expect([reason, view.payloadLength, view.payloadWireLength]).toEqual(['decoded', 18, 172]);
  });

  test('any bytes, cut anywhere, on any link type: an answer, and offsets inside what was captured', () => {
    const seeds = [
      ethernet(0x0800, ipv4(voice)),
      ethernet(0x86dd, ipv6(voice, 17, [[0, [0, 0, 1, 4, 0, 0, 0, 0]]])),
    ];
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(...seeds)),
        fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 229, 276, 999),
        fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 6 }),
        fc.nat(120),
        (bytes, linkType, flips, cut) => {
          const frame = Uint8Array.from(bytes);
          for (const [at, value] of flips) if (at < frame.length) frame[at] = value;
          const captured = Math.min(cut, frame.length);
          const { view } = decode(linkType, frame, captured);
          const code = REASON_NAMES.indexOf(decode(linkType, frame, captured).reason);
          if (code !== DECODED) return;
          expect(view.payloadOffset + view.payloadLength).toBeLessThanOrEqual(captured);
          expect(view.payloadWireLength).toBeGreaterThanOrEqual(view.payloadLength);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
