import type { CallRecord, StreamRecord } from '../records/types.ts';

/** Where a call or stream belongs, by the groups of a configuration; null where none of them holds. */
export interface Place {
  site: string | null;
  trunk: string | null;
}

/** Into or out of the network behind the probe, or within it; null where no trunk tells. */
export interface CallPlace extends Place {
  direction: 'inbound' | 'outbound' | 'internal' | null;
}

/** The same, with the way to or from a site. */
export interface WayPlace extends CallPlace {
  /** Into the site (true) or out of it, by its networks; absent or null where they do not tell. */
  intoSite?: boolean | null;
}

/** A kind of groups that reports are divided by. */
export type PlaceKind = keyof Place;

/** Puts records into their places. */
export interface Places {
  /** The kinds that the configuration has groups of. */
  kinds: readonly PlaceKind[];
  call(call: CallRecord): WayPlace;
  stream(stream: StreamRecord): WayPlace;
}

/** Where everything is without groups. */
export const NOWHERE: CallPlace = Object.freeze({ site: null, trunk: null, direction: null });

/**
 * Whether what passes there goes into the site, or through the trunk into the network behind the probe; null where that is
 * not known.
 */
export function goesInto({ direction, intoSite = null }: WayPlace, kind: PlaceKind): boolean | null {
  if (kind === 'site') return intoSite;
  return direction === 'inbound' ? true : direction === 'outbound' ? false : null;
}

/** A place in words; null where nothing is known of it. */
export function placeWords({ site, trunk }: Place, direction: CallPlace['direction'] = null): string | null {
  const parts = [
    site === null ? null : `site ${site}`,
    trunk === null ? null : `trunk ${trunk}`,
    direction,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}
