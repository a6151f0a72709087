import { isIpv4 } from './address.ts';
import { ETHER_IP, IP_IN_IP, IPV6_IN_IPV4 } from './encapsulations.ts';
import { openGre } from './gre.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from './icmp.ts';
import { INSIDE_ETHERNET, INSIDE_IP, inside, insideTransport } from './inside.ts';
import { NO_L2TP, openL2tpOverIp } from './l2tp.ts';
import {
  REASON_ENCRYPTED,
  REASON_ICMP,
  REASON_OTHER_PROTOCOL,
  REASON_TOO_MANY_HEADERS,
  REASON_TRUNCATED_IP,
  REASON_TRUNCATED_TRANSPORT,
} from './reasons.ts';
import { enterTunnel, type PacketView } from './view.ts';

const IPV4 = 4;
const IPV6 = 41;
const GRE = 47;
const ESP = 50;
const AUTHENTICATION = 51;
const ETHER_IN_IP = 97;
const L2TP_V3 = 115;

/** Tunnels and headers that hang off an IP protocol number, which is all there is to tell them by. */
export function decodeIpProtocol(
  view: PacketView,
  data: DataView,
  protocol: number,
  start: number,
  end: number,
  wireEnd: number,
): number {
  switch (protocol) {
    case IPV4: // RFC 2003, RFC 2473
    case IPV6: {
      // RFC 4213 3 and its many automatic relatives (6to4, ISATAP, 6rd)
      const mixed = protocol === IPV6 && isIpv4(view.src0, view.src1, view.src2);
      if (!enterTunnel(view, mixed ? IPV6_IN_IPV4 : IP_IN_IP, -1, true)) return REASON_TOO_MANY_HEADERS;
      return inside(view, INSIDE_IP, start, end);
    }
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return decodeIcmp(view, data, protocol, start, end, wireEnd);
    case GRE:
      return openGre(view, data, start, end);
    case ESP:
      return REASON_ENCRYPTED;
    case AUTHENTICATION:
      return skipAuthentication(view, data, start, end, wireEnd);
    case ETHER_IN_IP:
      return openEtherIp(view, data, start, end);
    case L2TP_V3: {
      const answer = openL2tpOverIp(view, data, start, end);
      return answer === NO_L2TP ? REASON_OTHER_PROTOCOL : answer;
    }
    default:
      return REASON_OTHER_PROTOCOL;
  }
}

/** Answers where an ICMP message lies; what it says is read by icmp.ts. It has no ports. */
function decodeIcmp(
  view: PacketView,
  data: DataView,
  protocol: number,
  start: number,
  end: number,
  wireEnd: number,
): number {
  const mixed = (protocol === PROTOCOL_ICMP) !== isIpv4(view.src0, view.src1, view.src2);
  if (mixed || end - start < 8) return REASON_OTHER_PROTOCOL;
  view.srcPort = 0;
  view.dstPort = 0;
  if (view.ident === 0) view.checksum = data.getUint16(start + 2);
  view.payloadOffset = start;
  view.payloadLength = end - start;
  view.payloadWireLength = wireEnd - start;
  return REASON_ICMP;
}

/** Authentication header over IPv4 (RFC 4302 2): next header, length in words less two, 10 octets and the value. */
function skipAuthentication(
  view: PacketView,
  data: DataView,
  start: number,
  end: number,
  wireEnd: number,
): number {
  if (end - start < 12) return REASON_TRUNCATED_IP;
  const next = data.getUint8(start);
  const at = start + (data.getUint8(start + 1) + 2) * 4;
  if (at > end) return REASON_TRUNCATED_IP;
  // One is enough; a chain of them would only be there to be followed.
  return next === AUTHENTICATION ? REASON_TOO_MANY_HEADERS : insideTransport(view, next, at, end, wireEnd);
}

/** EtherIP (RFC 3378 3): version 3 in four bits, twelve reserved ones, then Ethernet. */
function openEtherIp(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 2) return REASON_TRUNCATED_TRANSPORT;
  if (data.getUint16(start) !== 0x3000) return REASON_OTHER_PROTOCOL;
  if (!enterTunnel(view, ETHER_IP, -1, true)) return REASON_TOO_MANY_HEADERS;
  return inside(view, INSIDE_ETHERNET, start + 2, end);
}
