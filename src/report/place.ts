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

/** A kind of groups that reports are divided by. */
export type PlaceKind = keyof Place;

/** Puts records into their places. */
export interface Places {
  /** The kinds that the configuration has groups of. */
  kinds: readonly PlaceKind[];
  call(call: CallRecord): CallPlace;
  stream(stream: StreamRecord): Place;
}

/** Where everything is without groups. */
export const NOWHERE: CallPlace = Object.freeze({ site: null, trunk: null, direction: null });

/** A place in words; null where nothing is known of it. */
export function placeWords({ site, trunk }: Place, direction: CallPlace['direction'] = null): string | null {
  const parts = [
    site === null ? null : `site ${site}`,
    trunk === null ? null : `trunk ${trunk}`,
    direction,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}
