import { L2TP } from './encapsulations.ts';
import { INSIDE_ETHERNET, INSIDE_PPP, inside } from './inside.ts';
import { looksLikeEthernet, looksLikeIp } from './plausible.ts';
import { REASON_TOO_MANY_HEADERS } from './reasons.ts';
import { enterTunnel, type PacketView } from './view.ts';

/** Answer when the octets are no L2TP data message that can be opened. */
export const NO_L2TP = -1;

const LENGTH = 0x40;
const SEQUENCE = 0x08;
const OFFSET = 0x02;
/** Control messages and reserved bits. */
const NOT_DATA = 0x80 | 0x30 | 0x04;

/** L2TP over UDP (RFC 2661 3.1, RFC 3931 4.1.2): version 2 carries PPP, version 3 mostly Ethernet. */
export function openL2tpOverUdp(view: PacketView, data: DataView, start: number, end: number): number {
  if (end - start < 8) return NO_L2TP;
  const flags = data.getUint8(start);
  const version = data.getUint8(start + 1);
  if ((flags & NOT_DATA) !== 0) return NO_L2TP;
  if (version === 3) {
    return data.getUint32(start) === 0x0003_0000 ? openSession(view, data, start + 4, end) : NO_L2TP;
  }
  if (version !== 2) return NO_L2TP;
  let at = start + 2;
  let messageEnd = end;
  if ((flags & LENGTH) !== 0) {
    messageEnd = Math.min(end, start + data.getUint16(at));
    at += 2;
  }
  if (end - at < 4) return NO_L2TP;
  const session = data.getInt32(at);
  at += 4;
  if ((flags & SEQUENCE) !== 0) at += 4;
  if ((flags & OFFSET) !== 0) {
    if (end - at < 2) return NO_L2TP;
    at += 2 + data.getUint16(at);
  }
  if (!looksLikePppWithIp(data, at, messageEnd)) return NO_L2TP;
  if (!enterTunnel(view, L2TP, session, true)) return REASON_TOO_MANY_HEADERS;
  return inside(view, INSIDE_PPP, at, messageEnd);
}

/** L2TPv3 over IP (RFC 3931 4.1.1): a session identifier, 0 for control messages. */
export function openL2tpOverIp(view: PacketView, data: DataView, start: number, end: number): number {
  return end - start >= 4 ? openSession(view, data, start, end) : NO_L2TP;
}

/**
 * A session of L2TPv3. How long its cookie is (0, 4 or 8 octets) and whether a sublayer of 4 octets follows was
 * agreed in control messages long ago. So the frame is looked for in the four places where it can be, and taken only
 * when exactly one of them holds one.
 */
function openSession(view: PacketView, data: DataView, start: number, end: number): number {
  const session = data.getInt32(start);
  if (session === 0) return NO_L2TP;
  let found = -1;
  for (let at = start + 4; at <= start + 16; at += 4) {
    if (!looksLikeEthernet(data, at, end)) continue;
    if (found >= 0) return NO_L2TP;
    found = at;
  }
  if (found < 0) return NO_L2TP;
  if (!enterTunnel(view, L2TP, session, true)) return REASON_TOO_MANY_HEADERS;
  return inside(view, INSIDE_ETHERNET, found, end);
}

/** Whether PPP with an IP packet in it can begin at `at`. */
function looksLikePppWithIp(data: DataView, at: number, end: number): boolean {
  let offset = at;
  if (end - offset >= 2 && data.getUint16(offset) === 0xff03) offset += 2;
  if (end - offset < 2) return false;
  if (data.getUint8(offset) === 0) offset++;
  const protocol = data.getUint8(offset);
  const version = protocol === 0x21 ? 4 : protocol === 0x57 ? 6 : 0;
  return version !== 0 && looksLikeIp(data, offset + 1, end) && data.getUint8(offset + 1) >> 4 === version;
}
