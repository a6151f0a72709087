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
  /** Which input the packet came from, as in its batch; whoever decodes it sets this, too. */
  input = 0;
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
  /** IPv4 TOS octet or IPv6 traffic class: DSCP in the upper six bits. -1 when no IP header was captured. */
  tos = 0;
  /** Time to live or hop limit; -1 when no IP header was captured. */
  ttl = 0;
  /** Identification of the innermost IPv4 header; 0 when it has none, and for IPv6. */
  ident = 0;
  /** Checksum of the UDP or TCP header where `ident` is 0, else that of some packet before. 0 when it has none. */
  checksum = 0;
  /** TCP only: sequence number (signed 32 bit) and flags octet. */
  tcpSequence = 0;
  tcpFlags = 0;

  /**
   * A hash of the VLAN ids and tunnels around the packet: packets with equal numbers came the same way. 0 when there
   * are none, and then all fields from here to `outerDst3` are those of some packet before. The ids and kinds
   * themselves are packed; `vlanAt` and `tunnelAt` read them.
   */
  path = 0;
  vlans = 0;
  moreVlans = 0;
  tunnels = 0;
  moreTunnels = 0;
  /** How many encapsulations the packet lies in. */
  levels = 0;
  /** Number that the outermost tunnel goes by: label, session, key, VNI, TEID; -1 when it has none. */
  tunnelId = -1;
  /** A hash of all tunnels' numbers: equal inner addresses in two of them are two hosts. */
  tunnelScope = 0;
  /** Whether the outermost tunnel has addresses (one over Ethernet or MPLS has none), and which. */
  outerKnown = 0;
  outerSrc0 = 0;
  outerSrc1 = 0;
  outerSrc2 = 0;
  outerSrc3 = 0;
  outerDst0 = 0;
  outerDst1 = 0;
  outerDst2 = 0;
  outerDst3 = 0;

  /**
   * Between decoders only: where the next one goes on, one past its last captured octet, one past its last octet on
   * the wire, and the Ethertype or IP protocol that says what it is.
   */
  innerStart = 0;
  innerEnd = 0;
  innerWireEnd = 0;
  innerType = 0;
  /** IP fragments only: identification, offset of its data in the datagram, whether more follow (1) or not (0). */
  fragmentId = 0;
  fragmentOffset = 0;
  fragmentMore = 0;
}

/** The words of the IPv4 address prefix in mapped form: `::ffff:0:0/96`. */
export const MAPPED_PREFIX_WORD = 0xffff;

/** Encapsulations inside each other that are opened; as many kinds fit the two words. */
export const LEVELS_MAX = 8;
/** VLAN ids kept, of all frames of a packet together. */
export const VLANS_KEPT = 4;

const HASH_FACTOR = 0x9e37_79b1 | 0;

/** Mixes a tag or tunnel into the path. The first one clears what is left of another packet's. */
function extendPath(view: PacketView, value: number): void {
  if (view.path === 0) {
    view.vlans = 0;
    view.moreVlans = 0;
    view.tunnels = 0;
    view.moreTunnels = 0;
    view.levels = 0;
    view.tunnelId = -1;
    view.tunnelScope = 0;
    view.outerKnown = 0;
  }
  // 0 is kept for "none".
  view.path = Math.imul(view.path ^ value, HASH_FACTOR) || 1;
}

/** Notes a VLAN tag, outer ones first; those beyond the fourth only tell paths apart. */
export function noteVlan(view: PacketView, id: number): void {
  extendPath(view, id + 1);
  // 13 bits each: the id plus one, so that 0 is "no tag" and VLAN 0 (priority tagged) can be told from it.
  if (view.vlans === 0) view.vlans = id + 1;
  else if (view.vlans < 0x2000) view.vlans |= (id + 1) << 13;
  else if (view.moreVlans === 0) view.moreVlans = id + 1;
  else if (view.moreVlans < 0x2000) view.moreVlans |= (id + 1) << 13;
}

/** The VLAN id of tag `index`, 0 the outermost; -1 when there is none. Only asked when there is a path. */
export function vlanAt(view: PacketView, index: number): number {
  const word = index < 2 ? view.vlans : index < VLANS_KEPT ? view.moreVlans : 0;
  return ((word >> (13 * (index & 1))) & 0x1fff) - 1;
}

/**
 * Notes that what follows lies in an encapsulation.
 *
 * @param kind one of `encapsulations.ts`
 * @param id its number on the wire (VNI, key, label, ...), or -1
 * @param addressed whether `src` and `dst` of the view are the tunnel's own
 * @returns false when that is one level too many
 */
export function enterTunnel(view: PacketView, kind: number, id: number, addressed: boolean): boolean {
  // Kinds and VLAN ids must not hash alike.
  extendPath(view, kind << 16);
  const level = view.levels;
  if (level === LEVELS_MAX) return false;
  view.levels = level + 1;
  if (level < 4) view.tunnels |= kind << (8 * level);
  else view.moreTunnels |= kind << (8 * (level - 4));
  if (level === 0) {
    view.tunnelId = id;
    view.tunnelScope = id;
    view.outerKnown = addressed ? 1 : 0;
    view.outerSrc0 = view.src0;
    view.outerSrc1 = view.src1;
    view.outerSrc2 = view.src2;
    view.outerSrc3 = view.src3;
    view.outerDst0 = view.dst0;
    view.outerDst1 = view.dst1;
    view.outerDst2 = view.dst2;
    view.outerDst3 = view.dst3;
  } else {
    view.tunnelScope = Math.imul(view.tunnelScope ^ id, HASH_FACTOR);
  }
  return true;
}

/** The kind of encapsulation `index`, 0 the outermost; 0 when there is none. Only asked when there is a path. */
export function tunnelAt(view: PacketView, index: number): number {
  const word = index < 4 ? view.tunnels : index < LEVELS_MAX ? view.moreTunnels : 0;
  return (word >> (8 * (index & 3))) & 0x7f;
}

/** Where a packet comes from and goes to, to be kept: address words and ports. */
export function pathOf(view: PacketView): {
  src: Int32Array;
  dst: Int32Array;
  srcPort: number;
  dstPort: number;
} {
  const { srcPort, dstPort } = view;
  const src = Int32Array.of(view.src0, view.src1, view.src2, view.src3);
  const dst = Int32Array.of(view.dst0, view.dst1, view.dst2, view.dst3);
  return { src, dst, srcPort, dstPort };
}
