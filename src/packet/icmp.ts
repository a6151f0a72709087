import { MAPPED_PREFIX_WORD } from './view.ts';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_ICMPV6 = 58;

/** Why a packet was refused, by type and code of the ICMP error (RFC 792, RFC 1812 5.2.7, RFC 4443 3). */
export type IcmpReason =
  | 'port_unreachable'
  | 'host_unreachable'
  | 'network_unreachable'
  | 'protocol_unreachable'
  | 'administratively_prohibited'
  | 'destination_unreachable'
  | 'packet_too_big'
  | 'time_exceeded';

const HEADER = 8;
const UDP = 17;
const UDP_LITE = 136;
const TCP = 6;
/** Extension headers in front of a quoted transport header that are passed over (RFC 8200 4.1). */
const EXTENSION_HEADERS_MAX = 10;

/** Codes of "destination unreachable", ICMP type 3. 4 is "fragmentation needed". */
const UNREACHABLE: readonly IcmpReason[] = [
  'network_unreachable',
  'host_unreachable',
  'protocol_unreachable',
  'port_unreachable',
  'packet_too_big',
  'destination_unreachable',
  'network_unreachable',
  'host_unreachable',
  'destination_unreachable',
  'administratively_prohibited',
  'administratively_prohibited',
  'network_unreachable',
  'host_unreachable',
  'administratively_prohibited',
];

/** The same of ICMPv6 type 1. */
const UNREACHABLE_V6: readonly IcmpReason[] = [
  'network_unreachable',
  'administratively_prohibited',
  'destination_unreachable',
  'host_unreachable',
  'port_unreachable',
  'administratively_prohibited',
  'administratively_prohibited',
];

/**
 * An ICMP or ICMPv6 error and the packet it quotes: plain numbers in one reused object. Addresses are words as in
 * `PacketView`. Of the quoted packet nothing is sure to be there beyond 8 octets of its transport header (RFC 792).
 */
export class IcmpError {
  /** 4 or 6. */
  version = 0;
  type = 0;
  code = 0;
  reason: IcmpReason = 'destination_unreachable';
  /** Quoted: 17 for UDP and UDP-Lite, 6 for TCP. */
  protocol = 0;
  src0 = 0;
  src1 = 0;
  src2 = 0;
  src3 = 0;
  dst0 = 0;
  dst1 = 0;
  dst2 = 0;
  dst3 = 0;
  srcPort = 0;
  dstPort = 0;
  /** Where the quoted UDP payload starts, and how much of it was quoted and captured: often nothing. */
  payloadOffset = 0;
  payloadLength = 0;

  /**
   * Reads the ICMP message from `start` to `end`.
   * @returns whether it is an error about a UDP or TCP packet whose ports it quotes
   */
  parse(data: DataView, start: number, end: number, version: number): boolean {
    if (end - start < HEADER) return false;
    this.version = version;
    this.type = data.getUint8(start);
    this.code = data.getUint8(start + 1);
    const reason = version === 6 ? reasonOfV6(this.type, this.code) : reasonOf(this.type, this.code);
    if (reason === null) return false;
    this.reason = reason;
    const quote = start + HEADER;
    const quoteEnd = Math.min(end, quote + quoteLength(data, start, this.type, version));
    if (quoteEnd - quote < 1) return false;
    const inner = data.getUint8(quote) >> 4;
    if (inner === 4) return this.quoteIpv4(data, quote, quoteEnd);
    return inner === 6 && this.quoteIpv6(data, quote, quoteEnd);
  }

  private quoteIpv4(data: DataView, start: number, end: number): boolean {
    if (end - start < 20) return false;
    const headerLength = (data.getUint8(start) & 0x0f) * 4;
    // Further fragments have no ports.
    if (headerLength < 20 || (data.getUint16(start + 6) & 0x1fff) !== 0) return false;
    this.src0 = 0;
    this.src1 = 0;
    this.src2 = MAPPED_PREFIX_WORD;
    this.src3 = data.getInt32(start + 12);
    this.dst0 = 0;
    this.dst1 = 0;
    this.dst2 = MAPPED_PREFIX_WORD;
    this.dst3 = data.getInt32(start + 16);
    return this.quoteTransport(data, data.getUint8(start + 9), start + headerLength, end);
  }

  private quoteIpv6(data: DataView, start: number, end: number): boolean {
    if (end - start < 40) return false;
    this.src0 = data.getInt32(start + 8);
    this.src1 = data.getInt32(start + 12);
    this.src2 = data.getInt32(start + 16);
    this.src3 = data.getInt32(start + 20);
    this.dst0 = data.getInt32(start + 24);
    this.dst1 = data.getInt32(start + 28);
    this.dst2 = data.getInt32(start + 32);
    this.dst3 = data.getInt32(start + 36);
    let next = data.getUint8(start + 6);
    let at = start + 40;
    for (let headers = 0; headers < EXTENSION_HEADERS_MAX && isExtension(next); headers++) {
      if (end - at < 8) return false;
      if (next === 44 && (data.getUint16(at + 2) & 0xfff8) !== 0) return false;
      const length = data.getUint8(at + 1);
      const octets = next === 44 ? 8 : next === 51 ? (length + 2) * 4 : (length + 1) * 8;
      next = data.getUint8(at);
      at += octets;
    }
    return this.quoteTransport(data, next, at, end);
  }

  private quoteTransport(data: DataView, protocol: number, start: number, end: number): boolean {
    if (protocol !== UDP && protocol !== UDP_LITE && protocol !== TCP) return false;
    if (end - start < 8) return false;
    this.protocol = protocol === TCP ? TCP : UDP;
    this.srcPort = data.getUint16(start);
    this.dstPort = data.getUint16(start + 2);
    this.payloadOffset = start + 8;
    this.payloadLength = protocol === TCP ? 0 : end - start - 8;
    if (protocol === UDP) {
      const length = data.getUint16(start + 4);
      if (length >= 8) this.payloadLength = Math.min(this.payloadLength, length - 8);
    }
    return true;
  }
}

/** ICMP: destination unreachable and time exceeded in transit; null for all else (RFC 792). */
function reasonOf(type: number, code: number): IcmpReason | null {
  if (type === 3) return UNREACHABLE[code] ?? 'destination_unreachable';
  return type === 11 && code === 0 ? 'time_exceeded' : null;
}

/** ICMPv6: destination unreachable, packet too big and hop limit exceeded; null for all else (RFC 4443). */
function reasonOfV6(type: number, code: number): IcmpReason | null {
  if (type === 1) return UNREACHABLE_V6[code] ?? 'destination_unreachable';
  if (type === 2) return 'packet_too_big';
  return type === 3 && code === 0 ? 'time_exceeded' : null;
}

/** Octets of the quoted packet where extensions follow it (RFC 4884 4); else no limit. */
function quoteLength(data: DataView, start: number, type: number, version: number): number {
  const words =
    version === 6 ? (type === 2 ? 0 : data.getUint8(start + 4) * 8) : data.getUint8(start + 5) * 4;
  return words === 0 ? Number.POSITIVE_INFINITY : words;
}

function isExtension(next: number): boolean {
  return next === 0 || next === 43 || next === 44 || next === 51 || next === 60 || next === 135;
}
