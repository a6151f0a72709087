import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { createBatch } from '../../src/packet/batch.ts';
import { encapsulationName } from '../../src/packet/encapsulations.ts';
import { decodeFrame } from '../../src/packet/link.ts';
import { DECODED, REASON_NAMES } from '../../src/packet/reasons.ts';
import { PacketView, tunnelAt } from '../../src/packet/view.ts';
import type { StreamRecord } from '../../src/records/types.ts';
import * as h from './headers.ts';

interface Decoded {
  reason: string;
  view: PacketView;
  tunnels: string[];
}

function decode(linkType: number, frame: Uint8Array, captured = frame.length): Decoded {
  const view = new PacketView();
  const data = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const answer = decodeFrame(view, data, linkType, 0, captured);
  const kinds = view.path === 0 ? [] : [0, 1, 2, 3, 4, 5, 6, 7].map((i) => tunnelAt(view, i));
  return { reason: REASON_NAMES[answer]!, view, tunnels: kinds.filter((k) => k > 0).map(encapsulationName) };
}

const ETHERNET = 1;
const text = (string: string): Uint8Array => Uint8Array.from(string, (c) => c.charCodeAt(0));
const voice = h.ipv4(17, h.udp(4000, new Uint8Array(172).fill(0x80)));
const frame = h.ethernet(0x0800, voice);

describe('voice on the ports of tunnels stays voice', () => {
  const rtp = h.join([0x80, 0x00, 0x12, 0x34], h.u32(160), h.u32(0xabcdef), new Uint8Array(160).fill(0xd5));
  const eightSources = h.join([0x88, 0x08, 0x00, 0x07], h.u32(0x0000_0700), new Uint8Array(200).fill(8));
  const rtcp = h.join([0x80, 201, 0, 1], h.u32(7));
  const ports = [1701, 2152, 4789, 4790, 6081, 8472, 37008];
  const contents: [string, Uint8Array][] = [
    ['RTP', rtp],
    ['RTP with eight contributing sources, like VXLAN with a policy', eightSources],
    ['RTCP', rtcp],
    ['SIP', text('INVITE sip:bob@example.com SIP/2.0\r\n\r\n')],
    ['SIP that begins like L2TP', text('BYE sip:bob@example.com SIP/2.0\r\n\r\n')],
    ['a SIP response', text('SIP/2.0 200 OK\r\n\r\n')],
    ['a STUN request', h.join([0, 1, 0, 0], h.u32(0x2112a442), new Uint8Array(12))],
    ['one octet', Uint8Array.of(0x08)],
    ['zeros', new Uint8Array(64)],
  ];
  test.each(ports.flatMap((port) => contents.map(([name, content]) => [port, name, content] as const)))(
    'port %i, %s',
    (port, _, content) => {
      const { reason, view, tunnels } = decode(ETHERNET, h.carry(4, 17, h.udp(port, content)));
      expect(reason).toBe('decoded');
      expect([view.path, tunnels, view.dstPort, view.payloadLength]).toEqual([0, [], port, content.length]);
    },
  );

  test('a whole stream to port 4789 is measured', () => {
    const streams: StreamRecord[] = [];
    const engine = new Engine({
      stream: (record) => streams.push(record),
      call: () => {},
      finding: () => {},
    });
    const packets = Array.from({ length: 50 }, (_, i) =>
      h.carry(
        4,
        17,
        h.udp(4789, h.join([0x80, 0], h.u16(i), h.u32(160 * i), h.u32(77), new Uint8Array(160))),
      ),
    );
    const batch = createBatch(h.join(...packets) as Uint8Array<ArrayBuffer>, 50);
    let at = 0;
    for (const [i, packet] of packets.entries()) {
      batch.offset[i] = at;
      batch.capturedLength[i] = packet.length;
      batch.originalLength[i] = packet.length;
      batch.timeUs[i] = 1e15 + 20_000 * i;
      batch.linkType[i] = ETHERNET;
      at += packet.length;
    }
    batch.count = packets.length;
    engine.ingest(batch);
    engine.finish();
    expect(streams.map((s) => [s.packets, s.dst.port, s.encapsulation, s.tunnel])).toEqual([
      [50, 4789, [], null],
    ]);
  });
});

describe('headers that are not quite right leave the datagram plain', () => {
  const broken = (port: number, payload: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(payload);
    copy[at] = value;
    return h.carry(4, 17, h.udp(port, copy));
  };
  test.each([
    ['VXLAN, a reserved bit', broken(4789, h.vxlan(5, frame), 1, 1)],
    ['VXLAN, the last reserved octet', broken(4789, h.vxlan(5, frame), 7, 1)],
    ['VXLAN, no identifier', broken(4789, h.vxlan(5, frame), 0, 0)],
    ['VXLAN with ARP cut short', h.carry(4, 17, h.udp(4789, h.vxlan(5, h.ethernet(0x0806, [0, 1]))))],
    ['VXLAN-GPE, OAM', broken(4790, h.vxlanGpe(5, 1, voice), 0, 0x0d)],
    ['VXLAN-GPE, NSH', h.carry(4, 17, h.udp(4790, h.vxlanGpe(5, 4, voice)))],
    ['VXLAN-GPE, IPv6 that is IPv4', h.carry(4, 17, h.udp(4790, h.vxlanGpe(5, 2, voice)))],
    ['Geneve, version 1', broken(6081, h.geneve(5, 0x6558, frame), 0, 0x40)],
    ['Geneve, control', broken(6081, h.geneve(5, 0x6558, frame), 1, 0x80)],
    ['Geneve, options beyond the end', broken(6081, h.geneve(5, 0x6558, frame), 0, 0x3f)],
    ['Geneve, another protocol', h.carry(4, 17, h.udp(6081, h.geneve(5, 0x22eb, voice)))],
    ['GTP-U, echo', broken(2152, h.gtpu(0, voice), 1, 1)],
    ['GTP, version 2', broken(2152, h.gtpu(0, voice), 0, 0x48)],
    [
      'GTP-U, extension of no length',
      h.carry(4, 17, h.udp(2152, h.gtpu(5, voice, [0, 0, 0, 0x85, 0, 0, 0, 0], 4))),
    ],
    ['L2TP, control', h.carry(4, 17, h.udp(1701, h.join([0xc8, 2, 0, 12], h.u32(7), h.u32(0))))],
    ['L2TP, LCP', h.carry(4, 17, h.udp(1701, h.l2tp2(7, 9, h.ppp([0xc0, 0x21], [1, 1, 0, 4], true))))],
    ['TZSP, keep-alive', broken(37008, h.tzsp(0, 1, frame), 1, 4)],
    ['TZSP, no end', h.carry(4, 17, h.udp(37008, h.join([1, 0, 0, 1], new Uint8Array(20))))],
  ])('%s', (_, packet) => {
    const { reason, tunnels } = decode(ETHERNET, packet);
    expect([reason, tunnels]).toEqual(['decoded', []]);
  });
});

describe('what is in a tunnel and is no voice has its reason', () => {
  const arp = h.ethernet(0x0806, h.join([0, 1, 8, 0, 6, 4, 0, 1], new Uint8Array(20)));
  test.each([
    ['not_ip', 'ARP in VXLAN', h.carry(4, 17, h.udp(4789, h.vxlan(5, arp)))],
    ['icmp', 'ICMP in GTP-U', h.carry(4, 17, h.udp(2152, h.gtpu(5, h.ipv4(1, new Uint8Array(8)))))],
    ['not_ip', 'a GRE keep-alive', h.carry(4, 47, h.gre(0, []))],
    [
      'not_ip',
      'spanning tree in ERSPAN',
      h.carry(
        4,
        47,
        h.gre(0x88be, h.erspan2(1, 5, h.ethernet(38, h.join([0x42, 0x42, 3], new Uint8Array(35)))), {
          sequence: 1,
        }),
      ),
    ],
    [
      'other_ip_protocol',
      'GRE with source routes',
      h.carry(4, 47, h.join([0x40, 0, 8, 0, 0, 0, 0, 0], voice)),
    ],
    [
      'other_ip_protocol',
      'ERSPAN of an unknown version',
      h.carry(4, 47, h.gre(0x22eb, h.join([0x70, 0, 0, 0], new Uint8Array(40)), { sequence: 1 })),
    ],
    [
      'empty_payload',
      'a PPTP acknowledgment',
      h.carry(4, 47, h.join([0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 9], h.u32(5))),
    ],
    ['encrypted', 'ESP', h.carry(4, 50, new Uint8Array(80))],
    ['encrypted', 'ESP over IPv6', h.carry(6, 50, new Uint8Array(80))],
    ['encrypted', 'MPPE in PPTP', h.carry(4, 47, h.pptp(9, h.ppp([0x00, 0xfd], new Uint8Array(40)), false))],
    ['not_ip', 'PPPoE discovery', h.ethernet(0x8863, [0x11, 9, 0, 0, 0, 0])],
    ['not_ip', 'an MPLS associated channel', h.ethernet(0x8847, h.mpls([9], [0x10, 0, 0, 0x21, 1, 2, 3, 4]))],
    ['other_ip_protocol', 'L2TPv3 control', h.carry(4, 115, h.join(h.u32(0), new Uint8Array(40)))],
    [
      'other_ip_protocol',
      'L2TPv3 whose frame could be in two places',
      h.carry(
        4,
        115,
        h.l2tp3(
          5,
          [],
          false,
          h.join([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 8, 6, 0, 1], [8, 6, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ),
      ),
    ],
    ['other_ip_protocol', 'EtherIP of another version', h.carry(4, 97, h.join([0x40, 0], frame))],
    [
      'too_many_headers',
      'nine tunnels',
      Array.from({ length: 9 }).reduce<Uint8Array>((inner) => h.ipv4(4, inner), voice),
    ],
    [
      'too_many_headers',
      'seventeen labels',
      h.ethernet(0x8847, h.mpls(new Array<number>(17).fill(9), voice)),
    ],
  ])('%s: %s', (reason, name, packet) => {
    expect(decode(name === 'nine tunnels' ? 101 : ETHERNET, packet).reason).toBe(reason);
  });

  test.each([
    ['encrypted', 'protected', [0x08, 0x42]],
    ['not_ip', 'a beacon', [0x80, 0x00]],
    ['not_ip', 'no data', [0x48, 0x02]],
  ])('%s: 802.11, %s', (reason, _, control) => {
    expect(decode(105, h.join(control, h.wireless(0x0800, voice, false).subarray(2))).reason).toBe(reason);
  });

  test('802.11 aggregates and later fragments are not taken for a frame', () => {
    const aggregate = Uint8Array.from(h.wireless(0x0800, voice, true));
    aggregate[24] = aggregate[24]! | 0x80;
    const later = Uint8Array.from(h.wireless(0x0800, voice, true));
    later[22] = later[22]! | 1;
    expect([decode(105, aggregate).reason, decode(105, later).reason]).toEqual(['not_ip', 'not_ip']);
  });

  test('a frame that radiotap says was damaged', () => {
    const packet = Uint8Array.from(h.radiotap(h.wireless(0x0800, voice, true), false));
    packet[28 - 4] = 0x40;
    expect(decode(127, packet).reason).toBe('not_ip');
  });

  test('exported TCP, or payload without addresses', () => {
    const known = h.exportedPdu(
      'sip',
      { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] },
      { src: 5060, dst: 5061 },
      [65],
    );
    expect(decode(252, known).reason).toBe('decoded');
    const tcp = Uint8Array.from(known);
    const portType = 8 + 8 + 8 + 4 + 3;
    expect(tcp[portType]).toBe(3);
    tcp[portType] = 2;
    expect(decode(252, tcp).reason).toBe('other_ip_protocol');
    expect(decode(252, h.join([0, 12, 0, 4], text('sip\0'), h.u32(0), text('INVITE'))).reason).toBe(
      'other_ip_protocol',
    );
  });
});

describe('facts of the outer packet', () => {
  test('a mirror that cuts frames: lengths inside count, not those of the tunnel', () => {
    const cut = h.carry(4, 47, h.gre(0x88be, h.erspan2(3, 9, frame.subarray(0, 60)), { sequence: 1 }));
    const { reason, view } = decode(ETHERNET, cut);
    expect([reason, view.payloadLength, view.payloadWireLength]).toEqual(['decoded', 60 - 14 - 28, 172]);
  });

  test('a snap length cuts the innermost payload only', () => {
    const whole = h.carry(6, 17, h.udp(4789, h.vxlan(3, frame)));
    const { reason, view } = decode(ETHERNET, whole, whole.length - 100);
    expect([reason, view.payloadLength, view.payloadWireLength]).toEqual(['decoded', 72, 172]);
  });

  test('the way of one packet is forgotten with the next', () => {
    const view = new PacketView();
    const send = (packet: Uint8Array): number =>
      decodeFrame(view, new DataView(packet.buffer), ETHERNET, 0, packet.length);
    expect(send(h.carry(4, 17, h.udp(4789, h.vxlan(3, frame)), [5, 6]))).toBe(DECODED);
    const first = view.path;
    expect(send(Uint8Array.from(frame))).toBe(DECODED);
    expect(view.path).toBe(0);
    expect(send(h.carry(4, 47, h.gre(0x0800, voice)))).toBe(DECODED);
    expect([tunnelAt(view, 0), tunnelAt(view, 1)].map(encapsulationName)).toEqual(['gre', '']);
    expect(view.path).not.toBe(first);
    expect(send(h.carry(4, 17, h.udp(4789, h.vxlan(4, frame)), [5, 6]))).toBe(DECODED);
    // The network number is no part of the path: a stream that moves to another stays steady.
    expect(view.path).toBe(first);
  });

  test('GRE keys below the range of NVGRE are ordinary keys', () => {
    const keyed = (key: number): string[] =>
      decode(ETHERNET, h.carry(4, 47, h.gre(0x6558, frame, { key }))).tunnels;
    expect([keyed(0x0f_ff_ff), keyed(0x10_00_00)]).toEqual([['gre'], ['nvgre']]);
  });
});
