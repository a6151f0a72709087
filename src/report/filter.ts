import { BlockList, isIP } from 'node:net';
import { NOWHERE, type Place, type PlaceKind } from './place.ts';
import { neutralised } from './wire-text.ts';

/** Says whether a record is meant, from its addresses, its texts (Call-ID, parties; null where unknown) and its place. */
export interface Filter {
  (addresses: readonly string[], texts: readonly (string | null)[], place?: Place): boolean;
  /** The kind of groups it goes by, where it asks for one of them. */
  readonly kind?: PlaceKind;
}

/** The filter of a text a reader gave, or what is wrong with the text. */
export type ParsedFilter = { ok: true; filter: Filter } | { ok: false; message: string };

/**
 * Reads a filter: an address (`10.0.0.5`), a range (`10.0.0.0/8`, `2001:db8::/32`), the beginning of an address
 * (`10.1.`, `2001:db8:`), a group of the configuration (`site=Berlin`, `trunk=carrier-a`), or else a part of a Call-ID or
 * party, in either case. Addresses are also looked for within Call-IDs and parties, where signalling leaves them.
 */
export function parseFilter(text: string): ParsedFilter {
  const wanted = text.trim();
  if (wanted === '')
    return { ok: false, message: 'the filter is empty; give an address, a range, a Call-ID or a party' };
  const group = /^(site|trunk)\s*=\s*(.*)$/i.exec(wanted);
  if (group !== null) return placeFilter(group[1]!.toLowerCase() as PlaceKind, group[2]!);
  if (isIP(wanted) !== 0) return { ok: true, filter: rangeFilter(wanted, isIP(wanted) === 4 ? 32 : 128) };
  const slash = wanted.lastIndexOf('/');
  const family = isIP(wanted.slice(0, slash));
  if (slash > 0 && family !== 0) {
    const bits = wanted.slice(slash + 1);
    const most = family === 4 ? 32 : 128;
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) {
      return {
        ok: false,
        message: `bad range "${neutralised(wanted)}": the part after / must be 0 to ${most}`,
      };
    }
    return { ok: true, filter: rangeFilter(wanted.slice(0, slash), Number(bits)) };
  }
  return { ok: true, filter: textFilter(wanted.toLowerCase()) };
}

function placeFilter(kind: PlaceKind, name: string): ParsedFilter {
  if (name === '') return { ok: false, message: `no ${kind} is named; give one, as in ${kind}=NAME` };
  const wanted = name.toLowerCase();
  const isThere = (_addresses: unknown, _texts: unknown, place: Place = NOWHERE): boolean =>
    place[kind]?.toLowerCase() === wanted;
  return { ok: true, filter: Object.assign(isThere, { kind }) };
}

function rangeFilter(address: string, bits: number): Filter {
  const range = new BlockList();
  range.addSubnet(address, bits, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  const inRange = (ip: string): boolean => {
    const family = isIP(ip);
    return family !== 0 && range.check(ip, family === 4 ? 'ipv4' : 'ipv6');
  };
  return (addresses, texts) =>
    addresses.some(inRange) || texts.some((text) => text !== null && addressesIn(text).some(inRange));
}

/** IPv4 addresses and bracketed IPv6 addresses within a URI or a Call-ID. */
function addressesIn(text: string): string[] {
  const v4 = text.match(/\d{1,3}(?:\.\d{1,3}){3}/g) ?? [];
  const v6 = text.match(/(?<=\[)[\da-f:.]+(?=\])/gi) ?? [];
  return [...v4, ...v6];
}

function textFilter(wanted: string): Filter {
  const isBeginning = /^[\da-f:.]*[.:]$/.test(wanted);
  return (addresses, texts) =>
    texts.some((text) => text?.toLowerCase().includes(wanted)) ||
    (isBeginning && addresses.some((address) => address.startsWith(wanted)));
}
