import { decodeEthernet, decodeEthertype } from './ethernet.ts';
import { decodeExportedPdu } from './exported-pdu.ts';
import {
  INSIDE_ETHERNET,
  INSIDE_ETHERTYPE,
  INSIDE_FIRST,
  INSIDE_IP,
  INSIDE_PPP,
  INSIDE_WIRELESS,
} from './inside.ts';
import { decodeInsideTransport, decodeIp } from './ip.ts';
import { openMpls } from './mpls.ts';
import { decodeNflog } from './nflog.ts';
import { decodeCiscoHdlc, decodePpp, decodeSerial, openPppoe } from './ppp.ts';
import { REASON_NOT_IP, REASON_TRUNCATED_LINK, REASON_UNKNOWN_LINK_TYPE } from './reasons.ts';
import type { PacketView } from './view.ts';
import { decodeRadiotap, decodeWireless } from './wireless.ts';

const ETHERNET = 1;

/**
 * Decodes one frame from its link layer to its transport payload, in place, through all tunnels.
 *
 * @param linkType DLT / LINKTYPE number
 * @param start first captured byte of the frame in `data`
 * @param end one past the last captured byte
 * @returns `DECODED`, or the reason the frame is not passed on; `view` is only meaningful when decoded. A fragment's
 * reason is `REASON_IP_FRAGMENT`, and `view` then says where it belongs: see fragments.ts.
 */
export function decodeFrame(
  view: PacketView,
  data: DataView,
  linkType: number,
  start: number,
  end: number,
): number {
  view.path = 0;
  // Ethernet at once: through `decodeEthernet` it would take a tenth longer.
  const answer =
    linkType === ETHERNET && end - start >= 14
      ? decodeEthertype(view, data, data.getUint16(start + 12), start + 14, end)
      : decodeLink(view, data, linkType, start, end);
  return answer < INSIDE_FIRST ? answer : decodeInside(view, data, answer);
}

/**
 * Opens one envelope after the other until there is a payload, or a reason. Ends, because every tunnel counts as a
 * level and `enterTunnel` knows how many there may be, and what is no tunnel only leads farther in.
 */
export function decodeInside(view: PacketView, data: DataView, first: number): number {
  let answer = first;
  while (answer >= INSIDE_FIRST) {
    const start = view.innerStart;
    const end = view.innerEnd;
    switch (answer) {
      case INSIDE_ETHERNET:
        answer = decodeEthernet(view, data, start, end);
        break;
      case INSIDE_IP:
        answer = decodeIp(view, data, start, end);
        break;
      case INSIDE_ETHERTYPE:
        answer = decodeEthertype(view, data, view.innerType, start, end);
        break;
      case INSIDE_PPP:
        answer = decodePpp(view, data, start, end);
        break;
      case INSIDE_WIRELESS:
        answer = decodeWireless(view, data, start, end, false);
        break;
      default:
        answer = decodeInsideTransport(view, data);
    }
  }
  return answer;
}

/** All link types; Ethernet only gets here when it is too short. */
function decodeLink(view: PacketView, data: DataView, linkType: number, start: number, end: number): number {
  switch (linkType) {
    case ETHERNET:
      return REASON_TRUNCATED_LINK;
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
    case 9:
      return decodePpp(view, data, start, end);
    case 50:
      return decodeSerial(view, data, start, end);
    case 51: // PPPoE without Ethernet
      return openPppoe(view, data, start, end);
    case 104:
      return decodeCiscoHdlc(view, data, start, end);
    case 105:
      return decodeWireless(view, data, start, end, false);
    case 127:
      return decodeRadiotap(view, data, start, end);
    case 219:
      return openMpls(view, data, start, end);
    case 239:
      return decodeNflog(view, data, start, end);
    case 252:
      return decodeExportedPdu(view, data, start, end);
    default:
      return REASON_UNKNOWN_LINK_TYPE;
  }
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
