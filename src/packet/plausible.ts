/*
 * Some encapsulations do not say what they carry (MPLS, L2TP), and UDP ports prove nothing. What lies inside has to
 * show itself: these checks read its first octets and touch nothing.
 */

/** More tags than this on one frame is an attack, not a network. */
export const VLAN_DEPTH_MAX = 8;

/** 802.1Q, 802.1ad and the tag type that was used before 802.1ad. */
export function isVlanTag(ethertype: number): boolean {
  return ethertype === 0x8100 || ethertype === 0x88a8 || ethertype === 0x9100;
}

/** Whether an IPv4 or IPv6 header can begin at `at`: version, lengths that fit each other. */
export function looksLikeIp(data: DataView, at: number, end: number): boolean {
  if (end - at < 20) return false;
  const first = data.getUint8(at);
  if (first >> 4 === 6) return end - at >= 40;
  const headerLength = (first & 0x0f) * 4;
  if (first >> 4 !== 4 || headerLength < 20) return false;
  const totalLength = data.getUint16(at + 2);
  return totalLength === 0 || totalLength >= headerLength;
}

/**
 * Whether an Ethernet frame with something known in it can begin at `at`: its Ethertype, behind any tags, is IP and
 * an IP header follows, or it is MPLS, a PPPoE session or ARP.
 */
export function looksLikeEthernet(data: DataView, at: number, end: number): boolean {
  let offset = at + 12;
  for (let tags = 0; tags <= VLAN_DEPTH_MAX && end - offset >= 2; tags++) {
    const type = data.getUint16(offset);
    if (isVlanTag(type)) {
      offset += 4;
      continue;
    }
    offset += 2;
    if (type === 0x0800) return looksLikeIp(data, offset, end) && data.getUint8(offset) >> 4 === 4;
    if (type === 0x86dd) return looksLikeIp(data, offset, end) && data.getUint8(offset) >> 4 === 6;
    if (type === 0x8847 || type === 0x8848) return end - offset >= 4;
    if (type === 0x8864) return end - offset >= 6 && data.getUint16(offset) === 0x1100;
    return type === 0x0806 && end - offset >= 8 && data.getUint16(offset) === 1;
  }
  return false;
}
