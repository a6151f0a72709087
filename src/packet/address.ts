import { MAPPED_PREFIX_WORD } from './view.ts';

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** True when four address words hold an IPv4 address in mapped form. */
export function isIpv4(w0: number, w1: number, w2: number): boolean {
  return w0 === 0 && w1 === 0 && w2 === MAPPED_PREFIX_WORD;
}

/** Four address words as text: dotted IPv4, or IPv6 in the canonical form of RFC 5952. */
export function formatAddress(w0: number, w1: number, w2: number, w3: number): string {
  if (isIpv4(w0, w1, w2)) {
    return `${(w3 >>> 24) & 255}.${(w3 >>> 16) & 255}.${(w3 >>> 8) & 255}.${w3 & 255}`;
  }
  const groups: number[] = [];
  for (const word of [w0, w1, w2, w3]) groups.push((word >>> 16) & 0xffff, word & 0xffff);
  const [runStart, runLength] = longestZeroRun(groups);
  if (runLength < 2) return groups.map((g) => g.toString(16)).join(':');
  const head = groups.slice(0, runStart).map((g) => g.toString(16));
  const tail = groups.slice(runStart + runLength).map((g) => g.toString(16));
  return `${head.join(':')}::${tail.join(':')}`;
}

/** The first longest run of zero groups, as [start, length] (RFC 5952 4.2.3). */
function longestZeroRun(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  while (start < groups.length) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
    start = end + 1;
  }
  return best;
}

/**
 * The address words of a literal IPv4 or IPv6 address (no brackets, zone ignored), or null for anything else,
 * such as a host name.
 */
export function parseAddress(text: string): Int32Array | null {
  const words = new Int32Array(4);
  if (text.includes(':')) return parseIpv6(text, words) ? words : null;
  const value = parseIpv4(text);
  if (value === null) return null;
  words[2] = MAPPED_PREFIX_WORD;
  words[3] = value;
  return words;
}

/** Dotted decimal, read octet by octet: it is asked of every description and of every record. */
function parseIpv4(text: string): number | null {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return null;
      value = (value << 8) | octet;
      octet = 0;
      digits = 0;
      continue;
    }
    if (code < ZERO || code > NINE || ++digits > 3) return null;
    octet = octet * 10 + code - ZERO;
    if (octet > 255) return null;
  }
  return dots === 3 && digits > 0 ? (value << 8) | octet : null;
}

function parseIpv6(text: string, words: Int32Array): boolean {
  const literal = text.split('%', 1)[0] ?? '';
  if (literal.length > 45) return false;
  const halves = literal.split('::');
  if (halves.length > 2) return false;
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (head === null || tail === null) return false;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return false;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (let i = 0; i < 4; i++) words[i] = ((groups[2 * i] ?? 0) << 16) | (groups[2 * i + 1] ?? 0);
  return true;
}

/** Colon-separated hexadecimal groups, the last possibly dotted IPv4; null when malformed. */
function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4(part);
      if (value === null) return null;
      groups.push((value >>> 16) & 0xffff, value & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

/** The sender's address of a packet or a hop. */
export function sourceIp(words: { src0: number; src1: number; src2: number; src3: number }): string {
  return formatAddress(words.src0, words.src1, words.src2, words.src3);
}

/** The receiver's. */
export function destinationIp(words: { dst0: number; dst1: number; dst2: number; dst3: number }): string {
  return formatAddress(words.dst0, words.dst1, words.dst2, words.dst3);
}
