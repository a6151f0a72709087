import type { Environment } from '../config/read.ts';
import { type Place as Found, Groups, type GroupsConfig, headersOf } from '../metrics/groups/groups.ts';
import { callPlace, mediaPlace } from '../metrics/groups/placed.ts';
import { NO_GROUP } from '../metrics/label-text.ts';
import { type CallPlace, NOWHERE, type PlaceKind, type Places } from '../report/place.ts';
import { RecordStore } from '../report/record-store.ts';
import { loadConfig } from './config-file.ts';

/** What a configuration says of the calls of captures. */
export interface ReportSettings {
  /** Null where it has no groups. */
  places: Places | null;
  groups: GroupsConfig;
  /** Headers of an INVITE that its groups go by. */
  keptHeaders: readonly string[];
  /** `probe.name`. */
  point: string | null;
}

/**
 * Reads what replays take from a configuration. A module of its own: those without one should not wait for what reads it.
 * Throws `ConfigError`.
 */
export function reportSettings(file: string | undefined, environment: Environment): ReportSettings {
  const { groups, probe } = loadConfig(file, environment).config;
  return { places: placesOf(groups), groups, keptHeaders: headersOf(groups), point: probe.name };
}

/** A store whose records have the places of a configuration. */
export function storeFor(settings: ReportSettings | null): RecordStore {
  const places = settings?.places ?? null;
  return new RecordStore(places === null ? {} : { places });
}

/** Puts records into sites and trunks, as metrics and alerts do; null where there are no groups. */
export function placesOf(config: GroupsConfig): Places | null {
  const { sites, trunks, devices } = config;
  if (sites.length + trunks.length + devices.length === 0) return null;
  const groups = new Groups(config);
  const kinds: PlaceKind[] = [];
  if (trunks.length > 0) kinds.push('trunk');
  if (sites.length > 0) kinds.push('site');
  const known = new WeakMap<Found, CallPlace>();
  const shown = (found: Found): CallPlace => {
    const before = known.get(found);
    if (before !== undefined) return before;
    const place = shownPlace(found, trunks.length > 0);
    known.set(found, place);
    return place;
  };
  return {
    kinds,
    call: (call) => shown(callPlace(groups, call)),
    stream: (stream) => shown(mediaPlace(groups, stream, stream.sender ?? null)),
  };
}

/** Calls that pass no trunk are internal only where trunks are known. */
function shownPlace({ site, trunk, direction }: Found, hasTrunks: boolean): CallPlace {
  const place = {
    site: site === NO_GROUP ? null : site,
    trunk: trunk === NO_GROUP ? null : trunk,
    direction: direction === 'unknown' || !hasTrunks ? null : direction,
  };
  return place.site === null && place.trunk === null && place.direction === null ? NOWHERE : place;
}
