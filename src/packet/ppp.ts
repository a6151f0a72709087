import { PPPOE } from './encapsulations.ts';
import { INSIDE_ETHERNET, INSIDE_IP, inside, insideEthertype } from './inside.ts';
import {
  REASON_ENCRYPTED,
  REASON_NOT_IP,
  REASON_TOO_MANY_HEADERS,
  REASON_TRUNCATED_LINK,
} from './reasons.ts';
import { enterTunnel, type PacketView } from './view.ts';

const IPV4 = 0x0021;
const IPV6 = 0x0057;
const BRIDGING = 0x0031;
const MPLS_UNICAST = 0x0281;
const MPLS_MULTICAST = 0x0283;
const ENCRYPTED = 0x0053;
/** Compressed datagram; MPPE, the encryption of PPTP, sends it as well (RFC 3078 3.1). */
const COMPRESSED = 0x00fd;

/**
 * PPP (RFC 1661), with or without the HDLC-like address and control octets FF 03 (RFC 1662 3.1), the protocol field
 * in two octets or compressed to one: the last octet of a protocol number is odd and all others are even.
 */
export function decodePpp(view: PacketView, data: DataView, start: number, end: number): number {
  let at = start;
  if (end - at >= 2 && data.getUint16(at) === 0xff03) at += 2;
  if (end - at < 1) return REASON_TRUNCATED_LINK;
  let protocol = data.getUint8(at++);
  if ((protocol & 1) === 0) {
    if (end - at < 1) return REASON_TRUNCATED_LINK;
    protocol = (protocol << 8) | data.getUint8(at++);
  }
  if (protocol === IPV4 || protocol === IPV6) return inside(view, INSIDE_IP, at, end);
  if (protocol === MPLS_UNICAST || protocol === MPLS_MULTICAST) return insideEthertype(view, 0x8847, at, end);
  if (protocol === BRIDGING) return decodeBridged(view, data, at, end);
  return protocol === ENCRYPTED || protocol === COMPRESSED ? REASON_ENCRYPTED : REASON_NOT_IP;
}

/** A bridged frame (RFC 3518 4.2): flags with the pad length, the MAC type (1: Ethernet), the frame. */
function decodeBridged(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 2) return REASON_TRUNCATED_LINK;
  if (data.getUint8(start + 1) !== 1) return REASON_NOT_IP;
  // Flag bit 0x40 says that a LAN identification of four octets comes first.
  const head = (data.getUint8(start) & 0x40) !== 0 ? 6 : 2;
  if (end - start < head) return REASON_TRUNCATED_LINK;
  return inside(view, INSIDE_ETHERNET, start + head, end);
}

/** PPPoE session (RFC 2516 4): version and type 1, code 0, session, length, then PPP without address and control. */
export function openPppoe(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 6) return REASON_TRUNCATED_LINK;
  if (data.getUint16(start) !== 0x1100) return REASON_NOT_IP;
  const session = data.getUint16(start + 2);
  if (!enterTunnel(view, PPPOE, session, false)) return REASON_TOO_MANY_HEADERS;
  return decodePpp(view, data, start + 6, Math.min(end, start + 6 + data.getUint16(start + 4)));
}

/** Cisco HDLC (RFC 1547 4.3.1): address 0F (unicast) or 8F (multicast), control 0, then an Ethertype. */
export function decodeCiscoHdlc(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 4) return REASON_TRUNCATED_LINK;
  const head = data.getUint16(start);
  if (head !== 0x0f00 && head !== 0x8f00) return REASON_NOT_IP;
  return insideEthertype(view, data.getUint16(start + 2), start + 4, end);
}

/** A serial line (LINKTYPE_PPP_HDLC): PPP in HDLC-like framing, or Cisco HDLC, told apart by the address octet. */
export function decodeSerial(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 1) return REASON_TRUNCATED_LINK;
  const address = data.getUint8(start);
  if (address === 0x0f || address === 0x8f) return decodeCiscoHdlc(view, data, start, end);
  return decodePpp(view, data, start, end);
}
