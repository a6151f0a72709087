import { GENEVE, GTP_U, TZSP, VXLAN } from './encapsulations.ts';
import { INSIDE_ETHERNET, INSIDE_IP, INSIDE_WIRELESS, inside, insideEthertype } from './inside.ts';
import { NO_L2TP, openL2tpOverUdp } from './l2tp.ts';
import { looksLikeEthernet, looksLikeIp } from './plausible.ts';
import { REASON_TOO_MANY_HEADERS } from './reasons.ts';
import { PORT_GENEVE, PORT_GTP_U, PORT_L2TP, PORT_TZSP, PORT_VXLAN_GPE } from './tunnel-ports.ts';
import { enterTunnel, type PacketView } from './view.ts';

/*
 * Tunnels over UDP are told by their port, and ports prove nothing: media may use any of them. A datagram is only
 * opened when its tunnel header is right to the last reserved bit AND what lies behind it begins like IP (or Ethernet
 * with something known in it). Everything else stays what it is, a plain datagram, and is looked at as RTP, RTCP and
 * SIP like all others. None of the headers accepted here can begin RTP or RTCP (first octet 0x80 to 0xbf) or SIP (a
 * letter) except VXLAN with a group policy (0x88): there the frame inside decides.
 */

/** Answer when a datagram is none of these tunnels. `view` is as it was then. */
export const PLAIN_DATAGRAM = -1;

const TRANSPARENT_ETHERNET = 0x6558;

/**
 * Opens a datagram's payload as the tunnel that its destination port names.
 *
 * @returns what is inside, a reason, or `PLAIN_DATAGRAM`
 */
export function openUdpTunnel(
  view: PacketView,
  data: DataView,
  port: number,
  start: number,
  end: number,
): number {
  if (end - start < 8) return PLAIN_DATAGRAM;
  switch (port) {
    case PORT_L2TP: {
      const answer = openL2tpOverUdp(view, data, start, end);
      return answer === NO_L2TP ? PLAIN_DATAGRAM : answer;
    }
    case PORT_GTP_U:
      return openGtp(view, data, start, end);
    case PORT_VXLAN_GPE:
      return openVxlanGpe(view, data, start, end);
    case PORT_GENEVE:
      return openGeneve(view, data, start, end);
    case PORT_TZSP:
      return openTzsp(view, data, start, end);
    default:
      return openVxlan(view, data, start, end);
  }
}

/** Enters a tunnel whose inside has been looked at. */
function enter(
  view: PacketView,
  tunnel: number,
  id: number,
  kind: number,
  start: number,
  end: number,
): number {
  return enterTunnel(view, tunnel, id, true) ? inside(view, kind, start, end) : REASON_TOO_MANY_HEADERS;
}

/**
 * VXLAN (RFC 7348 5): flags, 24 reserved bits, network identifier 24, 8 reserved bits, then Ethernet. With a group
 * policy (draft-smith-vxlan-group-policy-05) the first bit is set, too, and the reserved bits hold two flags and the
 * group.
 */
function openVxlan(view: PacketView, data: DataView, start: number, end: number): number {
  const head = data.getUint32(start);
  const plain = head === 0x0800_0000;
  const grouped = (head & 0xffb7_0000) >>> 0 === 0x8800_0000;
  if ((!plain && !grouped) || data.getUint8(start + 7) !== 0) return PLAIN_DATAGRAM;
  if (!looksLikeEthernet(data, start + 8, end)) return PLAIN_DATAGRAM;
  return enter(view, VXLAN, data.getUint32(start + 4) >>> 8, INSIDE_ETHERNET, start + 8, end);
}

/** VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe-13 3): the last octet of the first word says what is inside. */
function openVxlanGpe(view: PacketView, data: DataView, start: number, end: number): number {
  const flags = data.getUint8(start);
  // Version 0, an identifier, no OAM; then 16 reserved bits.
  if ((flags & 0xf9) !== 0x08 || data.getUint16(start + 1) !== 0) return PLAIN_DATAGRAM;
  if (data.getUint8(start + 7) !== 0) return PLAIN_DATAGRAM;
  const id = data.getUint32(start + 4) >>> 8;
  const next = (flags & 0x04) !== 0 ? data.getUint8(start + 3) : 3;
  const at = start + 8;
  if (next === 3) {
    if (!looksLikeEthernet(data, at, end)) return PLAIN_DATAGRAM;
    return enter(view, VXLAN, id, INSIDE_ETHERNET, at, end);
  }
  if (next === 1 || next === 2) {
    const version = next === 1 ? 4 : 6;
    if (!looksLikeIp(data, at, end) || data.getUint8(at) >> 4 !== version) return PLAIN_DATAGRAM;
    return enter(view, VXLAN, id, INSIDE_IP, at, end);
  }
  if (next !== 5 || end - at < 4) return PLAIN_DATAGRAM;
  if (!enterTunnel(view, VXLAN, id, true)) return REASON_TOO_MANY_HEADERS;
  return insideEthertype(view, 0x8847, at, end);
}

/**
 * Geneve (RFC 8926 3.4): version 2 bits and option length 6 in words; control and critical flag, 6 reserved bits;
 * an Ethertype; network identifier 24; 8 reserved bits; options.
 */
function openGeneve(view: PacketView, data: DataView, start: number, end: number): number {
  const first = data.getUint8(start);
  // Control messages (flag 0x80) carry no frames.
  if (first >> 6 !== 0 || (data.getUint8(start + 1) & 0xbf) !== 0) return PLAIN_DATAGRAM;
  if (data.getUint8(start + 7) !== 0) return PLAIN_DATAGRAM;
  const at = start + 8 + 4 * first;
  const type = data.getUint16(start + 2);
  const id = data.getUint32(start + 4) >>> 8;
  if (type === TRANSPARENT_ETHERNET) {
    if (!looksLikeEthernet(data, at, end)) return PLAIN_DATAGRAM;
    return enter(view, GENEVE, id, INSIDE_ETHERNET, at, end);
  }
  const version = type === 0x0800 ? 4 : type === 0x86dd ? 6 : 0;
  if (!looksLikeIp(data, at, end) || data.getUint8(at) >> 4 !== version) return PLAIN_DATAGRAM;
  return enter(view, GENEVE, id, INSIDE_IP, at, end);
}

/**
 * GTP-U (3GPP TS 29.281 5.1): version 1 and type bit, E, S and PN; message type 255; length of what follows the first
 * 8 octets; tunnel endpoint identifier. Any of the three flags brings 4 more octets, whose last names an extension
 * header; each of those is a length in words, content, and the name of the next.
 */
function openGtp(view: PacketView, data: DataView, start: number, end: number): number {
  const flags = data.getUint8(start);
  if ((flags & 0xf8) !== 0x30 || data.getUint8(start + 1) !== 255) return PLAIN_DATAGRAM;
  const messageEnd = Math.min(end, start + 8 + data.getUint16(start + 2));
  let at = start + 8;
  if ((flags & 0x07) !== 0) {
    if (messageEnd - at < 4) return PLAIN_DATAGRAM;
    let next = (flags & 0x04) !== 0 ? data.getUint8(at + 3) : 0;
    at += 4;
    while (next !== 0) {
      if (messageEnd - at < 4) return PLAIN_DATAGRAM;
      const length = 4 * data.getUint8(at);
      if (length === 0 || messageEnd - at < length) return PLAIN_DATAGRAM;
      next = data.getUint8(at + length - 1);
      at += length;
    }
  }
  if (!looksLikeIp(data, at, messageEnd)) return PLAIN_DATAGRAM;
  return enter(view, GTP_U, data.getInt32(start + 4), INSIDE_IP, at, messageEnd);
}

/**
 * TZSP (as tcpdump and Wireshark read it): version 1; type 0 received or 1 to transmit; what is inside (1 Ethernet,
 * 18 802.11); tagged fields, of which 0 (padding) and 1 (end) are single octets and all others have a length.
 */
function openTzsp(view: PacketView, data: DataView, start: number, end: number): number {
  if (data.getUint8(start) !== 1 || data.getUint8(start + 1) > 1) return PLAIN_DATAGRAM;
  const protocol = data.getUint16(start + 2);
  if (protocol !== 1 && protocol !== 18) return PLAIN_DATAGRAM;
  let at = start + 4;
  for (;;) {
    if (at >= end) return PLAIN_DATAGRAM;
    const tag = data.getUint8(at++);
    if (tag === 1) break;
    if (tag === 0) continue;
    if (at >= end) return PLAIN_DATAGRAM;
    at += 1 + data.getUint8(at);
  }
  if (protocol === 18) return enter(view, TZSP, -1, INSIDE_WIRELESS, at, end);
  if (!looksLikeEthernet(data, at, end)) return PLAIN_DATAGRAM;
  return enter(view, TZSP, -1, INSIDE_ETHERNET, at, end);
}
