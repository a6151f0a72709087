import { DECODED, REASON_EMPTY_PAYLOAD, REASON_OTHER_PROTOCOL, REASON_TRUNCATED_LINK } from './reasons.ts';
import { MAPPED_PREFIX_WORD, type PacketView } from './view.ts';

const END = 0;
const IPV4_SOURCE = 20;
const IPV4_DESTINATION = 21;
const IPV6_SOURCE = 22;
const IPV6_DESTINATION = 23;
const PORT_TYPE = 24;
const SOURCE_PORT = 25;
const DESTINATION_PORT = 26;

const PORT_TYPE_UDP = 3;
const PROTOCOL_UDP = 17;

const HAS_SOURCE = 1;
const HAS_DESTINATION = 2;
const HAS_SOURCE_PORT = 4;
const HAS_DESTINATION_PORT = 8;
const IS_UDP = 16;
const COMPLETE = 31;

/**
 * Payload that Wireshark or tshark exported (LINKTYPE_WIRESHARK_UPPER_PDU): tags of type 2, length 2 and value, all
 * big-endian, up to tag 0; then the payload. Taken when the tags say that it was in UDP, from whom and to whom.
 * There is no IP header, so DSCP and TTL are unknown.
 */
export function decodeExportedPdu(view: PacketView, data: DataView, start: number, end: number): number {
  let found = 0;
  let at = start;
  for (;;) {
    if (end - at < 4) return REASON_TRUNCATED_LINK;
    const tag = data.getUint16(at);
    const length = data.getUint16(at + 2);
    at += 4;
    if (tag === END) break;
    if (end - at < length) return REASON_TRUNCATED_LINK;
    found |= readTag(view, data, tag, length, at);
    at += length;
  }
  if (found !== COMPLETE) return REASON_OTHER_PROTOCOL;
  view.protocol = PROTOCOL_UDP;
  view.tos = -1;
  view.ttl = -1;
  view.ident = 0;
  view.checksum = 0;
  view.payloadOffset = at;
  view.payloadLength = end - at;
  view.payloadWireLength = end - at;
  return end > at ? DECODED : REASON_EMPTY_PAYLOAD;
}

/** Takes one tag over. Returns what is known by it. */
function readTag(view: PacketView, data: DataView, tag: number, length: number, at: number): number {
  if (tag === IPV4_SOURCE && length === 4) {
    view.src0 = 0;
    view.src1 = 0;
    view.src2 = MAPPED_PREFIX_WORD;
    view.src3 = data.getInt32(at);
    return HAS_SOURCE;
  }
  if (tag === IPV4_DESTINATION && length === 4) {
    view.dst0 = 0;
    view.dst1 = 0;
    view.dst2 = MAPPED_PREFIX_WORD;
    view.dst3 = data.getInt32(at);
    return HAS_DESTINATION;
  }
  if (tag === IPV6_SOURCE && length === 16) {
    view.src0 = data.getInt32(at);
    view.src1 = data.getInt32(at + 4);
    view.src2 = data.getInt32(at + 8);
    view.src3 = data.getInt32(at + 12);
    return HAS_SOURCE;
  }
  if (tag === IPV6_DESTINATION && length === 16) {
    view.dst0 = data.getInt32(at);
    view.dst1 = data.getInt32(at + 4);
    view.dst2 = data.getInt32(at + 8);
    view.dst3 = data.getInt32(at + 12);
    return HAS_DESTINATION;
  }
  if (length !== 4) return 0;
  if (tag === PORT_TYPE) return data.getInt32(at) === PORT_TYPE_UDP ? IS_UDP : 0;
  // Ports have two octets of four.
  if (tag === SOURCE_PORT) {
    view.srcPort = data.getUint16(at + 2);
    return HAS_SOURCE_PORT;
  }
  if (tag !== DESTINATION_PORT) return 0;
  view.dstPort = data.getUint16(at + 2);
  return HAS_DESTINATION_PORT;
}
