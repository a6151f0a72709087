import { INSIDE_ETHERNET, inside, insideEthertype } from './inside.ts';
import { decodeIp } from './ip.ts';
import { openMpls } from './mpls.ts';
import { isVlanTag, VLAN_DEPTH_MAX } from './plausible.ts';
import { openPppoe } from './ppp.ts';
import { REASON_NOT_IP, REASON_TOO_MANY_HEADERS, REASON_TRUNCATED_LINK } from './reasons.ts';
import { noteVlan, type PacketView } from './view.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_MPLS = 0x8847;
const ETHERTYPE_MPLS_MULTICAST = 0x8848;
const ETHERTYPE_PPPOE_SESSION = 0x8864;
const ETHERTYPE_CISCO_METADATA = 0x8909;
const ETHERTYPE_CISCO_VN_TAG = 0x8926;
const ETHERTYPE_E_TAG = 0x893f;
const ETHERTYPE_I_TAG = 0x88e7;

/** Values up to this are a length and no type (IEEE 802.3 3.2.6): an LLC header follows. */
const LENGTH_MAX = 1500;

/** Ethernet: two addresses, then the type. */
export function decodeEthernet(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 14) return REASON_TRUNCATED_LINK;
  return decodeEthertype(view, data, data.getUint16(start + 12), start + 14, end);
}

/** Goes on from an Ethertype: VLAN tags (802.1Q, 802.1ad, 0x9100, any stack), then IP, MPLS or PPPoE. */
export function decodeEthertype(
  view: PacketView,
  data: DataView,
  ethertype: number,
  start: number,
  end: number,
): number {
  let type = ethertype;
  let offset = start;
  for (let depth = 0; depth <= VLAN_DEPTH_MAX; depth++) {
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return decodeIp(view, data, offset, end);
    if (!isVlanTag(type)) return decodeOther(view, data, type, offset, end);
    if (end - offset < 4) return REASON_TRUNCATED_LINK;
    noteVlan(view, data.getUint16(offset) & 0x0fff);
    type = data.getUint16(offset + 2);
    offset += 4;
  }
  return REASON_TOO_MANY_HEADERS;
}

function decodeOther(view: PacketView, data: DataView, type: number, start: number, end: number): number {
  if (type === ETHERTYPE_MPLS || type === ETHERTYPE_MPLS_MULTICAST) return openMpls(view, data, start, end);
  if (type === ETHERTYPE_PPPOE_SESSION) return openPppoe(view, data, start, end);
  if (type === ETHERTYPE_CISCO_METADATA) {
    // Version, length, option, group tag: six octets, then the Ethertype of what follows.
    if (end - start < 8) return REASON_TRUNCATED_LINK;
    return insideEthertype(view, data.getUint16(start + 6), start + 8, end);
  }
  if (type === ETHERTYPE_CISCO_VN_TAG || type === ETHERTYPE_E_TAG) {
    // Ports of a fabric extender, in four octets (VN-Tag) or six (IEEE 802.1BR 7.5), then the Ethertype.
    const at = start + (type === ETHERTYPE_E_TAG ? 6 : 4);
    if (end - at < 2) return REASON_TRUNCATED_LINK;
    return insideEthertype(view, data.getUint16(at), at + 2, end);
  }
  // A provider's backbone (IEEE 802.1Q 9.7): flags and service in four octets, then the customer's frame.
  if (type === ETHERTYPE_I_TAG) return inside(view, INSIDE_ETHERNET, start + 4, end);
  if (type <= LENGTH_MAX) return decodeSnap(view, data, start, Math.min(end, start + type));
  return REASON_NOT_IP;
}

/**
 * LLC with a SNAP header (IEEE 802.2, RFC 1042): AA AA 03, the organisation 00-00-00, or 00-00-F8 of a bridge
 * (IEEE 802.1H), then an Ethertype. Other LLC users (spanning tree, IS-IS) carry no IP.
 */
export function decodeSnap(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 3 || data.getUint16(start) !== 0xaaaa) return REASON_NOT_IP;
  if (data.getUint8(start + 2) !== 0x03) return REASON_NOT_IP;
  if (end - start < 8) return REASON_TRUNCATED_LINK;
  const organisation = (data.getUint16(start + 3) << 8) | data.getUint8(start + 5);
  if (organisation !== 0 && organisation !== 0xf8) return REASON_NOT_IP;
  const type = data.getUint16(start + 6);
  return type <= LENGTH_MAX ? REASON_NOT_IP : decodeEthertype(view, data, type, start + 8, end);
}
