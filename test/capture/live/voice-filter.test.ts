import { describe, expect, test } from 'vitest';
import type { BpfInstruction } from '../../../src/capture/live/bpf.ts';
import { filterProgram } from '../../../src/capture/live/capture-filter.ts';
import { openLibpcap } from '../../../src/capture/live/libpcap.ts';
import { LiveCaptureError } from '../../../src/capture/live/live-source.ts';
import { DEFAULT_VOICE_PORTS, voiceFilter } from '../../../src/capture/live/voice-filter.ts';
import { cooked, ethernet, ipv4, ipv6, tcp, udp } from '../../packet/frames.ts';
import { runBpf } from './bpf-machine.ts';

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const SNAP = 2000;
const payload = Uint8Array.of(1, 2, 3, 4);
const ports = { ...DEFAULT_VOICE_PORTS, tunnels: [500] };

/** IP packets, and whether they are let in. */
const PACKETS: [string, 4 | 6, Uint8Array, boolean][] = [
  ['RTP', 4, ipv4(udp(20_000, 30_000, payload)), true],
  ['RTP behind IPv4 options', 4, ipv4(udp(20_000, 30_000, payload), { optionWords: 3 }), true],
  ['low ports behind IPv4 options', 4, ipv4(udp(53, 123, payload), { optionWords: 3 }), false],
  ['from a high port only', 4, ipv4(udp(1024, 53, payload)), true],
  ['to a high port only', 4, ipv4(udp(53, 65_535, payload)), true],
  ['just below', 4, ipv4(udp(1023, 53, payload)), false],
  ['a tunnel below', 4, ipv4(udp(53, 500, payload)), true],
  ['SIP over TCP', 4, ipv4(tcp(50_000, 5060, 1, payload), { protocol: 6 }), true],
  ['SIP over TLS, the way back', 4, ipv4(tcp(5061, 50_000, 1, payload), { protocol: 6 }), true],
  ['other TCP', 4, ipv4(tcp(50_000, 443, 1, payload), { protocol: 6 }), false],
  ['the first fragment', 4, ipv4(udp(53, 53, payload), { fragment: 0x2000 }), true],
  ['a later fragment', 4, ipv4(payload, { fragment: 0x0010 }), true],
  ['a fragment of TCP', 4, ipv4(payload, { fragment: 0x0010, protocol: 6 }), true],
  ['unfragmented by order', 4, ipv4(udp(53, 53, payload), { fragment: 0x4000 }), false],
  ['ICMP', 4, ipv4(payload, { protocol: 1 }), true],
  ['GRE', 4, ipv4(payload, { protocol: 47 }), true],
  ['RTP over IPv6', 6, ipv6(udp(20_000, 30_000, payload)), true],
  ['DNS over IPv6', 6, ipv6(udp(53, 53, payload)), false],
  ['SIP over TCP over IPv6', 6, ipv6(tcp(5060, 50_000, 1, payload), 6), true],
  ['other TCP over IPv6', 6, ipv6(tcp(22, 50_000, 1, payload), 6), false],
  ['a fragment over IPv6', 6, ipv6(payload, 17, [[44, [0, 0, 0, 0, 0, 0, 0, 0]]]), true],
];

/** All packets that a program lets in. */
function passing(program: BpfInstruction[], wrap: (packet: Uint8Array, version: 4 | 6) => Uint8Array) {
  return PACKETS.filter(([, version, packet]) => runBpf(program, wrap(packet, version)) === SNAP).map(
    ([name]) => name,
  );
}

const wanted = PACKETS.filter(([, , , passes]) => passes).map(([name]) => name);
const typeOf = (version: 4 | 6): number => (version === 4 ? IPV4 : IPV6);

describe('the built-in filter for voice', () => {
  test('on Ethernet', () => {
    const program = voiceFilter(ports, 1, SNAP);
    expect(passing(program, (packet, version) => ethernet(typeOf(version), packet))).toEqual(wanted);
  });

  test('on "Linux cooked" interfaces', () => {
    const program = voiceFilter(ports, 113, SNAP);
    expect(passing(program, (packet, version) => cooked(typeOf(version), packet))).toEqual(wanted);
  });

  test.each([12, 101])('on raw IP, link type %i', (linkType) => {
    const program = voiceFilter(ports, linkType, SNAP);
    expect(passing(program, (packet) => packet)).toEqual(wanted);
  });

  test('lets in whatever it does not look into, and nothing that is not IP', () => {
    const program = voiceFilter(ports, 1, SNAP);
    const dns = ipv4(udp(53, 53, payload));
    expect(runBpf(program, ethernet(IPV4, dns, [[0x8100, 7]]))).toBe(SNAP);
    expect(runBpf(program, ethernet(IPV4, dns, [[0x88a8, 7]]))).toBe(SNAP);
    expect(runBpf(program, ethernet(0x8847, dns))).toBe(SNAP);
    expect(runBpf(program, ethernet(0x8864, dns))).toBe(SNAP);
    expect(runBpf(program, ethernet(0x0806, dns))).toBe(0);
    expect(runBpf(voiceFilter(ports, 105, SNAP), dns)).toBe(SNAP);
  });

  test('lets in no packet that is cut before its ports', () => {
    const program = voiceFilter(ports, 1, SNAP);
    const frame = ethernet(IPV4, ipv4(udp(20_000, 30_000, payload)));
    for (let length = 0; length < 36; length++) {
      expect(runBpf(program, frame.subarray(0, length))).toBe(0);
    }
  });

  test('is a program that the kernel takes: short, forward, ended', () => {
    const many = { udpFrom: 1, sip: Array.from({ length: 20 }, (_, i) => 5060 + i), tunnels: [] };
    const program = voiceFilter(many, 1, SNAP);
    expect(program.length).toBeLessThan(4096);
    expect(program.at(-1)!.code).toBe(6);
    const targets = program.flatMap(({ code, jt, jf }, i) => ((code & 7) === 5 ? [i + jt, i + jf] : []));
    expect(Math.max(...targets) + 1).toBeLessThan(program.length);
    const tooMany = { ...many, sip: Array.from({ length: 300 }, (_, i) => i) };
    expect(() => voiceFilter(tooMany, 1, SNAP)).toThrow(RangeError);
  });
});

const noLibpcap = openLibpcap() === null;
describe.skipIf(noLibpcap)(`expressions${noLibpcap ? ' (skipped: no libpcap or no koffi here)' : ''}`, () => {
  const expression =
    'udp portrange 1024-65535 or udp port 5060 or udp port 5061 or udp port 500 or tcp port 5060 or tcp port 5061 ' +
    'or ip[6:2] & 0x3fff != 0 or (ip and not udp and not tcp) or (ip6 and not udp and not tcp) or ip6[6] = 44';

  test.each([
    [1, (packet: Uint8Array, version: 4 | 6) => ethernet(typeOf(version), packet)],
    [101, (packet: Uint8Array) => packet],
  ])('are compiled by libpcap for link type %i, and mean the same as the ports', (linkType, wrap) => {
    expect(passing(filterProgram({ expression }, linkType, SNAP), wrap)).toEqual(wanted);
  });

  test('that are wrong are refused with what libpcap says', () => {
    const compile = () => filterProgram({ expression: 'udp prot 5060' }, 1, SNAP);
    expect(compile).toThrow(LiveCaptureError);
    expect(compile).toThrow(
      /^the filter "udp prot 5060" cannot be used: .*syntax error.*; see man 7 pcap-filter$/,
    );
  });
});

test('without a filter everything passes, up to the length', () => {
  expect(runBpf(filterProgram(undefined, 1, 96), Uint8Array.of(1))).toBe(96);
});
