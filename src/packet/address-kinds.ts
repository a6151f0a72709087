import { parseAddress } from './address.ts';

/** What an address is good for outside its own network. */
export type AddressKind =
  | 'public'
  | 'private'
  | 'carrier'
  | 'link-local'
  | 'loopback'
  | 'unspecified'
  | 'multicast';

const MAPPED = 0xffff;

/** The kind of an address in words as in `PacketView` (RFC 1918, 6598, 3927, 4193, 4291). */
export function kindOfWords(words: ArrayLike<number>): AddressKind {
  const [w0, w1, w2, w3] = [words[0]! >>> 0, words[1]!, words[2]!, words[3]! >>> 0];
  if (w0 === 0 && w1 === 0 && w2 === MAPPED) return kindOfIpv4(w3);
  if (w0 === 0 && w1 === 0 && w2 === 0) return w3 === 0 ? 'unspecified' : w3 === 1 ? 'loopback' : 'public';
  const top = w0 >>> 24;
  if ((top & 0xfe) === 0xfc) return 'private';
  if (w0 >>> 22 === 0xfe80 >>> 6) return 'link-local';
  return top === 0xff ? 'multicast' : 'public';
}

function kindOfIpv4(address: number): AddressKind {
  const top = address >>> 24;
  const second = (address >>> 16) & 0xff;
  if (address === 0) return 'unspecified';
  if (top === 127) return 'loopback';
  if (top === 10 || (top === 172 && second >> 4 === 1) || (top === 192 && second === 168)) return 'private';
  if (top === 100 && second >> 6 === 1) return 'carrier';
  if (top === 169 && second === 254) return 'link-local';
  return top >= 224 && top < 240 ? 'multicast' : 'public';
}

/** The kind of a literal address; null for anything else. */
export function kindOf(text: string): AddressKind | null {
  const words = parseAddress(text);
  return words === null ? null : kindOfWords(words);
}

/** An address that nobody outside its own network can send to. */
export function isUnroutable(kind: AddressKind | null): boolean {
  return kind === 'private' || kind === 'carrier' || kind === 'link-local';
}

/** Two literal addresses, compared as addresses; one that cannot be read equals none. */
export function sameAddress(a: string, b: string): boolean {
  if (a === b) return true;
  const first = parseAddress(a);
  const second = parseAddress(b);
  return first !== null && second !== null && first.every((word, i) => word === second[i]);
}
