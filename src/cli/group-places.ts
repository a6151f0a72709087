import { type Place as Found, Groups, type GroupsConfig } from '../metrics/groups/groups.ts';
import { type CallMarks, callPlace, type MediaMarks, mediaPlace } from '../metrics/groups/placed.ts';
import { NO_GROUP } from '../metrics/label-text.ts';
import type { SenderMarks } from '../records/interval-record.ts';
import { NOWHERE, type PlaceKind, type WayPlace } from '../report/place.ts';

/** Puts calls and media into sites and trunks as metrics and alerts do, in the words of the report. */
export interface GroupPlaces {
  /** The kinds there are groups of. */
  kinds: readonly PlaceKind[];
  call(marks: CallMarks): WayPlace;
  media(marks: MediaMarks, sender: SenderMarks | null): WayPlace;
}

/** What a configuration puts where; null where it has no groups. */
export function groupPlaces(config: GroupsConfig): GroupPlaces | null {
  const { sites, trunks, devices } = config;
  if (sites.length + trunks.length + devices.length === 0) return null;
  const groups = new Groups(config);
  const kinds: PlaceKind[] = [];
  if (trunks.length > 0) kinds.push('trunk');
  if (sites.length > 0) kinds.push('site');
  const known = new WeakMap<Found, WayPlace>();
  const shown = (found: Found): WayPlace => {
    const before = known.get(found);
    if (before !== undefined) return before;
    const place = shownPlace(found, trunks.length > 0);
    known.set(found, place);
    return place;
  };
  return {
    kinds,
    call: (marks) => shown(callPlace(groups, marks)),
    media: (marks, sender) => shown(mediaPlace(groups, marks, sender)),
  };
}

/** Calls that pass no trunk are internal only where trunks are known. */
function shownPlace({ site, trunk, direction, intoSite }: Found, hasTrunks: boolean): WayPlace {
  const place = {
    site: site === NO_GROUP ? null : site,
    trunk: trunk === NO_GROUP ? null : trunk,
    direction: direction === 'unknown' || !hasTrunks ? null : direction,
    ...(intoSite === null ? {} : { intoSite }),
  };
  return place.site === null && place.trunk === null && place.direction === null ? NOWHERE : place;
}
