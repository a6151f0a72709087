import { parseAddress } from '../../packet/address.ts';

const IPV4_PREFIX = 96;

/** A network: address words (IPv4 in mapped form) and masks. */
export interface Network {
  readonly words: Int32Array;
  readonly masks: Int32Array;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or a single address; null for anything else. */
export function parseNetwork(text: string): Network | null {
  const parts = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text);
  if (parts === null) return null;
  const address = parts[1]!;
  const words = parseAddress(address);
  if (words === null) return null;
  const offset = address.includes(':') ? 0 : IPV4_PREFIX;
  const length = parts[2] === undefined ? 128 : Number(parts[2]) + offset;
  if (length > 128) return null;
  const masks = new Int32Array(4);
  for (let i = 0; i < 4; i++) {
    const bits = Math.min(32, Math.max(0, length - 32 * i));
    masks[i] = bits === 0 ? 0 : -1 << (32 - bits);
    words[i] = words[i]! & masks[i]!;
  }
  return { words, masks };
}

/** Is the address in the network? */
export function contains({ words, masks }: Network, address: Int32Array): boolean {
  for (let i = 0; i < 4; i++) if ((address[i]! & masks[i]!) !== words[i]) return false;
  return true;
}
