import type { Environment } from '../config/read.ts';
import { type GroupsConfig, headersOf } from '../metrics/groups/groups.ts';
import type { Places } from '../report/place.ts';
import { RecordStore } from '../report/record-store.ts';
import { loadConfig } from './config-file.ts';
import { groupPlaces } from './group-places.ts';

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

/** Puts records into sites and trunks; null where there are no groups. */
export function placesOf(config: GroupsConfig): Places | null {
  const places = groupPlaces(config);
  if (places === null) return null;
  return {
    kinds: places.kinds,
    call: (call) => places.call(call),
    stream: (stream) => places.media(stream, stream.sender ?? null),
  };
}
