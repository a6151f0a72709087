import { INSIDE_ETHERNET, INSIDE_IP, inside } from './inside.ts';
import { REASON_NOT_IP, REASON_TRUNCATED_LINK } from './reasons.ts';
import type { PacketView } from './view.ts';

const FAMILY_IPV4 = 2;
const FAMILY_BRIDGE = 7;
const FAMILY_IPV6 = 10;
const PAYLOAD = 9;

/**
 * Linux netfilter log (LINKTYPE_NFLOG): address family, version 0, group 2; then attributes of length 2 (with its own
 * header of 4), type 2 and value, padded to 4 octets, in the byte order of the host that wrote them. Attribute 9 is
 * the packet.
 */
export function decodeNflog(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 8) return REASON_TRUNCATED_LINK;
  const family = data.getUint8(start);
  if (family !== FAMILY_IPV4 && family !== FAMILY_IPV6 && family !== FAMILY_BRIDGE) return REASON_NOT_IP;
  const littleEndian = isLittleEndian(data, start + 4, end);
  for (let at = start + 4; end - at >= 4; ) {
    const length = data.getUint16(at, littleEndian);
    // The highest bits say that the value is nested, or in network order.
    const type = data.getUint16(at + 2, littleEndian) & 0x3fff;
    if (length < 4) return REASON_NOT_IP;
    if (type === PAYLOAD) {
      return inside(
        view,
        family === FAMILY_BRIDGE ? INSIDE_ETHERNET : INSIDE_IP,
        at + 4,
        Math.min(end, at + length),
      );
    }
    at += (length + 3) & ~3;
  }
  return REASON_TRUNCATED_LINK;
}

/** Attribute types are small numbers: the order in which the first one is, is the right one. */
function isLittleEndian(data: DataView, at: number, end: number): boolean {
  if (end - at < 4) return true;
  return (data.getUint16(at + 2, true) & 0x3fff) < 0x100;
}
