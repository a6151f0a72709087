/**
 * Headers of tunnels and links around a packet, written from the documents named, not from the decoders. Everything
 * that a sender must set is set, lengths and checksums included.
 */

export type Octets = readonly number[] | Uint8Array;

/** Octets one after the other. */
export function join(...parts: Octets[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
export const u24 = (value: number): number[] => [(value >> 16) & 255, ...u16(value)];
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
const le16 = (value: number): number[] => [value & 255, (value >> 8) & 255];

/** RFC 1071: the ones' complement of the ones' complement sum. */
function checksum(octets: Octets): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += (octets[i]! << 8) | (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export const OUTER_SRC = '10.99.0.1';
export const OUTER_DST = '10.99.0.2';
const V4_SRC = [10, 99, 0, 1];
const V4_DST = [10, 99, 0, 2];
const V6_SRC = [0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const V6_DST = [0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

/** An Ethernet frame of switches: its addresses are nobody's in the calls. RFC 7042 2.1: locally administered. */
export function ethernet(type: number, payload: Octets, tags: readonly number[] = []): Uint8Array {
  const stack = tags.flatMap((id, i) => [...u16(i < tags.length - 1 ? 0x88a8 : 0x8100), ...u16(id)]);
  return join([0x06, 0, 0, 0, 0, 2], [0x06, 0, 0, 0, 0, 1], stack, u16(type), payload);
}

/** RFC 791 3.1. */
export function ipv4(protocol: number, payload: Octets, ident = 7, fragment = 0): Uint8Array {
  const head = [
    ...[0x45, 0x20],
    ...u16(20 + payload.length),
    ...u16(ident),
    ...u16(fragment),
    ...[250, protocol, 0, 0],
    ...V4_SRC,
    ...V4_DST,
  ];
  const sum = checksum(head);
  head[10] = sum >> 8;
  head[11] = sum & 255;
  return join(head, payload);
}

/** RFC 8200 3. */
export function ipv6(next: number, payload: Octets): Uint8Array {
  return join([0x62, 0, 0, 0], u16(payload.length), [next, 250], V6_SRC, V6_DST, payload);
}

/** An Ethernet frame with an outer IPv4 or IPv6 packet. */
export function carry(
  version: 4 | 6,
  protocol: number,
  payload: Octets,
  tags: readonly number[] = [],
): Uint8Array {
  return version === 4
    ? ethernet(0x0800, ipv4(protocol, payload), tags)
    : ethernet(0x86dd, ipv6(protocol, payload), tags);
}

/** RFC 768. Tunnels may leave the checksum out (RFC 6935). */
export function udp(dstPort: number, payload: Octets, srcPort = 54_321): Uint8Array {
  return join(u16(srcPort), u16(dstPort), u16(8 + payload.length), [0, 0], payload);
}

/** RFC 3032 2.1: label 20, traffic class 3, bottom of stack 1, TTL 8. */
export function mpls(labels: readonly number[], payload: Octets): Uint8Array {
  const entries = labels.flatMap((label, i) =>
    u32(((label << 12) | (i === labels.length - 1 ? 0x100 : 0) | 64) >>> 0),
  );
  return join(entries, payload);
}

/** RFC 2516 4: VER 1, TYPE 1, CODE 0, SESSION_ID, LENGTH. */
export function pppoe(session: number, payload: Octets): Uint8Array {
  return join([0x11, 0x00], u16(session), u16(payload.length), payload);
}

/** RFC 1661 2, RFC 1662 3.1. `protocol` as its octets, for it may be compressed. */
export function ppp(protocol: Octets, payload: Octets, framed = false): Uint8Array {
  return join(framed ? [0xff, 0x03] : [], protocol, payload);
}

export interface GreOptions {
  checksum?: boolean;
  key?: number;
  sequence?: number;
}

/** RFC 2784 2.1, RFC 2890 2. */
export function gre(protocol: number, payload: Octets, options: GreOptions = {}): Uint8Array {
  const { key, sequence } = options;
  const flags =
    (options.checksum === true ? 0x8000 : 0) |
    (key === undefined ? 0 : 0x2000) |
    (sequence === undefined ? 0 : 0x1000);
  const rest = [...(key === undefined ? [] : u32(key)), ...(sequence === undefined ? [] : u32(sequence))];
  if (options.checksum !== true) return join(u16(flags), u16(protocol), rest, payload);
  const sum = checksum(join(u16(flags), u16(protocol), [0, 0, 0, 0], rest, payload));
  return join(u16(flags), u16(protocol), u16(sum), [0, 0], rest, payload);
}

/** RFC 2637 4.1: version 1, key is payload length and call identifier; with an acknowledgment or without. */
export function pptp(call: number, payload: Octets, acknowledged: boolean): Uint8Array {
  const flags = acknowledged ? 0x3081 : 0x3001;
  return join(
    u16(flags),
    u16(0x880b),
    u16(payload.length),
    u16(call),
    u32(77),
    acknowledged ? u32(76) : [],
    payload,
  );
}

/** draft-foschini-erspan-03 4.2: Ver 1, VLAN, COS 5, En 3 (tag preserved), T 0, session; index. */
export function erspan2(session: number, vlan: number, frame: Octets): Uint8Array {
  return join(u16(0x1000 | vlan), u16(0xb800 | session), u32(5), frame);
}

/** draft-foschini-erspan-03 4.3: Ver 2, the same, BSO 0, time stamp, SGT; P 1, FT 0, hardware, direction, O. */
export function erspan3(session: number, vlan: number, frame: Octets, subheader: boolean): Uint8Array {
  const last = 0x8000 | (3 << 4) | (subheader ? 1 : 0);
  const platform = subheader ? [0x04, 0, 0, 0, 1, 2, 3, 4] : [];
  return join(
    u16(0x2000 | vlan),
    u16(0xa000 | session),
    u32(0x1234_5678),
    u16(100),
    u16(last),
    platform,
    frame,
  );
}

/** RFC 7348 5. */
export function vxlan(vni: number, frame: Octets): Uint8Array {
  return join([0x08, 0, 0, 0], u24(vni), [0], frame);
}

/** draft-smith-vxlan-group-policy-05 2.1: G bit, A bit ("policy applied"), group. */
export function vxlanWithPolicy(vni: number, group: number, frame: Octets): Uint8Array {
  return join([0x88, 0x08], u16(group), u24(vni), [0], frame);
}

/** draft-ietf-nvo3-vxlan-gpe-13 3.1: I and P bits, next protocol 1 IPv4, 2 IPv6, 3 Ethernet. */
export function vxlanGpe(vni: number, next: number, payload: Octets): Uint8Array {
  return join([0x0c, 0, 0, next], u24(vni), [0], payload);
}

/** RFC 8926 3.4: option length in words, protocol type, VNI; options are type-length-value of whole words. */
export function geneve(vni: number, type: number, payload: Octets, options: Octets = []): Uint8Array {
  return join([options.length / 4, 0], u16(type), u24(vni), [0], options, payload);
}

/** TS 29.281 5.1: version 1, PT 1, G-PDU; the length counts all after the first eight octets. */
export function gtpu(teid: number, payload: Octets, optional: Octets = [], flags = 0): Uint8Array {
  return join([0x30 | flags, 255], u16(optional.length + payload.length), u32(teid), optional, payload);
}

export interface L2tpOptions {
  length?: boolean;
  sequence?: boolean;
  offset?: number;
}

/** RFC 2661 3.1: a data message. */
export function l2tp2(
  tunnel: number,
  session: number,
  payload: Octets,
  options: L2tpOptions = {},
): Uint8Array {
  const { offset } = options;
  const flags =
    (options.length === true ? 0x40 : 0) |
    (options.sequence === true ? 0x08 : 0) |
    (offset === undefined ? 0 : 0x02);
  const after = [
    ...u16(tunnel),
    ...u16(session),
    ...(options.sequence === true ? [0, 9, 0, 8] : []),
    ...(offset === undefined ? [] : [...u16(offset), ...new Array<number>(offset).fill(0xee)]),
  ];
  const length = 2 + (options.length === true ? 2 : 0) + after.length + payload.length;
  return join([flags, 2], options.length === true ? u16(length) : [], after, payload);
}

/** RFC 3931 4.1.1 and 4.6: session, cookie, default sublayer (S bit and a sequence number). */
export function l2tp3(session: number, cookie: Octets, sublayer: boolean, frame: Octets): Uint8Array {
  return join(u32(session), cookie, sublayer ? [0x40, 0, 0, 9] : [], frame);
}

/** As packet-tzsp.c and print-tzsp.c read it: version, type, protocol, tags 10 (signal) and 0, end. */
export function tzsp(type: number, protocol: number, payload: Octets): Uint8Array {
  return join([1, type], u16(protocol), [10, 1, 0xc4, 0, 1], payload);
}

/** IEEE 802.11-2020 9.3.2.1 and RFC 1042: a data frame from an access point, LLC, SNAP, Ethertype. */
export function wireless(type: number, payload: Octets, qos: boolean, padded = false): Uint8Array {
  const head = join(
    [qos ? 0x88 : 0x08, 0x02, 0x2c, 0x00],
    [0x06, 0, 0, 0, 0, 2],
    [0x06, 0, 0, 0, 0, 3],
    [0x06, 0, 0, 0, 0, 1],
    [0x10, 0x00],
    qos ? [0x06, 0x00] : [],
  );
  const padding = padded ? new Uint8Array(-head.length & 3) : [];
  return join(head, padding, [0xaa, 0xaa, 0x03, 0, 0, 0], u16(type), payload);
}

/** radiotap.org: time (8, aligned), flags, rate, channel; a second word of presence bits before them. */
export function radiotap(frame: Octets, padded: boolean): Uint8Array {
  const present = [0x0f, 0, 0, 0x80, 0x20, 0, 0, 0];
  const fields = [...new Array<number>(8).fill(1), padded ? 0x20 : 0x00, 12, ...le16(2412), ...le16(0x00a0)];
  return join([0, 0], le16(4 + present.length + 4 + fields.length), present, [0, 0, 0, 0], fields, frame);
}

/** linktypes/LINKTYPE_NFLOG: family, version, group; length, type and value, host order, padded to words. */
export function nflog(family: number, packet: Octets, littleEndian: boolean): Uint8Array {
  const number16 = littleEndian ? le16 : u16;
  const attribute = (type: number, value: Octets): Uint8Array =>
    join(number16(4 + value.length), number16(type), value, new Uint8Array(-value.length & 3));
  return join(
    [family, 0, 0, 5],
    attribute(1, [8, 0, 1, 0]),
    attribute(10, [0x70, 0x66, 0]),
    attribute(9, packet),
  );
}

/** epan/exported_pdu.h: tag, length, value; the payload follows tag 0. */
export function exportedPdu(
  dissector: string,
  addresses: { src: Octets; dst: Octets },
  ports: { src: number; dst: number },
  payload: Octets,
): Uint8Array {
  const tag = (type: number, value: Octets): Uint8Array => join(u16(type), u16(value.length), value);
  const six = addresses.src.length === 16;
  const name = Array.from(dissector, (character) => character.charCodeAt(0));
  return join(
    tag(12, join(name, new Uint8Array(-name.length & 3))),
    tag(six ? 22 : 20, addresses.src),
    tag(six ? 23 : 21, addresses.dst),
    tag(24, u32(3)),
    tag(25, u32(ports.src)),
    tag(26, u32(ports.dst)),
    tag(30, u32(1)),
    [0, 0, 0, 0],
    payload,
  );
}
