import { latin1, putLatin1 } from './octets.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { maskRtcp, maskRtp } from './rtcp-octets.ts';
import { type Blanked, maskSip } from './sip-text.ts';
import { maskText } from './text.ts';

const HEADER = 6;
const CHUNK = 6;
const IPV4 = new Set([3, 4]);
const IPV6 = new Set([5, 6]);
const PROTOCOL = 11;
const PAYLOAD = 15;
const CORRELATION = 17;
const NODE = 19;
/** Families, ports, times, agent numbers and their like: numbers of the capture. */
const NUMBERS = new Set([1, 2, 7, 8, 9, 10, 11, 12, 13, 18]);
const SIP = 1;
const RTP = 4;
const RTCP = 5;

/**
 * Masks a HEP version 3 message in place: addresses, the message inside, names of calls and nodes; keys and unknown
 * chunks are blanked. @returns false for other versions, which are not taken apart
 */
export function maskHep(
  names: Pseudonyms,
  bytes: Uint8Array,
  start: number,
  end: number,
  blanked: Blanked,
): boolean {
  if (bytes[start + 3] !== 0x33) return false;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let protocol = 0;
  let at = start + HEADER;
  while (at + CHUNK <= end) {
    const vendor = data.getUint16(at);
    const type = data.getUint16(at + 2);
    const length = data.getUint16(at + 4);
    if (length < CHUNK) break;
    const value = at + CHUNK;
    const next = Math.min(end, at + length);
    if (vendor === 0 && type === PROTOCOL && value < next) protocol = bytes[value]!;
    if (vendor !== 0) bytes.fill(0x78, value, next);
    else maskChunk(names, bytes, type, value, next, protocol, blanked);
    at = next;
  }
  bytes.fill(0, at, end);
  return true;
}

function maskChunk(
  names: Pseudonyms,
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  protocol: number,
  blanked: Blanked,
): void {
  if (NUMBERS.has(type)) return;
  if (IPV4.has(type) && end - at === 4) {
    if (names.addressesToo) names.addresses.ipv4(bytes, at);
  } else if (IPV6.has(type) && end - at === 16) {
    if (names.addressesToo) names.addresses.ipv6(bytes, at);
  } else if (type === CORRELATION || type === NODE) {
    putLatin1(bytes, at, maskText(names, latin1(bytes, at, end), type === NODE ? 'names' : 'wire'));
  } else if (type === PAYLOAD && protocol === SIP) {
    putLatin1(bytes, at, maskSip(names, latin1(bytes, at, end), blanked));
  } else if (type === PAYLOAD && protocol === RTCP && bytes[at]! >> 6 === 2) {
    if (!maskRtcp(names, bytes, at, end)) blanked.bodies++;
  } else if (type === PAYLOAD && protocol === RTP) {
    if (at < end) maskRtp(bytes, at, end);
  } else {
    blanked.bodies++;
    bytes.fill(0x78, at, end);
  }
}
