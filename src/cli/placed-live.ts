import type { LiveRecord } from '../live/live-records.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { SenderMarks } from '../records/interval-record.ts';
import { dropOldest } from '../records/oldest.ts';
import { type GroupPlaces, groupPlaces } from './group-places.ts';

/** Streams under way whose sender is remembered until they end; the oldest makes room. */
const SENDERS_MAX = 65_536;

/** Writes site, trunk and direction into the calls and streams that a live probe tells. */
export class PlacedLive {
  private places: GroupPlaces | null = null;
  /** Whether any group goes by what the call says of a sender. */
  private needsSenders = false;
  private readonly senders = new Map<string, SenderMarks>();

  private readonly cover: <T extends object>(names: T) => T;

  /** @param cover puts pseudonyms into names of groups, parts of which may be from the wire; as they are if absent */
  constructor(groups: GroupsConfig | undefined, cover: (<T extends object>(names: T) => T) | null = null) {
    this.cover = cover ?? ((names) => names);
    if (groups !== undefined) this.regroup(groups);
  }

  /** Takes other groups: they go for whatever is told from now on. */
  regroup(groups: GroupsConfig): void {
    this.places = groupPlaces(groups);
    const rules = [...groups.sites, ...groups.trunks];
    this.needsSenders = rules.some(({ userAgent, header }) => userAgent.length > 0 || header !== null);
    if (!this.needsSenders) this.senders.clear();
  }

  /** The same records, those of calls and streams with their places. */
  records(records: readonly LiveRecord[]): readonly LiveRecord[] {
    const { places } = this;
    return places === null ? records : records.map((record) => this.placed(places, record));
  }

  private placed(places: GroupPlaces, record: LiveRecord): LiveRecord {
    switch (record.type) {
      case 'start':
        // Ids of streams begin anew.
        this.senders.clear();
        return record;
      case 'interval':
        if (this.needsSenders && record.sender !== null) this.remember(record.streamId, record.sender);
        return record;
      case 'stream': {
        const { site, trunk } = places.media(record, this.senders.get(record.id) ?? null);
        this.senders.delete(record.id);
        return { ...record, ...this.cover({ site, trunk }) };
      }
      case 'call': {
        const { site, trunk, direction } = places.call(record);
        return { ...record, ...this.cover({ site, trunk, direction }) };
      }
      default:
        return record;
    }
  }

  private remember(streamId: string, sender: SenderMarks): void {
    if (!this.senders.has(streamId) && this.senders.size >= SENDERS_MAX) {
      dropOldest(this.senders);
    }
    this.senders.set(streamId, sender);
  }
}
