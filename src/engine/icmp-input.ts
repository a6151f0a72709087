import type { CallTable } from '../calls/call-table.ts';
import type { HeardHosts } from '../calls/heard-hosts.ts';
import type { QuotedContent } from '../calls/refusals.ts';
import { IcmpError, PROTOCOL_ICMPV6 } from '../packet/icmp.ts';
import { PROTOCOL_UDP } from '../packet/ip.ts';
import type { PacketView } from '../packet/view.ts';
import type { EndpointSet } from '../rtp/endpoint-set.ts';
import { looksLikeSip } from '../sip/detect.ts';
import { receiverHost } from '../sip/hop.ts';
import { SipRefusals } from './sip-refusals.ts';

/** What ICMP errors are compared with. */
export interface IcmpParts {
  calls: CallTable;
  /** Endpoints announced for media, and those for T.38 among them. */
  endpoints: EndpointSet;
  images: EndpointSet;
  heard: HeardHosts;
}

const SIP_PORT = 5060;
const SIPS_PORT = 5061;

/**
 * Takes ICMP and ICMPv6 errors. What they quote is looked up before anything is made of it: whoever sends errors about
 * packets that nobody follows costs a few comparisons each.
 */
export class IcmpInput {
  /** Errors about signalling, by where that went. */
  readonly sip = new SipRefusals();
  private readonly error = new IcmpError();
  private readonly parts: IcmpParts;

  constructor(parts: IcmpParts) {
    this.parts = parts;
  }

  /** Is this message, which `view` says the place of, an error about something that is followed? */
  concerns(view: PacketView, data: DataView): boolean {
    const { error } = this;
    const start = view.payloadOffset;
    const version = view.protocol === PROTOCOL_ICMPV6 ? 6 : 4;
    if (!error.parse(data, start, start + view.payloadLength, version)) return false;
    return this.isSignalling() || (error.protocol === PROTOCOL_UDP && this.mayBeMedia());
  }

  /** Takes the message that `concerns` was asked about. @returns whether anything came of it */
  take(view: PacketView, data: DataView, bytes: Uint8Array): boolean {
    const { error, parts } = this;
    if (error.protocol === PROTOCOL_UDP && parts.calls.refusals.take(error, view, this.content(data)))
      return true;
    if (!this.isSignalling()) return false;
    const { payloadOffset, payloadLength, dstPort } = error;
    const isSip = dstPort === SIP_PORT || dstPort === SIPS_PORT;
    if (!isSip && !looksLikeSip(bytes, payloadOffset, payloadLength)) return false;
    this.sip.note(error, view);
    return true;
  }

  /** Only where messages were seen to go; most hosts that get none are not taken for one that did. */
  private isSignalling(): boolean {
    const { error, parts } = this;
    if (!parts.heard.has(receiverHost(error))) return false;
    return error.dstPort === SIP_PORT || error.dstPort === SIPS_PORT || error.payloadLength > 0;
  }

  private mayBeMedia(): boolean {
    const { dst0, dst1, dst2, dst3, dstPort } = this.error;
    const { endpoints, calls } = this.parts;
    if (endpoints.has(dst0, dst1, dst2, dst3, dstPort)) return true;
    if (calls.ends.mayFlowTo(dst0, dst1, dst2, dst3, dstPort)) return true;
    if ((dstPort & 1) === 0) return false;
    return (
      endpoints.has(dst0, dst1, dst2, dst3, dstPort - 1) ||
      calls.ends.mayFlowTo(dst0, dst1, dst2, dst3, dstPort - 1)
    );
  }

  /** What was refused, by its first octets: version 2, and for RTCP a packet type from 200 on (RFC 5761 4). */
  private content(data: DataView): QuotedContent {
    const { payloadOffset, payloadLength, dst0, dst1, dst2, dst3, dstPort } = this.error;
    if (payloadLength < 2) return 'unknown';
    if (this.parts.images.has(dst0, dst1, dst2, dst3, dstPort)) return 't38';
    if (data.getUint8(payloadOffset) >> 6 !== 2) return 'other';
    const type = data.getUint8(payloadOffset + 1);
    return type >= 192 && type <= 223 ? 'rtcp' : 'rtp';
  }
}
