import { ERSPAN_1, ERSPAN_2, ERSPAN_3, GRE, NVGRE } from './encapsulations.ts';
import { INSIDE_ETHERNET, INSIDE_IP, INSIDE_PPP, inside, insideEthertype } from './inside.ts';
import { looksLikeEthernet } from './plausible.ts';
import {
  REASON_EMPTY_PAYLOAD,
  REASON_NOT_IP,
  REASON_OTHER_PROTOCOL,
  REASON_TOO_MANY_HEADERS,
  REASON_TRUNCATED_TRANSPORT,
} from './reasons.ts';
import { enterTunnel, noteVlan, type PacketView } from './view.ts';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const VERSION = 0x0007;
/** Version 1 only. */
const ACKNOWLEDGMENT = 0x0080;

const TRANSPARENT_ETHERNET = 0x6558;
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;
const PPP = 0x880b;
const CISCO_METADATA = 0x8909;

/** RFC 7637 3.2: subnet identifiers below this are reserved, so a smaller number is an ordinary GRE key. */
const NVGRE_SUBNET_MIN = 0x1000;

/**
 * GRE (RFC 2784, RFC 2890): flags, a protocol that is an Ethertype, then checksum, key and sequence number as the
 * flags say. On it: Ethernet (gretap, NVGRE), ERSPAN, PPP (version 1, PPTP).
 */
export function openGre(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 4) return REASON_TRUNCATED_TRANSPORT;
  const flags = data.getUint16(start);
  const protocol = data.getUint16(start + 2);
  if ((flags & VERSION) === 1) return openPptp(view, data, flags, protocol, start, end);
  // Source routes (RFC 1701) were abandoned before there was voice to carry.
  if ((flags & (VERSION | ROUTING)) !== 0) return REASON_OTHER_PROTOCOL;
  let at = start + 4;
  if ((flags & CHECKSUM) !== 0) at += 4;
  let key = -1;
  if ((flags & KEY) !== 0) {
    if (end - at < 4) return REASON_TRUNCATED_TRANSPORT;
    key = data.getInt32(at);
    at += 4;
  }
  if ((flags & SEQUENCE) !== 0) at += 4;
  if (at > end) return REASON_TRUNCATED_TRANSPORT;

  if (protocol === ERSPAN || protocol === ERSPAN_III) {
    return openErspan(view, data, protocol, (flags & SEQUENCE) !== 0, at, end);
  }
  if (protocol === TRANSPARENT_ETHERNET) {
    const subnet = key >>> 8;
    const virtual = (flags & (CHECKSUM | KEY | SEQUENCE)) === KEY && subnet >= NVGRE_SUBNET_MIN;
    const entered = enterTunnel(view, virtual ? NVGRE : GRE, virtual ? subnet : key, true);
    return entered ? inside(view, INSIDE_ETHERNET, at, end) : REASON_TOO_MANY_HEADERS;
  }
  if (!enterTunnel(view, GRE, key, true)) return REASON_TOO_MANY_HEADERS;
  if (protocol === CISCO_METADATA) {
    // As in Ethernet, but the Ethertype comes first: checked with a capture, there is no public specification.
    if (end - at < 8) return REASON_TRUNCATED_TRANSPORT;
    return insideEthertype(view, data.getUint16(at), at + 8, end);
  }
  return insideEthertype(view, protocol, at, end);
}

/**
 * ERSPAN (draft-foschini-erspan-03). Type I has no header of its own, and no sequence number in GRE. Type II: version
 * 1 and VLAN, class, truncation and session, index; 8 octets. Type III: version 2, the same, time stamp, group tag,
 * flags; 12 octets and 8 more when the last bit (O) is set. The mirror may have cut the frame: lengths inside count.
 */
function openErspan(
  view: PacketView,
  data: DataView,
  protocol: number,
  sequenced: boolean,
  start: number,
  end: number,
): number {
  if (end - start < 8) return REASON_TRUNCATED_TRANSPORT;
  const version = data.getUint8(start) >> 4;
  if (!sequenced && protocol === ERSPAN && !isUnsequencedTypeII(data, start, end)) {
    if (!enterTunnel(view, ERSPAN_1, -1, true)) return REASON_TOO_MANY_HEADERS;
    return inside(view, INSIDE_ETHERNET, start, end);
  }
  if (version !== 1 && version !== 2) return REASON_OTHER_PROTOCOL;
  const head = version === 1 ? 8 : 12;
  if (end - start < head) return REASON_TRUNCATED_TRANSPORT;
  const session = data.getUint16(start + 2) & 0x03ff;
  if (!enterTunnel(view, version === 1 ? ERSPAN_2 : ERSPAN_3, session, true)) return REASON_TOO_MANY_HEADERS;
  // The VLAN of the mirrored port: the frame itself need not carry the tag any more.
  const vlan = data.getUint16(start) & 0x0fff;
  if (vlan !== 0) noteVlan(view, vlan);
  if (version === 1) return inside(view, INSIDE_ETHERNET, start + head, end);
  const flags = data.getUint16(start + 10);
  const at = start + head + ((flags & 1) !== 0 ? 8 : 0);
  if (at > end) return REASON_TRUNCATED_TRANSPORT;
  const frameType = (flags >> 10) & 0x1f;
  if (frameType === 0) return inside(view, INSIDE_ETHERNET, at, end);
  return frameType === 2 ? inside(view, INSIDE_IP, at, end) : REASON_NOT_IP;
}

/** Type II belongs behind a sequence number; without one it is believed only where no frame can begin at once. */
function isUnsequencedTypeII(data: DataView, start: number, end: number): boolean {
  if (data.getUint8(start) >> 4 !== 1 || looksLikeEthernet(data, start, end)) return false;
  return looksLikeEthernet(data, start + 8, end);
}

/**
 * GRE as PPTP uses it (RFC 2637 4.1): the key is payload length and call, a sequence number comes with data, an
 * acknowledgment may come with it or alone.
 */
function openPptp(
  view: PacketView,
  data: DataView,
  flags: number,
  protocol: number,
  start: number,
  end: number,
): number {
  if (protocol !== PPP || (flags & KEY) === 0) return REASON_OTHER_PROTOCOL;
  if (end - start < 8) return REASON_TRUNCATED_TRANSPORT;
  if ((flags & SEQUENCE) === 0) return REASON_EMPTY_PAYLOAD;
  const at = start + 12 + ((flags & ACKNOWLEDGMENT) !== 0 ? 4 : 0);
  if (at > end) return REASON_TRUNCATED_TRANSPORT;
  if (!enterTunnel(view, GRE, data.getUint16(start + 6), true)) return REASON_TOO_MANY_HEADERS;
  return inside(view, INSIDE_PPP, at, Math.min(end, at + data.getUint16(start + 4)));
}
