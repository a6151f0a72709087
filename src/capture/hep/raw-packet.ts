import { isIpv4 } from '../../packet/address.ts';

const UDP = 17;
const UDP_HEADER = 8;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const HOP_LIMIT = 64;

/** Longest payload of a UDP datagram over IPv4 (RFC 768, RFC 791): the IP header counts. */
export const UDP_PAYLOAD_MAX = 65_535 - IPV4_HEADER - UDP_HEADER;
/** Most octets that `writeUdpPacket` puts before the payload. */
export const HEADERS_MAX = IPV6_HEADER + UDP_HEADER;

/** One end of a datagram: address words as in `PacketView`, and the port. */
export interface UdpEnd {
  words: Int32Array;
  port: number;
}

/**
 * Writes an IP packet with a UDP datagram, as a capture of link type RAW has it; all lengths and checksums are right.
 * The family is that of the source.
 *
 * @param payload at most `UDP_PAYLOAD_MAX` octets
 * @returns its length; `HEADERS_MAX` octets beside the payload are enough room
 */
export function writeUdpPacket(
  view: DataView,
  at: number,
  src: UdpEnd,
  dst: UdpEnd,
  payload: Uint8Array,
): number {
  const { words } = src;
  const overIpv4 = isIpv4(words[0]!, words[1]!, words[2]!);
  const length = UDP_HEADER + payload.length;
  const udp = at + (overIpv4 ? IPV4_HEADER : IPV6_HEADER);
  if (overIpv4) {
    view.setUint32(at, 0x4500_0000 | (IPV4_HEADER + length));
    view.setUint32(at + 4, 0);
    view.setUint32(at + 8, (HOP_LIMIT << 24) | (UDP << 16));
    view.setInt32(at + 12, words[3]!);
    view.setInt32(at + 16, dst.words[3]!);
    view.setUint16(at + 10, folded(sum(view, at, IPV4_HEADER)));
  } else {
    view.setUint32(at, 0x6000_0000);
    view.setUint32(at + 4, (length << 16) | (UDP << 8) | HOP_LIMIT);
    for (let i = 0; i < 4; i++) {
      view.setInt32(at + 8 + 4 * i, words[i]!);
      view.setInt32(at + 24 + 4 * i, dst.words[i]!);
    }
  }
  view.setUint16(udp, src.port);
  view.setUint16(udp + 2, dst.port);
  view.setUint16(udp + 4, length);
  view.setUint16(udp + 6, 0);
  new Uint8Array(view.buffer, view.byteOffset + udp + UDP_HEADER, payload.length).set(payload);
  const addresses = overIpv4 ? sum(view, at + 12, 8) : sum(view, at + 8, 32);
  // 0 would mean "no checksum" (RFC 768).
  view.setUint16(udp + 6, folded(addresses + UDP + length + sum(view, udp, length)) || 0xffff);
  return udp + length - at;
}

/** Sum of big-endian 16-bit words, an odd last octet padded with 0 (RFC 1071). */
function sum(view: DataView, start: number, length: number): number {
  let total = 0;
  for (let i = 0; i + 1 < length; i += 2) total += view.getUint16(start + i);
  return (length & 1) === 0 ? total : total + (view.getUint8(start + length - 1) << 8);
}

function folded(total: number): number {
  let folding = total;
  while (folding > 0xffff) folding = (folding & 0xffff) + Math.floor(folding / 0x1_0000);
  return ~folding & 0xffff;
}
