/*
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian, written into a buffer in place. Times are whole
 * microseconds, the resolution that needs no option.
 */

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const OPTION_COMMENT = 1;
const WORD_RANGE = 2 ** 32;

/** Octets of a section header, and of the description of an interface. */
export const SECTION_OCTETS = 28;
export const INTERFACE_OCTETS = 20;
export const PACKET_HEAD = 28;

/** Octets that a packet block takes: its head, the data padded to whole words, a comment if any, its length again. */
export function packetBlockOctets(captured: number, comment: Uint8Array | null = null): number {
  const options = comment === null ? 0 : 4 + padded(comment.length) + 4;
  return PACKET_HEAD + padded(captured) + options + 4;
}

/** Begins a section. Returns where the next block goes. */
export function writeSection(out: DataView, at: number): number {
  out.setUint32(at, SECTION, true);
  out.setUint32(at + 4, SECTION_OCTETS, true);
  out.setUint32(at + 8, BYTE_ORDER, true);
  out.setUint16(at + 12, 1, true);
  out.setUint16(at + 14, 0, true);
  // Its length is not known.
  out.setUint32(at + 16, 0xffff_ffff, true);
  out.setUint32(at + 20, 0xffff_ffff, true);
  out.setUint32(at + 24, SECTION_OCTETS, true);
  return at + SECTION_OCTETS;
}

/** Describes the next interface of the section. Returns where the next block goes. */
export function writeInterface(out: DataView, at: number, linkType: number): number {
  out.setUint32(at, INTERFACE, true);
  out.setUint32(at + 4, INTERFACE_OCTETS, true);
  out.setUint16(at + 8, linkType, true);
  out.setUint16(at + 10, 0, true);
  // Packets may be of any length.
  out.setUint32(at + 12, 0, true);
  out.setUint32(at + 16, INTERFACE_OCTETS, true);
  return at + INTERFACE_OCTETS;
}

/** The columns of a packet, as its batch has them; the caller keeps one and fills it for each packet. */
export interface PacketBlock {
  /** Number of its interface in the section. */
  interface: number;
  timeUs: number;
  /** First octet in `bytes`, octets to write, and octets on the wire. */
  start: number;
  captured: number;
  wire: number;
}

/** Writes a packet. Returns where the next block goes. */
export function writePacket(
  out: DataView,
  target: Uint8Array,
  at: number,
  packet: PacketBlock,
  bytes: Uint8Array,
  comment: Uint8Array | null = null,
): number {
  const { captured, start } = packet;
  const length = packetBlockOctets(captured, comment);
  const ticks = Math.round(packet.timeUs);
  const high = Math.floor(ticks / WORD_RANGE);
  out.setUint32(at, ENHANCED_PACKET, true);
  out.setUint32(at + 4, length, true);
  out.setUint32(at + 8, packet.interface, true);
  out.setUint32(at + 12, high, true);
  out.setUint32(at + 16, ticks - high * WORD_RANGE, true);
  out.setUint32(at + 20, captured, true);
  out.setUint32(at + 24, packet.wire, true);
  let next = at + PACKET_HEAD;
  // Headers are short: a call that copies them costs more than the copy.
  if (captured <= 64) for (let i = 0; i < captured; i++) target[next + i] = bytes[start + i]!;
  else target.set(bytes.subarray(start, start + captured), next);
  next += captured;
  while ((next & 3) !== (at & 3)) target[next++] = 0;
  if (comment !== null) next = writeComment(out, target, next, comment);
  out.setUint32(next, length, true);
  return next + 4;
}

function writeComment(out: DataView, target: Uint8Array, at: number, comment: Uint8Array): number {
  out.setUint16(at, OPTION_COMMENT, true);
  out.setUint16(at + 2, comment.length, true);
  target.set(comment, at + 4);
  let next = at + 4 + comment.length;
  while ((next & 3) !== (at & 3)) target[next++] = 0;
  // The end of options.
  out.setUint32(next, 0, true);
  return next + 4;
}

function padded(octets: number): number {
  return (octets + 3) & ~3;
}
