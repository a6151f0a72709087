import * as h from './headers.ts';

/** A packet of the generator, taken apart: an untagged Ethernet frame around IP. */
export interface Inner {
  frame: Uint8Array;
  ip: Uint8Array;
  /** Ethertype of `ip`. */
  type: number;
  version: 4 | 6;
}

/** One way in which a mirror port, a router or a card hands packets over. */
export interface Wrapping {
  name: string;
  linkType: number;
  /** What the report must say. */
  encapsulation: string[];
  vlans: number[];
  /** The outermost tunnel's number, and whether it has addresses; null without tunnel. */
  tunnel: { id: number | null; addressed: boolean } | null;
  wrap(inner: Inner): Uint8Array;
}

export function innerOf(frame: Uint8Array): Inner {
  const type = (frame[12]! << 8) | frame[13]!;
  return { frame, ip: frame.subarray(14), type, version: type === 0x0800 ? 4 : 6 };
}

const pppOf = (inner: Inner): number[] => (inner.version === 4 ? [0x00, 0x21] : [0x00, 0x57]);
const ipIn = (inner: Inner): number => (inner.version === 4 ? 4 : 41);

/** The inner frame with tags of its own. */
function tagged(inner: Inner, tags: readonly number[]): Uint8Array {
  return h.join(
    inner.frame.subarray(0, 12),
    tags.flatMap((id) => [0x81, 0x00, ...h.u16(0xa000 | id)]),
    inner.frame.subarray(12),
  );
}

type Listed = readonly [
  name: string,
  encapsulation: string,
  id: number | null,
  addressed: boolean,
  wrap: (inner: Inner) => Uint8Array,
  vlans?: number[],
];

/** Tunnels on Ethernet that have no outer addresses. */
const UNADDRESSED: readonly Listed[] = [
  ['MPLS, three labels', 'mpls', 18, false, (p) => h.ethernet(0x8847, h.mpls([16, 17, 18], p.ip))],
  ['MPLS multicast', 'mpls', 18, false, (p) => h.ethernet(0x8848, h.mpls([18], p.ip))],
  [
    'MPLS pseudowire with control word',
    'mpls',
    900,
    false,
    (p) => h.ethernet(0x8847, h.mpls([33, 900], h.join([0, 0, 0, 3], p.frame))),
  ],
  ['MPLS pseudowire without', 'mpls', 900, false, (p) => h.ethernet(0x8847, h.mpls([33, 900], p.frame))],
  [
    'MPLS pseudowire without, MAC address like IPv4',
    'mpls',
    900,
    false,
    (p) => h.ethernet(0x8847, h.mpls([900], h.join([0x46, 0x12, 0x34], p.frame.subarray(3)))),
  ],
  [
    'MPLS pseudowire of tagged frames',
    'mpls',
    900,
    false,
    (p) => h.ethernet(0x8847, h.mpls([900], h.join([0, 0, 0, 0], tagged(p, [301])))),
    [301],
  ],
  ['PPPoE', 'pppoe', 0x1234, false, (p) => h.ethernet(0x8864, h.pppoe(0x1234, h.ppp(pppOf(p), p.ip)))],
  [
    'PPPoE, protocol compressed, two tags',
    'pppoe',
    9,
    false,
    (p) => h.ethernet(0x8864, h.pppoe(9, h.ppp(pppOf(p).slice(1), p.ip)), [421, 785]),
    [421, 785],
  ],
  [
    'PPPoE with MPLS in PPP',
    'pppoe mpls',
    9,
    false,
    (p) => h.ethernet(0x8864, h.pppoe(9, h.ppp([0x02, 0x81], h.mpls([77], p.ip)))),
  ],
  [
    'PPPoE with bridged Ethernet',
    'pppoe',
    9,
    false,
    (p) => h.ethernet(0x8864, h.pppoe(9, h.ppp([0x00, 0x31, 0x00, 0x01], p.frame))),
  ],
];

const overGre = (v: 4 | 6, payload: Uint8Array, tags: number[] = []): Uint8Array =>
  h.carry(v, 47, payload, tags);
const overUdp = (v: 4 | 6, port: number, payload: Uint8Array): Uint8Array =>
  h.carry(v, 17, h.udp(port, payload));

/** Tunnels over IP; each in both versions. */
const over = (v: 4 | 6): readonly Listed[] => [
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

/** Link types without Ethernet. */
const LINKS: readonly (readonly [name: string, linkType: number, wrap: (inner: Inner) => Uint8Array])[] = [
  ['PPP', 9, (p) => h.ppp(pppOf(p), p.ip)],
  ['PPP in HDLC framing', 9, (p) => h.ppp(pppOf(p), p.ip, true)],
  ['PPP, protocol compressed', 9, (p) => h.ppp(pppOf(p).slice(1), p.ip)],
  ['serial line with PPP', 50, (p) => h.ppp(pppOf(p), p.ip, true)],
  ['serial line with Cisco HDLC', 50, (p) => h.join([0x0f, 0x00], h.u16(p.type), p.ip)],
  ['Cisco HDLC multicast', 104, (p) => h.join([0x8f, 0x00], h.u16(p.type), p.ip)],
  ['802.11', 105, (p) => h.wireless(p.type, p.ip, false)],
  ['802.11 QoS', 105, (p) => h.wireless(p.type, p.ip, true)],
  ['radiotap', 127, (p) => h.radiotap(h.wireless(p.type, p.ip, true), false)],
  ['radiotap with padded data', 127, (p) => h.radiotap(h.wireless(p.type, p.ip, true, true), true)],
  ['raw', 101, (p) => p.ip],
  ['netfilter log, little-endian', 239, (p) => h.nflog(p.version === 4 ? 2 : 10, p.ip, true)],
  ['netfilter log, big-endian', 239, (p) => h.nflog(p.version === 4 ? 2 : 10, p.ip, false)],
  ['Ethernet with LLC and SNAP', 1, (p) => llc(p)],
  ['Cisco metadata tag', 1, (p) => metadata(p)],
];

function llc(inner: Inner): Uint8Array {
  const body = h.join([0xaa, 0xaa, 0x03, 0, 0, 0], h.u16(inner.type), inner.ip);
  return h.ethernet(Math.min(1500, body.length), body);
}

function metadata(inner: Inner): Uint8Array {
  return h.ethernet(0x8909, h.join([1, 1, 0, 1, 0, 9], h.u16(inner.type), inner.ip));
}

/** RFC 4302 2: an authentication header between the IP header and the transport, in transport mode. */
function authenticated(inner: Inner): Uint8Array {
  const { ip, version } = inner;
  const head = version === 4 ? 20 : 40;
  const protocolAt = version === 4 ? 9 : 6;
  const value = version === 4 ? 12 : 16;
  const header = h.join(
    [ip[protocolAt]!, (12 + value) / 4 - 2, 0, 0],
    h.u32(99),
    h.u32(1),
    new Uint8Array(value),
  );
  const out = h.join(ip.subarray(0, head), header, ip.subarray(head));
  out[protocolAt] = 51;
  const lengthAt = version === 4 ? 2 : 4;
  out.set(h.u16(out.length - (version === 4 ? 0 : 40)), lengthAt);
  return h.join(inner.frame.subarray(0, 14), out);
}

/** RFC 3828 3.1: the length field is the coverage, here the header only. */
function lite(inner: Inner): Uint8Array {
  const out = Uint8Array.from(inner.frame);
  const protocolAt = inner.version === 4 ? 23 : 20;
  if (out[protocolAt] !== 17) return out;
  out[protocolAt] = 136;
  out.set(h.u16(8), (inner.version === 4 ? 34 : 54) + 4);
  return out;
}

/** Every wrapping, for packets of one IP version. */
export function wrappings(inner: 4 | 6): Wrapping[] {
  const onEthernet = (
    [name, encapsulation, id, addressed, wrap, vlans = []]: Listed,
    outer: string,
  ): Wrapping => ({
    name: `${name}${outer}`,
    linkType: 1,
    encapsulation: encapsulation.split(' '),
    vlans,
    tunnel: { id, addressed },
    wrap,
  });
  const plain = { encapsulation: [], vlans: [], tunnel: null };
  const ipIp = (v: 4 | 6): string => (inner === 6 && v === 4 ? '6in4' : 'ipip');
  return [
    ...UNADDRESSED.map((listed) => onEthernet(listed, '')),
    ...([4, 6] as const).flatMap((v) =>
      over(v).map((listed) => {
        const wrapping = onEthernet(listed, ` over IPv${v}`);
        return listed[1] === '?' ? { ...wrapping, encapsulation: [ipIp(v)] } : wrapping;
      }),
    ),
    ...LINKS.map(([name, linkType, wrap]) => ({ name, linkType, ...plain, wrap })),
    {
      name: 'PPPoE without Ethernet',
      linkType: 51,
      ...plain,
      encapsulation: ['pppoe'],
      tunnel: { id: 4, addressed: false },
      wrap: (p) => h.pppoe(4, h.ppp(pppOf(p), p.ip)),
    },
    {
      name: 'MPLS without Ethernet',
      linkType: 219,
      ...plain,
      encapsulation: ['mpls'],
      tunnel: { id: 4, addressed: false },
      wrap: (p) => h.mpls([4], p.ip),
    },
    { name: 'four tags', linkType: 1, ...plain, vlans: [1, 2, 3, 4], wrap: (p) => tagged(p, [1, 2, 3, 4]) },
    { name: 'an authentication header', linkType: 1, ...plain, wrap: authenticated },
    { name: 'UDP-Lite', linkType: 1, ...plain, wrap: lite },
  ];
}

/** A little-endian pcap file with every packet of `pcap` (Ethernet, untagged) replaced by what `each` makes of it. */
export function rewrap(
  pcap: Uint8Array,
  linkType: number,
  each: (inner: Inner) => readonly Uint8Array[],
): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const header = pcap.slice(0, 24);
  new DataView(header.buffer).setUint32(20, linkType, true);
  const parts: Uint8Array[] = [header];
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    for (const packet of each(innerOf(pcap.subarray(at + 16, at + 16 + length)))) {
      const record = pcap.slice(at, at + 16);
      const fields = new DataView(record.buffer);
      fields.setUint32(8, packet.length, true);
      fields.setUint32(12, packet.length, true);
      parts.push(record, packet);
    }
    at += 16 + length;
  }
  return h.join(...parts);
}
