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
  const segment = new Uint8Array(8 + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, srcPort);
  view.setUint16(2, dstPort);
  view.setUint16(4, segment.length);
  segment.set(payload, 8);
  // 0 would mean "no checksum" (RFC 768), so the sum 0 is sent as its other form.
  view.setUint16(6, transportChecksum(route, UDP, segment) || 0xffff);
  return ipFrame(route, UDP, segment, ident);
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
  const segment = new Uint8Array(headerOctets + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, tcp.srcPort);
  view.setUint16(2, tcp.dstPort);
  view.setUint32(4, tcp.seq >>> 0);
  view.setUint32(8, tcp.ack >>> 0);
  view.setUint8(12, (headerOctets / 4) << 4);
  view.setUint8(13, tcp.flags);
  view.setUint16(14, 64240);
  if (headerOctets === 24) view.setUint32(20, 0x020405b4);
  segment.set(payload, headerOctets);
  view.setUint16(16, transportChecksum(route, TCP, segment));
  return ipFrame(route, TCP, segment, ident);
}

/** An Ethernet frame with whatever an IP protocol number stands for. */
export function ipFrame(route: Route, protocol: number, segment: Uint8Array, ident: number): Uint8Array {
  const ipv6 = route.src.length === 16;
  const link = 14 + 4 * route.vlans.length;
  const ipOctets = ipv6 ? 40 : 20;
  const frame = new Uint8Array(link + ipOctets + segment.length);
  const view = new DataView(frame.buffer);
  writeLink(frame, view, route, ipv6 ? 0x86dd : 0x0800);
  if (ipv6) {
    view.setUint32(link, (6 << 28) | (route.dscp << 22));
    view.setUint16(link + 4, segment.length);
    view.setUint8(link + 6, protocol);
    view.setUint8(link + 7, route.ttl);
    frame.set(route.src, link + 8);
    frame.set(route.dst, link + 24);
  } else {
    view.setUint8(link, 0x45);
    view.setUint8(link + 1, route.dscp << 2);
    view.setUint16(link + 2, 20 + segment.length);
    view.setUint16(link + 4, ident);
    view.setUint8(link + 8, route.ttl);
    view.setUint8(link + 9, protocol);
    frame.set(route.src, link + 12);
    frame.set(route.dst, link + 16);
    view.setUint16(link + 10, ~onesSum(frame.subarray(link, link + 20), 0) & 0xffff);
  }
  frame.set(segment, link + ipOctets);
  return frame;
}

function writeLink(frame: Uint8Array, view: DataView, route: Route, etherType: number): void {
  frame.set(mac(route.dst), 0);
  frame.set(mac(route.src), 6);
  let at = 12;
  route.vlans.forEach((vlan, i) => {
    view.setUint16(at, route.vlans.length > 1 && i === 0 ? 0x88a8 : 0x8100);
    view.setUint16(at + 2, vlan);
    at += 4;
  });
  view.setUint16(at, etherType);
}

/** A locally administered address made of the last four octets of the host's IP address. */
function mac(ip: Uint8Array): Uint8Array {
  return Uint8Array.from([0x02, 0, ...ip.subarray(ip.length - 4)]);
}

/** Of what follows the IP header, with the pseudo header of its addresses. */
export function transportChecksum(route: Route, protocol: number, segment: Uint8Array): number {
  // RFC 768, RFC 8200 8.1: addresses, protocol and length of the pseudo header, then the segment itself.
  const pseudo = onesSum(route.src, onesSum(route.dst, protocol + segment.length));
  return ~onesSum(segment, pseudo) & 0xffff;
}

/** Ones' complement sum of big-endian 16-bit words (RFC 1071), an odd last octet padded with 0. */
export function onesSum(octets: Uint8Array, start: number): number {
  let sum = start;
  for (let i = 0; i < octets.length; i += 2) sum += (octets[i]! << 8) | (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}
