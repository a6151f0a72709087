import { isIpv4 } from './address.ts';
import { insideTransport } from './inside.ts';
import { decodeIpProtocol } from './ip-protocols.ts';
import {
  DECODED,
  REASON_BAD_IP_HEADER,
  REASON_BAD_TRANSPORT,
  REASON_EMPTY_PAYLOAD,
  REASON_IP_FRAGMENT,
  REASON_TOO_MANY_HEADERS,
  REASON_TRUNCATED_IP,
  REASON_TRUNCATED_TRANSPORT,
} from './reasons.ts';
import { TUNNEL_PORTS } from './tunnel-ports.ts';
import { openUdpTunnel, PLAIN_DATAGRAM } from './udp-tunnels.ts';
import { MAPPED_PREFIX_WORD, type PacketView } from './view.ts';

export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
const PROTOCOL_UDP_LITE = 136;

/** As a constant of this module it is known to the compiler; an imported one is loaded for every packet. */
const PORTS_OF_TUNNELS = TUNNEL_PORTS;

/** RFC 8200 allows each extension header once (destination options twice): more is an attack. */
const EXTENSION_HEADERS_MAX = 10;

/**
 * Decodes an IPv4 or IPv6 packet, told apart by its version nibble, to its UDP or TCP payload.
 *
 * The end of the data is the IP length, not the frame's: Ethernet padding must never count as payload. A capture
 * cut by a snap length keeps what is there and says how long the payload was on the wire.
 */
export function decodeIp(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 1) return REASON_TRUNCATED_IP;
  const version = data.getUint8(start) >> 4;
  if (version === 4) return decodeIpv4(view, data, start, end);
  if (version === 6) return decodeIpv6(view, data, start, end);
  return REASON_BAD_IP_HEADER;
}

/** RFC 791 3.1. A total length of zero is a packet the card segments later (TSO): the captured length rules. */
function decodeIpv4(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 20) return REASON_TRUNCATED_IP;
  const headerLength = (data.getUint8(start) & 0x0f) * 4;
  if (headerLength < 20) return REASON_BAD_IP_HEADER;
  const totalLength = data.getUint16(start + 2);
  if (totalLength !== 0 && totalLength < headerLength) return REASON_BAD_IP_HEADER;
  if (end - start < headerLength) return REASON_TRUNCATED_IP;
  const wireEnd = totalLength === 0 ? end : start + totalLength;

  view.tos = data.getUint8(start + 1);
  view.ttl = data.getUint8(start + 8);
  const identAndFragment = data.getInt32(start + 4);
  view.ident = identAndFragment >>> 16;
  view.src0 = 0;
  view.src1 = 0;
  view.src2 = MAPPED_PREFIX_WORD;
  view.src3 = data.getInt32(start + 12);
  view.dst0 = 0;
  view.dst1 = 0;
  view.dst2 = MAPPED_PREFIX_WORD;
  view.dst3 = data.getInt32(start + 16);
  if ((identAndFragment & 0x3fff) !== 0) return fragmentOfIpv4(view, data, start, headerLength, end, wireEnd);
  const protocol = data.getUint8(start + 9);
  return decodeTransport(view, data, protocol, start + headerLength, Math.min(end, wireEnd), wireEnd);
}

function fragmentOfIpv4(
  view: PacketView,
  data: DataView,
  start: number,
  headerLength: number,
  end: number,
  wireEnd: number,
): number {
  const fragment = data.getUint16(start + 6);
  view.fragmentId = data.getUint16(start + 4);
  view.fragmentOffset = (fragment & 0x1fff) * 8;
  view.fragmentMore = (fragment >> 13) & 1;
  return fragmentOf(view, data.getUint8(start + 9), start + headerLength, Math.min(end, wireEnd), wireEnd);
}

/** Answers that a fragment's data lie from `start` to `end`: whoever has the others goes on with them. */
function fragmentOf(view: PacketView, protocol: number, start: number, end: number, wireEnd: number): number {
  insideTransport(view, protocol, start, end, wireEnd);
  return REASON_IP_FRAGMENT;
}

/** RFC 8200 section 3 and 4: fixed header, then extension headers until the transport. */
function decodeIpv6(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 40) return REASON_TRUNCATED_IP;
  const payloadLength = data.getUint16(start + 4);
  const wireEnd = payloadLength === 0 ? end : start + 40 + payloadLength;
  const capturedEnd = Math.min(end, wireEnd);
  view.tos = (data.getUint16(start) >> 4) & 0xff;
  view.ttl = data.getUint8(start + 7);
  view.ident = 0;
  view.src0 = data.getInt32(start + 8);
  view.src1 = data.getInt32(start + 12);
  view.src2 = data.getInt32(start + 16);
  view.src3 = data.getInt32(start + 20);
  view.dst0 = data.getInt32(start + 24);
  view.dst1 = data.getInt32(start + 28);
  view.dst2 = data.getInt32(start + 32);
  view.dst3 = data.getInt32(start + 36);
  return decodeHeaders(view, data, data.getUint8(start + 6), start + 40, capturedEnd, wireEnd);
}

/** IPv6 extension headers as far as the transport header, and that (RFC 8200 4). */
function decodeHeaders(
  view: PacketView,
  data: DataView,
  first: number,
  start: number,
  end: number,
  wireEnd: number,
): number {
  let next = first;
  let offset = start;
  for (let headers = 0; headers <= EXTENSION_HEADERS_MAX; headers++) {
    if (next === 0 || next === 43 || next === 60 || next === 135) {
      if (end - offset < 8) return REASON_TRUNCATED_IP;
      next = data.getUint8(offset);
      offset += (data.getUint8(offset + 1) + 1) * 8;
    } else if (next === 51) {
      // Authentication header: its length counts four-byte words less two (RFC 4302 2.2).
      if (end - offset < 12) return REASON_TRUNCATED_IP;
      next = data.getUint8(offset);
      offset += (data.getUint8(offset + 1) + 2) * 4;
    } else if (next === 44) {
      if (end - offset < 8) return REASON_TRUNCATED_IP;
      next = data.getUint8(offset);
      const fragment = data.getUint16(offset + 2);
      offset += 8;
      // Offset 0 and nothing more to come: a whole datagram (RFC 6946).
      if ((fragment & 0xfff9) === 0) continue;
      view.fragmentId = data.getInt32(offset - 4);
      view.fragmentOffset = fragment & 0xfff8;
      view.fragmentMore = fragment & 1;
      return fragmentOf(view, next, offset, end, wireEnd);
    } else {
      return decodeTransport(view, data, next, offset, end, wireEnd);
    }
  }
  return REASON_TOO_MANY_HEADERS;
}

/** Goes on in a reassembled datagram, or behind an authentication header: `innerType` is the protocol there. */
export function decodeInsideTransport(view: PacketView, data: DataView): number {
  const { innerType: protocol, innerStart: start, innerEnd: end, innerWireEnd: wireEnd } = view;
  if (isIpv4(view.src0, view.src1, view.src2)) {
    return decodeTransport(view, data, protocol, start, end, wireEnd);
  }
  return decodeHeaders(view, data, protocol, start, end, wireEnd);
}

/** UDP (RFC 768), TCP (RFC 9293 3.1), or whatever else IP carries. */
function decodeTransport(
  view: PacketView,
  data: DataView,
  protocol: number,
  start: number,
  end: number,
  wireEnd: number,
): number {
  view.protocol = protocol;
  if (protocol === PROTOCOL_UDP) {
    if (end - start < 8) return REASON_TRUNCATED_TRANSPORT;
    const length = data.getUint16(start + 4);
    // Zero is legal only for jumbograms: everything up to the end of the IP packet then belongs to it.
    if (length !== 0 && length < 8) return REASON_BAD_TRANSPORT;
    const udpWireEnd = length === 0 ? wireEnd : Math.min(wireEnd, start + length);
    const dstPort = data.getUint16(start + 2);
    view.srcPort = data.getUint16(start);
    view.dstPort = dstPort;
    if (view.ident === 0) view.checksum = data.getUint16(start + 6);
    view.payloadOffset = start + 8;
    view.payloadLength = Math.min(end, udpWireEnd) - start - 8;
    view.payloadWireLength = udpWireEnd - start - 8;
    if (PORTS_OF_TUNNELS[dstPort & 0xff] === dstPort) return openDatagram(view, data);
    return view.payloadLength > 0 ? DECODED : REASON_EMPTY_PAYLOAD;
  }
  if (protocol === PROTOCOL_TCP) {
    if (end - start < 20) return REASON_TRUNCATED_TRANSPORT;
    const headerLength = (data.getUint8(start + 12) >> 4) * 4;
    if (headerLength < 20) return REASON_BAD_TRANSPORT;
    if (end - start < headerLength) return REASON_TRUNCATED_TRANSPORT;
    view.srcPort = data.getUint16(start);
    view.dstPort = data.getUint16(start + 2);
    view.tcpSequence = data.getInt32(start + 4);
    view.checksum = data.getUint16(start + 16);
    view.tcpFlags = data.getUint8(start + 13);
    view.payloadOffset = start + headerLength;
    view.payloadLength = end - view.payloadOffset;
    view.payloadWireLength = wireEnd - view.payloadOffset;
    return DECODED;
  }
  if (protocol === PROTOCOL_UDP_LITE) return decodeUdpLite(view, data, start, end, wireEnd);
  return decodeIpProtocol(view, data, protocol, start, end, wireEnd);
}

/** UDP-Lite (RFC 3828 3.1): in place of the length stands how much the checksum covers. */
function decodeUdpLite(
  view: PacketView,
  data: DataView,
  start: number,
  end: number,
  wireEnd: number,
): number {
  if (end - start < 8) return REASON_TRUNCATED_TRANSPORT;
  view.protocol = PROTOCOL_UDP;
  view.srcPort = data.getUint16(start);
  view.dstPort = data.getUint16(start + 2);
  view.checksum = data.getUint16(start + 6);
  view.payloadOffset = start + 8;
  view.payloadLength = end - start - 8;
  view.payloadWireLength = wireEnd - start - 8;
  return view.payloadLength > 0 ? DECODED : REASON_EMPTY_PAYLOAD;
}

/** A datagram to a port that tunnels use: what is inside, if it is one. */
function openDatagram(view: PacketView, data: DataView): number {
  const { dstPort, payloadOffset, payloadLength } = view;
  const answer = openUdpTunnel(view, data, dstPort, payloadOffset, payloadOffset + payloadLength);
  if (answer !== PLAIN_DATAGRAM) return answer;
  return payloadLength > 0 ? DECODED : REASON_EMPTY_PAYLOAD;
}
