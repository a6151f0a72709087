import { decodeIp } from './ip.ts';
import {
  REASON_NOT_IP,
  REASON_TOO_MANY_HEADERS,
  REASON_TRUNCATED_LINK,
  REASON_UNKNOWN_LINK_TYPE,
} from './reasons.ts';
import type { PacketView } from './view.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_VLAN = 0x8100;
const ETHERTYPE_PROVIDER_VLAN = 0x88a8;
const ETHERTYPE_OLD_PROVIDER_VLAN = 0x9100;

/** More tags than this on one frame is an attack, not a network. */
const VLAN_DEPTH_MAX = 8;

/**
 * Decodes one frame from its link layer to its transport payload, in place.
 *
 * @param linkType DLT / LINKTYPE number
 * @param start first captured byte of the frame in `data`
 * @param end one past the last captured byte
 * @returns `DECODED`, or the reason the frame is not passed on; `view` is only meaningful when decoded
 */
export function decodeFrame(
  view: PacketView,
  data: DataView,
  linkType: number,
  start: number,
  end: number,
): number {
  view.vlan = -1;
  view.innerVlan = -1;
  switch (linkType) {
    case 1: // Ethernet
      if (end - start < 14) return REASON_TRUNCATED_LINK;
      return decodeEthertype(view, data, data.getUint16(start + 12), start + 14, end);
    case 113: // Linux cooked v1
      if (end - start < 16) return REASON_TRUNCATED_LINK;
      return decodeEthertype(view, data, data.getUint16(start + 14), start + 16, end);
    case 276: // Linux cooked v2
      if (end - start < 20) return REASON_TRUNCATED_LINK;
      return decodeEthertype(view, data, data.getUint16(start), start + 20, end);
    case 0: // BSD loopback: address family in the capturing host's byte order
    case 108: // OpenBSD loopback: always big-endian
      return decodeLoopback(view, data, start, end);
    case 12: // raw IP; 14 and 101 are the same under other names
    case 14:
    case 101:
    case 228: // raw IPv4
    case 229: // raw IPv6
      return decodeIp(view, data, start, end);
    default:
      return REASON_UNKNOWN_LINK_TYPE;
  }
}

/**
 * Goes on from an Ethertype: VLAN tags (802.1Q, 802.1ad, 0x9100, any stack), then IP.
 * Encapsulations that hang off an Ethertype (MPLS, PPPoE) belong here.
 */
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
    if (type !== ETHERTYPE_VLAN && type !== ETHERTYPE_PROVIDER_VLAN && type !== ETHERTYPE_OLD_PROVIDER_VLAN) {
      return REASON_NOT_IP;
    }
    if (end - offset < 4) return REASON_TRUNCATED_LINK;
    const id = data.getUint16(offset) & 0x0fff;
    if (view.vlan < 0) view.vlan = id;
    else if (view.innerVlan < 0) view.innerVlan = id;
    type = data.getUint16(offset + 2);
    offset += 4;
  }
  return REASON_TOO_MANY_HEADERS;
}

/** BSD loopback: a four-byte address family, 2 for IPv4, 10, 24, 28 or 30 for IPv6 depending on the system. */
function decodeLoopback(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 4) return REASON_TRUNCATED_LINK;
  const big = data.getUint32(start);
  const family = big > 0xffff ? data.getUint32(start, true) : big;
  if (family === 2 || family === 10 || family === 24 || family === 28 || family === 30) {
    return decodeIp(view, data, start + 4, end);
  }
  return REASON_NOT_IP;
}
