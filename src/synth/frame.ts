/** Where an IP packet goes and how it is marked. Addresses are both of 4 or both of 16 octets. */
export interface Route {
  src: Uint8Array;
  dst: Uint8Array;
  dscp: number;
  ttl: number;
  /** Outermost first. */
  vlans: readonly number[];
}

const UDP = 17;
const TCP = 6;

/** An Ethernet frame with a UDP datagram, all checksums right. `ident`: IPv4 identification, else unused. */
export function udpFrame(
  route: Route,
  srcPort: number,
  dstPort: number,
  payload: Uint8Array,
  ident: number,
): Uint8Array {
  const length = 8 + payload.length;
  const frame = frameFor(route, UDP, length, ident);
  const at = frame.length - length;
  put16(frame, at, srcPort);
  put16(frame, at + 2, dstPort);
  put16(frame, at + 4, length);
  frame.set(payload, at + 8);
  // 0 would mean "no checksum" (RFC 768), so the sum 0 is sent as its other form.
  put16(frame, at + 6, checksumFrom(frame, at, route, UDP) || 0xffff);
  return frame;
}

/** What varies in a TCP header of one segment. */
export interface TcpFields {
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  /** Bits: 1 FIN, 2 SYN, 8 PSH, 16 ACK. */
  flags: number;
}

/** An Ethernet frame with a TCP segment; a SYN announces an MSS of 1460. */
export function tcpFrame(route: Route, tcp: TcpFields, payload: Uint8Array, ident: number): Uint8Array {
  const headerOctets = (tcp.flags & 2) !== 0 ? 24 : 20;
  const length = headerOctets + payload.length;
  const frame = frameFor(route, TCP, length, ident);
  const at = frame.length - length;
  put16(frame, at, tcp.srcPort);
  put16(frame, at + 2, tcp.dstPort);
  put32(frame, at + 4, tcp.seq);
  put32(frame, at + 8, tcp.ack);
  frame[at + 12] = (headerOctets / 4) << 4;
  frame[at + 13] = tcp.flags;
  put16(frame, at + 14, 64240);
  if (headerOctets === 24) put32(frame, at + 20, 0x020405b4);
  frame.set(payload, at + headerOctets);
  put16(frame, at + 16, checksumFrom(frame, at, route, TCP));
  return frame;
}

/** An Ethernet frame with whatever an IP protocol number stands for. */
export function ipFrame(route: Route, protocol: number, segment: Uint8Array, ident: number): Uint8Array {
  const frame = frameFor(route, protocol, segment.length, ident);
  frame.set(segment, frame.length - segment.length);
  return frame;
}

/** A frame with room for so many octets after the IP header, at its end. */
function frameFor(route: Route, protocol: number, length: number, ident: number): Uint8Array {
  const { src, dst, dscp, ttl, vlans } = route;
  const ipv6 = src.length === 16;
  const link = 14 + 4 * vlans.length;
  const frame = new Uint8Array(link + (ipv6 ? 40 : 20) + length);
  writeLink(frame, route, ipv6 ? 0x86dd : 0x0800);
  if (ipv6) {
    put32(frame, link, (6 << 28) | (dscp << 22));
    put16(frame, link + 4, length);
    frame[link + 6] = protocol;
    frame[link + 7] = ttl;
    frame.set(src, link + 8);
    frame.set(dst, link + 24);
  } else {
    frame[link] = 0x45;
    frame[link + 1] = dscp << 2;
    put16(frame, link + 2, 20 + length);
    put16(frame, link + 4, ident);
    frame[link + 8] = ttl;
    frame[link + 9] = protocol;
    frame.set(src, link + 12);
    frame.set(dst, link + 16);
    put16(frame, link + 10, ~onesSum(frame, 0, link, link + 20));
  }
  return frame;
}

function writeLink(frame: Uint8Array, { src, dst, vlans }: Route, etherType: number): void {
  writeMac(frame, 0, dst);
  writeMac(frame, 6, src);
  let at = 12;
  for (let i = 0; i < vlans.length; i++) {
    put16(frame, at, vlans.length > 1 && i === 0 ? 0x88a8 : 0x8100);
    put16(frame, at + 2, vlans[i]!);
    at += 4;
  }
  put16(frame, at, etherType);
}

/** A locally administered address made of the last four octets of the host's IP address. */
function writeMac(frame: Uint8Array, at: number, ip: Uint8Array): void {
  frame[at] = 0x02;
  for (let i = 0; i < 4; i++) frame[at + 2 + i] = ip[ip.length - 4 + i]!;
}

function put16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >> 8;
  octets[at + 1] = value;
}

function put32(octets: Uint8Array, at: number, value: number): void {
  put16(octets, at, value >>> 16);
  put16(octets, at + 2, value);
}

/** Of what follows the IP header, with the pseudo header of its addresses. */
export function transportChecksum(route: Route, protocol: number, segment: Uint8Array): number {
  return checksumFrom(segment, 0, route, protocol);
}

/** The same of what stands in `octets` from `from` on. */
function checksumFrom(octets: Uint8Array, from: number, route: Route, protocol: number): number {
  // RFC 768, RFC 8200 8.1: addresses, protocol and length of the pseudo header, then the segment itself.
  const pseudo = onesSum(route.src, onesSum(route.dst, protocol + octets.length - from));
  return ~onesSum(octets, pseudo, from) & 0xffff;
}

/** Ones' complement sum of big-endian 16-bit words (RFC 1071), an odd last octet padded with 0. */
export function onesSum(octets: Uint8Array, start: number, from = 0, to = octets.length): number {
  let sum = start;
  for (let i = from; i < to; i += 2) sum += (octets[i]! << 8) | (i + 1 < to ? octets[i + 1]! : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
