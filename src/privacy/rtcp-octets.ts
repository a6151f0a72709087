import { latin1, putLatin1 } from './octets.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { maskText } from './text.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const DESCRIPTION = 202;
const GOODBYE = 203;
const FEEDBACK_FIRST = 205;
const EXTENDED_REPORT = 207;
const REPORT_BLOCK = 24;
const PRIVATE_ITEM = 8;

/**
 * Masks a compound of RTCP in place: names in source descriptions and reasons of goodbyes; what applications and
 * profiles put there is blanked, as is whatever cannot be read. @returns whether all of it could be read
 */
export function maskRtcp(names: Pseudonyms, bytes: Uint8Array, start: number, end: number): boolean {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (end - at >= 8 && bytes[at]! >> 6 === 2) {
    const next = at + 4 + 4 * data.getUint16(at + 2);
    if (next > end) break;
    maskPacket(names, bytes, at, next);
    at = next;
  }
  bytes.fill(0, at, end);
  return at === end;
}

function maskPacket(names: Pseudonyms, bytes: Uint8Array, at: number, end: number): void {
  const count = bytes[at]! & 31;
  const type = bytes[at + 1]!;
  if (type === SENDER_REPORT || type === RECEIVER_REPORT) {
    const fixed = at + (type === SENDER_REPORT ? 28 : 8) + count * REPORT_BLOCK;
    if (fixed < end) bytes.fill(0, fixed, end);
  } else if (type === DESCRIPTION) maskDescriptions(names, bytes, at + 4, end, count);
  else if (type === GOODBYE) {
    const reason = at + 4 + 4 * count;
    const length = reason < end ? bytes[reason]! : 0;
    if (reason + 1 + length <= end) maskOctets(names, bytes, reason + 1, reason + 1 + length);
    else bytes.fill(0, Math.min(reason, end), end);
  } else if (type < FEEDBACK_FIRST || type > EXTENDED_REPORT) bytes.fill(0, Math.min(at + 12, end), end);
}

function maskDescriptions(
  names: Pseudonyms,
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
): void {
  let at = start;
  for (let chunk = 0; chunk < count && at + 4 < end; chunk++) {
    at += 4;
    while (at + 1 < end && bytes[at] !== 0) {
      const itemEnd = at + 2 + bytes[at + 1]!;
      if (itemEnd > end) break;
      if (bytes[at] === PRIVATE_ITEM) bytes.fill(0x78, at + 2, itemEnd);
      else maskOctets(names, bytes, at + 2, itemEnd);
      at = itemEnd;
    }
    if (at >= end || bytes[at] !== 0) break;
    // To the next word, a zero octet at least.
    at = start - 4 + ((at - start + 4) & ~3) + 4;
  }
  if (at < end) bytes.fill(0, at, end);
}

function maskOctets(names: Pseudonyms, bytes: Uint8Array, start: number, end: number): void {
  putLatin1(bytes, start, maskText(names, latin1(bytes, start, end), 'names'));
}

const RTP_HEADER = 12;

/** Blanks what follows the header of an RTP packet: its extensions may hold a CNAME (RFC 7941), its payload a voice. */
export function maskRtp(bytes: Uint8Array, start: number, end: number): void {
  const sources = RTP_HEADER + (bytes[start]! & 15) * 4;
  const extension = (bytes[start]! & 16) === 0 ? 0 : 4;
  bytes.fill(0, Math.min(end, start + sources + extension), end);
}
