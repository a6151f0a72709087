import type { PacketBatch } from '../packet/batch.ts';
import { HEP_RTCP, HEP_RTP, HEP_SIP, HepMessage, looksLikeHep } from '../packet/hep.ts';
import { INSIDE_TRANSPORT } from '../packet/inside.ts';
import { decodeFrame, decodeInside } from '../packet/link.ts';
import { DECODED, REASON_EMPTY_PAYLOAD, REASON_ICMP, REASON_IP_FRAGMENT } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import { looksLikeRtcp } from '../rtcp/compound.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/header.ts';
import { looksLikeSip } from '../sip/detect.ts';

const ETHERNET = 1;
const PROTOCOL_UDP = 17;
/** Ethernet, IPv4 without options, UDP, the twelve octets of RTP. */
const PLAIN_HEADERS = 14 + 20 + 8 + 12;
const IPV4_WITHOUT_OPTIONS = 0x0800_45;
const NO_FRAGMENT_OF_UDP = 17;
/** An ICMP error, the IP header of what it refuses, and the ports (RFC 792). Beyond that could be speech. */
const ICMP_HEADER = 8;
const QUOTED_PORTS = 8;
/** What may follow the IP header of anything else: the head of a transport protocol. */
const TRANSPORT_KEPT = 20;
/** Ports whose TCP carries SIP, plain or in TLS. A segment in the middle of a message tells nothing of itself. */
const SIP_PORT_FIRST = 5060;
const SIP_PORT_LAST = 5099;
/** Datagrams in fragments whose first one began with SIP. */
const FRAGMENTED_KEPT = 64;

/**
 * Says how much of a packet may be kept without keeping what anybody said: signalling and RTCP whole, of RTP the
 * headers (also of telephone events, which may be a PIN), of everything else no payload.
 */
export class HeadersOnly {
  private readonly view = new PacketView();
  private readonly header = new RtpHeader();
  private readonly hep = new HepMessage();
  /** Identification and hash of the addresses of datagrams in fragments that are SIP; the oldest makes room. */
  private readonly fragmented = new Float64Array(FRAGMENTED_KEPT).fill(-1);
  private nextFragmented = 0;

  /** How many octets of packet `i` of a batch may be kept; 0 for what tells nothing of calls. */
  octets(batch: PacketBatch, i: number): number {
    const start = batch.offset[i]!;
    const captured = batch.capturedLength[i]!;
    const linkType = batch.linkType[i]!;
    if (linkType === ETHERNET && isPlainRtp(batch.view, start, captured)) return PLAIN_HEADERS;
    const { view } = this;
    const reason = decodeFrame(view, batch.view, linkType, start, start + captured);
    if (reason === DECODED) return this.ofPayload(batch) - start;
    if (reason === REASON_IP_FRAGMENT) return this.ofFragment(batch, start + captured) - start;
    if (reason === REASON_ICMP) return Math.min(captured, this.endOfQuote(batch.view) - start);
    // Handshakes and acknowledgements of TCP.
    return reason === REASON_EMPTY_PAYLOAD ? captured : 0;
  }

  /** One past the last octet to keep of a datagram or segment. */
  private ofPayload({ view: data, bytes }: PacketBatch): number {
    const { view, header } = this;
    const { payloadOffset: start, payloadLength: length, payloadWireLength: wire } = view;
    const end = start + length;
    if (view.protocol !== PROTOCOL_UDP) {
      const isSignalling = isSipPort(view.srcPort) || isSipPort(view.dstPort);
      return isSignalling || looksLikeSip(bytes, start, length) ? end : start;
    }
    if (length === 0) return start;
    if (data.getUint8(start) >> 6 === 2) {
      if (looksLikeRtcp(data, start, length, wire)) return end;
      if (!parseRtpHeader(header, data, start, length, wire)) return start;
      return Math.min(end, header.payloadOffset);
    }
    if (looksLikeSip(bytes, start, length)) return end;
    return this.endOfHep(data, bytes, start, end, start + wire);
  }

  /** One past the quoted ports of an ICMP error. */
  private endOfQuote(data: DataView): number {
    const quoted = this.view.payloadOffset + ICMP_HEADER;
    if (this.view.payloadLength <= ICMP_HEADER) return quoted;
    const first = data.getUint8(quoted);
    return quoted + (first >> 4 === 4 ? (first & 15) * 4 : 40) + QUOTED_PORTS;
  }

  /** One past the last octet to keep of what a capture agent tells: of media the headers, which come before it. */
  private endOfHep(data: DataView, bytes: Uint8Array, start: number, end: number, wireEnd: number): number {
    const { hep, header } = this;
    if (!looksLikeHep(bytes, start, end - start)) return start;
    if (!hep.parse(data, start, end, wireEnd)) return start;
    if (hep.protocolType === HEP_SIP || hep.protocolType === HEP_RTCP) return end;
    if (hep.protocolType !== HEP_RTP || hep.isCompressed) return start;
    const { payloadOffset, payloadLength, payloadWireLength } = hep;
    const isRtp = parseRtpHeader(header, data, payloadOffset, payloadLength, payloadWireLength);
    return isRtp ? Math.min(end, header.payloadOffset) : start;
  }

  /** One past the last octet to keep of a fragment: all of it when its datagram began with SIP. */
  private ofFragment(batch: PacketBatch, end: number): number {
    const { view, fragmented } = this;
    const { bytes } = batch;
    const addresses = view.src3 ^ Math.imul(view.dst3, 0x9e37_79b1);
    const datagram = (view.fragmentId >>> 0) + (addresses >>> 0) * 65_536;
    const data = view.innerStart;
    if (view.fragmentOffset > 0) return fragmented.includes(datagram) ? end : data;
    const isSip = looksLikeSip(bytes, data + 8, Math.max(0, end - data - 8));
    if (!isSip) return Math.max(Math.min(end, data + TRANSPORT_KEPT), this.ofTunnel(batch));
    fragmented[this.nextFragmented] = datagram;
    this.nextFragmented = (this.nextFragmented + 1) % FRAGMENTED_KEPT;
    return end;
  }

  /** One past the headers in a tunnel whose packet came in fragments, of which this is the first; 0 where there are none. */
  private ofTunnel(batch: PacketBatch): number {
    const isWhole = decodeInside(this.view, batch.view, INSIDE_TRANSPORT) === DECODED;
    return isWhole && this.view.path !== 0 ? this.ofPayload(batch) : 0;
  }
}

/** Nearly every packet of a trunk, recognised without being taken apart. */
function isPlainRtp(data: DataView, start: number, captured: number): boolean {
  if (captured < PLAIN_HEADERS) return false;
  if (data.getInt32(start + 12) >>> 8 !== IPV4_WITHOUT_OPTIONS) return false;
  if ((data.getInt32(start + 20) & 0x3fff00ff) !== NO_FRAGMENT_OF_UDP) return false;
  // Version 2 and neither padding, extension nor sources; payload types that RTCP does not share.
  return data.getUint8(start + 42) === 0x80 && (data.getUint8(start + 43) & 0x7f) < 64;
}

function isSipPort(port: number): boolean {
  return port >= SIP_PORT_FIRST && port <= SIP_PORT_LAST;
}
