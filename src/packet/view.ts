/**
 * What decoding one captured packet yields: plain numbers in one reused object.
 *
 * Addresses are four 32-bit words each, IPv4 as the v4-mapped form (0, 0, 0xffff, address), so that every table
 * compares both families the same way. All words are signed 32-bit: a wider number would be boxed on the heap.
 */
export class PacketView {
  /**
   * Capture time, microseconds since the epoch; whoever fills decodes a packet sets it. It is here and not an
   * argument because a double handed from function to function is boxed on the heap, once per packet.
   */
  timeUs = Number.NaN;
  src0 = 0;
  src1 = 0;
  src2 = 0;
  src3 = 0;
  dst0 = 0;
  dst1 = 0;
  dst2 = 0;
  dst3 = 0;
  /** IP protocol number of the payload: 6 TCP, 17 UDP. */
  protocol = 0;
  srcPort = 0;
  dstPort = 0;
  /** Where the transport payload starts in the batch's bytes. */
  payloadOffset = 0;
  /** Payload bytes that were captured. */
  payloadLength = 0;
  /** Payload bytes that were on the wire; more than `payloadLength` when the capture was cut by a snap length. */
  payloadWireLength = 0;
  /** Outermost VLAN id, or -1. */
  vlan = -1;
  /** Second VLAN id of a stack, or -1. */
  innerVlan = -1;
  /** IPv4 TOS octet or IPv6 traffic class: DSCP in the upper six bits. */
  tos = 0;
  /** Time to live or hop limit. */
  ttl = 0;
  /** TCP only: sequence number (signed 32 bit) and flags octet. */
  tcpSequence = 0;
  tcpFlags = 0;
}

/** The words of the IPv4 address prefix in mapped form: `::ffff:0:0/96`. */
export const MAPPED_PREFIX_WORD = 0xffff;
