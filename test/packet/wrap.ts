import * as h from './headers.ts';
import { tunnelsOverIp } from './tunnels-over-ip.ts';
import { type Inner, innerOf, type Listed, pppOf, tagged, type Wrapping } from './wrapping.ts';

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
  ['VN-Tag', 1, (p) => h.ethernet(0x8926, h.join(h.u32(0x8012_0034), h.u16(p.type), p.ip))],
  ['E-Tag', 1, (p) => h.ethernet(0x893f, h.join([0xe0, 0x12, 0x10, 0x34, 0, 0], h.u16(p.type), p.ip))],
  ['provider backbone bridge', 1, (p) => h.ethernet(0x88e7, h.join(h.u32(77), p.frame))],
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
      tunnelsOverIp(v).map((listed) => {
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
