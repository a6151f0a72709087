import type { AddressPseudonyms } from './addresses.ts';

/** The pseudonym of an IPv4 address as text, as long as the text; null where it is none. */
export function ipv4Text(addresses: AddressPseudonyms, text: string): string | null {
  const parts = text.split('.');
  const octets = Uint8Array.from(parts, Number);
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return null;
  addresses.ipv4(octets);
  return parts.map((part, i) => String(octets[i]).padStart(part.length, '0')).join('.');
}

/** The pseudonym of an IPv6 address as text, in the way it is written; null where it is none. */
export function ipv6Text(addresses: AddressPseudonyms, text: string): string | null {
  const dotted = /\d{1,3}(?:\.\d{1,3}){3}$/.exec(text)?.[0] ?? null;
  const hex = dotted === null ? text : text.slice(0, -dotted.length);
  const octets = octetsOf(hex, dotted);
  if (octets === null) return null;
  addresses.ipv6(octets);
  const halves = hex.split('::');
  const last = dotted === null ? 8 : 6;
  const before = (halves[0] ?? '').split(':').filter((group) => group !== '');
  const after = (halves[1] ?? '').split(':').filter((group) => group !== '');
  const written = (group: string, index: number): string => {
    const value = (octets[2 * index]! * 256 + octets[2 * index + 1]!)
      .toString(16)
      .padStart(group.length, '0');
    return /[A-F]/.test(text) ? value.toUpperCase() : value;
  };
  const first = before.map((group, i) => written(group, i)).join(':');
  const second = after.map((group, i) => written(group, last - after.length + i)).join(':');
  const tail = dotted === null ? '' : dottedOf(octets, dotted);
  const colon = dotted !== null && hex.endsWith(':') && !hex.endsWith('::') ? ':' : '';
  const joined = halves.length === 2 ? `${first}::${second}` : first;
  const changed = `${joined}${colon}${tail}`;
  // Colons too many make it something else.
  return changed.length === text.length ? changed : null;
}

function dottedOf(octets: Uint8Array, dotted: string): string {
  return dotted
    .split('.')
    .map((part, i) =>
      String(octets[12 + i])
        .padStart(part.length, '0')
        .slice(-part.length),
    )
    .join('.');
}

/** The sixteen octets of a text; null where it is no address. */
function octetsOf(hex: string, dotted: string | null): Uint8Array | null {
  const halves = hex.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => half.split(':').filter((group) => group !== ''));
  const count = groups.reduce((sum, half) => sum + half.length, 0);
  const room = dotted === null ? 8 : 6;
  if (halves.length === 1 ? count !== room : count >= room) return null;
  if (groups.flat().some((group) => !/^[0-9A-Fa-f]{1,4}$/.test(group))) return null;
  const octets = new Uint8Array(16);
  const [before = [], after = []] = groups;
  const put = (group: string, index: number): void => {
    const value = Number.parseInt(group, 16);
    octets[2 * index] = value >> 8;
    octets[2 * index + 1] = value & 255;
  };
  for (const [i, group] of before.entries()) put(group, i);
  for (const [i, group] of after.entries()) put(group, room - after.length + i);
  if (dotted !== null) {
    const parts = dotted.split('.').map(Number);
    if (parts.some((part) => part > 255)) return null;
    octets.set(parts, 12);
  }
  return octets;
}
