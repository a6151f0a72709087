import { MPLS } from './encapsulations.ts';
import { INSIDE_ETHERNET, INSIDE_IP, inside } from './inside.ts';
import { looksLikeEthernet, looksLikeIp } from './plausible.ts';
import { REASON_NOT_IP, REASON_TOO_MANY_HEADERS, REASON_TRUNCATED_LINK } from './reasons.ts';
import { enterTunnel, type PacketView } from './view.ts';

/** Labels on one packet; networks use a handful. */
const LABELS_MAX = 16;

/**
 * MPLS (RFC 3032 2.1): entries of label 20, class 3, bottom-of-stack 1, TTL 8 bits.
 *
 * Nothing says what comes below the bottom label. RFC 4385 3 keeps the first nibble of a pseudowire away from 4 and 6
 * by a control word that begins with 0 (1: an associated channel, no traffic); but pseudowires without control word
 * exist, and there the nibble is part of a MAC address. So: IP where an IP header fits, else Ethernet behind a control
 * word or without one, whichever has a known Ethertype in its place.
 */
export function openMpls(view: PacketView, data: DataView, start: number, end: number): number {
  let at = start;
  let entry = 0;
  for (let labels = 0; ; labels++) {
    if (labels === LABELS_MAX) return REASON_TOO_MANY_HEADERS;
    if (end - at < 4) return REASON_TRUNCATED_LINK;
    entry = data.getUint32(at);
    at += 4;
    if ((entry & 0x100) !== 0) break;
  }
  if (!enterTunnel(view, MPLS, entry >>> 12, false)) return REASON_TOO_MANY_HEADERS;
  if (end - at < 1) return REASON_TRUNCATED_LINK;
  const nibble = data.getUint8(at) >> 4;
  if (looksLikeIp(data, at, end)) {
    // A MAC address may begin with 4 or 6, too; a known Ethertype in its place is then worth more than the nibble.
    const frame = looksLikeEthernet(data, at, end) && !isSurelyIp(data, at, end);
    return inside(view, frame ? INSIDE_ETHERNET : INSIDE_IP, at, end);
  }
  if (nibble === 0 && looksLikeEthernet(data, at + 4, end)) return inside(view, INSIDE_ETHERNET, at + 4, end);
  if (looksLikeEthernet(data, at, end)) return inside(view, INSIDE_ETHERNET, at, end);
  if (nibble === 4 || nibble === 6) return inside(view, INSIDE_IP, at, end);
  return REASON_NOT_IP;
}

/** Whether what may be an IP header has the right checksum (version 4), or the right length (version 6). */
function isSurelyIp(data: DataView, at: number, end: number): boolean {
  if (data.getUint8(at) >> 4 === 6) return data.getUint16(at + 4) === end - at - 40;
  const headerEnd = at + (data.getUint8(at) & 0x0f) * 4;
  if (headerEnd > end) return false;
  let sum = 0;
  for (let offset = at; offset < headerEnd; offset += 2) sum += data.getUint16(offset);
  return ((sum & 0xffff) + (sum >>> 16)) % 0xffff === 0;
}
