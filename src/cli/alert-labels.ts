import type { AlertInput, Labeller, Labels } from '../alerts/input.ts';
import { codecLabel } from '../metrics/codec-label.ts';
import { asSeen } from '../metrics/groups/as-seen.ts';
import { Groups, type GroupsConfig, type Place } from '../metrics/groups/groups.ts';
import { callPlace, mediaPlace } from '../metrics/groups/placed.ts';
import { labelValue, NO_GROUP } from '../metrics/label-text.ts';
import { findingEntry } from '../records/finding-codes.ts';
import { dropOldest } from '../records/oldest.ts';
import type { ReportFinding } from '../report/contract.ts';

/** Calls whose place is remembered for their findings; the oldest makes room. */
const PLACED_CALLS_MAX = 20_000;

/**
 * Site, trunk, device and direction of records, as metrics have them; without groups only what records say of
 * themselves. Findings name a call only: they are where its media is, as far as that was told before them; those about a
 * registration are where it comes from.
 */
export function alertLabeller(config: GroupsConfig | null): Labeller {
  const isUsed = config !== null && config.sites.length + config.trunks.length + config.devices.length > 0;
  if (!isUsed) return withoutGroups;
  const groups = new Groups(config);
  const placed = new Map<string, Labels>();
  return (record) => {
    if (record.type === 'finding') {
      return record.callId === null ? registrationLabels(groups, record) : (placed.get(record.callId) ?? {});
    }
    const place = placeOf(groups, record);
    if (place === null) return withoutGroups(record);
    const labels = { ...withoutGroups(record), ...labelsOf(place) };
    if ('callId' in record && record.callId !== null) remember(placed, record.callId, labels);
    return labels;
  };
}

/** Names as in metrics: what SDP says of a codec, and a Request-URI of a host, is anybody's choice. */
function withoutGroups(record: AlertInput): Labels {
  if (record.type === 'trunkState') return { trunk: labelValue(record.trunk) };
  if (record.type !== 'interval' && record.type !== 'stream') return {};
  return { codec: codecLabel(record.codec) };
}

/** Findings about a registration say where its REGISTERs come from. */
function registrationLabels(groups: Groups, { code, evidence }: ReportFinding): Labels {
  if (findingEntry(code)?.foundIn !== 'registrations' || typeof evidence.source !== 'string') return {};
  const { site, trunk, device } = groups.place({
    ...{ source: evidence.source, destination: null, vlans: [], headers: {} },
    userAgent: typeof evidence.userAgent === 'string' ? evidence.userAgent : null,
  });
  return known({ site, trunk, device });
}

function remember(placed: Map<string, Labels>, callId: string, { site, trunk, device }: Labels): void {
  placed.delete(callId);
  if (placed.size >= PLACED_CALLS_MAX) {
    dropOldest(placed);
  }
  placed.set(callId, known({ site, trunk, device }));
}

function placeOf(groups: Groups, record: AlertInput): Place | null {
  if (record.type === 'interval' || record.type === 'stream') {
    // Streams that are over do not say who sent them: they are placed by their addresses.
    const sender = record.type === 'interval' ? (record.sender ?? null) : null;
    const { src, dst, vlans = [], interface: of = null } = asSeen(record);
    return mediaPlace(groups, { src, dst, vlans, interface: of }, sender);
  }
  return record.type === 'call' || record.type === 'ongoing' ? callPlace(groups, record) : null;
}

/** Nothing is said of what is in no group. */
function labelsOf({ site, trunk, device, direction }: Place): Labels {
  return known({ site, trunk, device, direction });
}

function known(labels: Record<string, string | undefined>): Labels {
  const entries = Object.entries(labels).filter(([, value]) => value !== undefined && value !== NO_GROUP);
  return Object.fromEntries(entries);
}
