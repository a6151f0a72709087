import * as h from './headers.ts';
import { ipIn, type Listed, pppOf, tagged } from './wrapping.ts';

const overGre = (v: 4 | 6, payload: Uint8Array, tags: number[] = []): Uint8Array =>
  h.carry(v, 47, payload, tags);
const overUdp = (v: 4 | 6, port: number, payload: Uint8Array): Uint8Array =>
  h.carry(v, 17, h.udp(port, payload));

/** Tunnels over IP; each in both versions. */
export const tunnelsOverIp = (v: 4 | 6): readonly Listed[] => [
  ['GRE', 'gre', null, true, (p) => overGre(v, h.gre(p.type, p.ip))],
  ['GRE with checksum', 'gre', null, true, (p) => overGre(v, h.gre(p.type, p.ip, { checksum: true }))],
  ['GRE with key', 'gre', 40, true, (p) => overGre(v, h.gre(p.type, p.ip, { key: 40 }))],
  [
    'GRE with checksum, key and sequence number',
    'gre',
    0xdead_beef,
    true,
    (p) => overGre(v, h.gre(p.type, p.ip, { checksum: true, key: 0xdead_beef, sequence: 5 })),
  ],
  ['GRE with Ethernet', 'gre', null, true, (p) => overGre(v, h.gre(0x6558, p.frame))],
  [
    'GRE with Ethernet and a small key',
    'gre',
    17,
    true,
    (p) => overGre(v, h.gre(0x6558, p.frame, { key: 17 })),
  ],
  ['GRE with MPLS', 'gre mpls', null, true, (p) => overGre(v, h.gre(0x8847, h.mpls([50], p.ip)))],
  [
    'GRE with Cisco metadata',
    'gre',
    40,
    true,
    (p) => overGre(v, h.gre(0x8909, h.join(h.u16(p.type), [1, 1, 0, 1, 0, 9], p.ip), { key: 40 })),
  ],
  ['NVGRE', 'nvgre', 0x1234, true, (p) => overGre(v, h.gre(0x6558, p.frame, { key: 0x1234_05 }))],
  ['PPTP', 'gre', 600, true, (p) => overGre(v, h.pptp(600, h.ppp(pppOf(p), p.ip, true), false))],
  [
    'PPTP with acknowledgment, compressed PPP',
    'gre',
    600,
    true,
    (p) => overGre(v, h.pptp(600, h.ppp(pppOf(p).slice(1), p.ip), true)),
  ],
  ['ERSPAN I', 'erspan1', null, true, (p) => overGre(v, h.gre(0x88be, p.frame))],
  [
    'ERSPAN II',
    'erspan2',
    21,
    true,
    (p) => overGre(v, h.gre(0x88be, h.erspan2(21, 100, tagged(p, [100, 7])), { sequence: 1 })),
    [100, 7],
  ],
  [
    'ERSPAN II of an untagged port',
    'erspan2',
    21,
    true,
    (p) => overGre(v, h.gre(0x88be, h.erspan2(21, 0, p.frame), { sequence: 1 }), [55]),
    [55],
  ],
  [
    'ERSPAN III',
    'erspan3',
    1023,
    true,
    (p) => overGre(v, h.gre(0x22eb, h.erspan3(1023, 12, p.frame, false), { sequence: 1 })),
    [12],
  ],
  [
    'ERSPAN III with platform subheader',
    'erspan3',
    3,
    true,
    (p) => overGre(v, h.gre(0x22eb, h.erspan3(3, 0, p.frame, true), { sequence: 1 })),
  ],
  ['VXLAN', 'vxlan', 5001, true, (p) => overUdp(v, 4789, h.vxlan(5001, p.frame))],
  [
    'VXLAN of tagged frames on the Linux port',
    'vxlan',
    5001,
    true,
    (p) => overUdp(v, 8472, h.vxlan(5001, tagged(p, [30]))),
    [30],
  ],
  [
    'VXLAN with group policy',
    'vxlan',
    7,
    true,
    (p) => overUdp(v, 4789, h.vxlanWithPolicy(7, 0x8001, p.frame)),
  ],
  [
    'VXLAN-GPE with IP',
    'vxlan',
    7,
    true,
    (p) => overUdp(v, 4790, h.vxlanGpe(7, p.version === 4 ? 1 : 2, p.ip)),
  ],
  ['VXLAN-GPE with Ethernet', 'vxlan', 7, true, (p) => overUdp(v, 4790, h.vxlanGpe(7, 3, p.frame))],
  [
    'VXLAN-GPE with MPLS',
    'vxlan mpls',
    7,
    true,
    (p) => overUdp(v, 4790, h.vxlanGpe(7, 5, h.mpls([9], p.ip))),
  ],
  [
    'Geneve with Ethernet',
    'geneve',
    0xabcdef,
    true,
    (p) => overUdp(v, 6081, h.geneve(0xabcdef, 0x6558, p.frame)),
  ],
  [
    'Geneve with options and IP',
    'geneve',
    3,
    true,
    (p) => overUdp(v, 6081, h.geneve(3, p.type, p.ip, [1, 2, 0x80, 1, 9, 9, 9, 9])),
  ],
  ['GTP-U', 'gtpu', 0xcafe_0001, true, (p) => overUdp(v, 2152, h.gtpu(0xcafe_0001, p.ip))],
  [
    'GTP-U with sequence number',
    'gtpu',
    5,
    true,
    (p) => overUdp(v, 2152, h.gtpu(5, p.ip, [0, 1, 0, 0], 0x02)),
  ],
  [
    'GTP-U with two extension headers (a 5G session container first)',
    'gtpu',
    5,
    true,
    (p) => overUdp(v, 2152, h.gtpu(5, p.ip, [0, 0, 0, 0x85, 1, 0x10, 9, 0xc0, 1, 0, 7, 0], 0x04)),
  ],
  ['IP in IP', '?', null, true, (p) => h.carry(v, ipIn(p), p.ip)],
  ['EtherIP', 'etherip', null, true, (p) => h.carry(v, 97, h.join([0x30, 0x00], p.frame))],
  ['L2TPv2', 'l2tp', 0x0007_0009, true, (p) => overUdp(v, 1701, h.l2tp2(7, 9, h.ppp(pppOf(p), p.ip, true)))],
  [
    'L2TPv2 with length, sequence number, offset',
    'l2tp',
    0x0007_0009,
    true,
    (p) =>
      overUdp(
        v,
        1701,
        h.l2tp2(7, 9, h.ppp(pppOf(p).slice(1), p.ip), { length: true, sequence: true, offset: 3 }),
      ),
  ],
  ['L2TPv3', 'l2tp', 0x1000_0001, true, (p) => h.carry(v, 115, h.l2tp3(0x1000_0001, [], false, p.frame))],
  [
    'L2TPv3 with cookie and sublayer',
    'l2tp',
    44,
    true,
    (p) => h.carry(v, 115, h.l2tp3(44, [9, 8, 7, 6, 5, 4, 3, 2], true, p.frame)),
  ],
  [
    'L2TPv3 over UDP, short cookie',
    'l2tp',
    44,
    true,
    (p) => overUdp(v, 1701, h.join([0, 3, 0, 0], h.l2tp3(44, [9, 8, 7, 6], false, p.frame))),
  ],
  ['TZSP', 'tzsp', null, true, (p) => overUdp(v, 37008, h.tzsp(0, 1, p.frame))],
  [
    'TZSP of 802.11',
    'tzsp',
    null,
    true,
    (p) => overUdp(v, 37008, h.tzsp(1, 18, h.wireless(p.type, p.ip, true))),
  ],
  [
    'a mirrored base station: ERSPAN of VLAN of GTP-U',
    'erspan2 gtpu',
    2,
    true,
    (p) => {
      const station = h.carry(4, 17, h.udp(2152, h.gtpu(77, p.ip)), [600, 601]);
      return overGre(v, h.gre(0x88be, h.erspan2(2, 600, station), { sequence: 1 }), [10]);
    },
    [10, 600, 601],
  ],
  [
    'eight tunnels inside each other',
    'vxlan mpls pppoe gre l2tp geneve nvgre etherip',
    1,
    true,
    (p) => {
      const nvgre = overGre(4, h.gre(0x6558, h.carry(6, 97, h.join([0x30, 0], p.frame)), { key: 0x2000_00 }));
      const geneve = h.ipv4(17, h.udp(6081, h.geneve(2, 0x6558, nvgre)));
      const l2tp = h.ipv6(17, h.udp(1701, h.l2tp2(1, 1, h.ppp([0x21], geneve))));
      const pppoe = h.ethernet(0x8864, h.pppoe(3, h.ppp([0x21], h.ipv4(47, h.gre(0x86dd, l2tp)))));
      return overUdp(v, 4789, h.vxlan(1, h.ethernet(0x8847, h.mpls([5], h.join([0, 0, 0, 0], pppoe)))));
    },
  ],
];
