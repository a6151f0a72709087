import { parseAddress } from '../../packet/address.ts';
import { filled, match } from '../../records/pattern.ts';
import { labelValue, NO_GROUP } from '../label-text.ts';
import { contains, type Network, parseNetwork } from './cidr.ts';

/**
 * One rule: who is in the group. Of each kind that is given one must hold, and all kinds that are given must. The name
 * may hold `$1` to `$9`, which stand for what the stars of the header or else of the User-Agent matched.
 */
export interface GroupRule {
  name: string;
  /** Networks that the source or the destination is in. */
  cidr: readonly string[];
  vlan: readonly number[];
  /** Interfaces that packets were captured on, patterns with `*` and `?`. */
  interface?: readonly string[];
  /** Patterns with `*` and `?`. */
  userAgent: readonly string[];
  /** Name of a header of the first INVITE, and the pattern of its value; null for none. */
  header: string | null;
  value: string;
}

/** Rules in order: the first that holds decides. */
export interface GroupsConfig {
  sites: readonly GroupRule[];
  trunks: readonly GroupRule[];
  devices: readonly GroupRule[];
}

/** What groups are told by. */
export interface GroupFacts {
  source: string | null;
  destination: string | null;
  vlans: readonly number[];
  interface?: string | null;
  userAgent: string | null;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
}

/** Into or out of the network behind the probe, by which side the trunk is on; `internal` without one. */
export type GroupDirection = 'inbound' | 'outbound' | 'internal' | 'unknown';

export interface Place {
  site: string;
  trunk: string;
  device: string;
  direction: GroupDirection;
  /** Into the site or out of it, by which end its networks hold; null where they hold both or tell nothing. */
  intoSite: boolean | null;
}

interface ParsedRule {
  rule: GroupRule;
  networks: readonly Network[];
  header: string | null;
}

/** Endpoints whose groups are remembered. */
export const PLACES_MAX = 16_384;

/** Maps streams and calls to site, trunk and device. It never changes: a new configuration is a new object. */
export class Groups {
  private readonly sites: readonly ParsedRule[];
  private readonly trunks: readonly ParsedRule[];
  private readonly devices: readonly ParsedRule[];
  private readonly headersUsed: readonly string[];
  private readonly places = new Map<string, Place>();

  constructor({ sites, trunks, devices }: GroupsConfig = { sites: [], trunks: [], devices: [] }) {
    this.sites = sites.map(parsed);
    this.trunks = trunks.map(parsed);
    this.devices = devices.map(parsed);
    this.headersUsed = headersOf({ sites, trunks, devices });
  }

  /** Where a stream or call belongs. */
  place(facts: GroupFacts): Place {
    const { source, destination, vlans, userAgent, headers } = facts;
    const of = this.headersUsed.map((name) => headers[name] ?? '');
    const key = [source, destination, vlans.join(), facts.interface, userAgent, ...of].join('\u0000');
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = this.find(facts);
    if (this.places.size >= PLACES_MAX) this.places.clear();
    this.places.set(key, place);
    return place;
  }

  private find(facts: GroupFacts): Place {
    const source = addressOf(facts.source);
    const destination = addressOf(facts.destination);
    const trunk = firstOf(this.trunks, facts, source, destination);
    const site = firstOf(this.sites, facts, source, destination);
    const siteWay = site === null ? 'unknown' : directionOf(site.networks, source, destination);
    return {
      site: site?.name ?? NO_GROUP,
      trunk: trunk?.name ?? NO_GROUP,
      device: firstOf(this.devices, facts, source, destination)?.name ?? NO_GROUP,
      direction: trunk === null ? 'internal' : directionOf(trunk.networks, source, destination),
      // What comes from a group's networks is `inbound`: out of the site.
      intoSite: siteWay === 'unknown' ? null : siteWay === 'outbound',
    };
  }
}

/** Lower-case names of the headers that rules look at. */
export function headersOf({ sites, trunks, devices }: GroupsConfig): string[] {
  const names = [...sites, ...trunks, ...devices].flatMap(({ header }) =>
    header === null ? [] : [header.toLowerCase()],
  );
  return [...new Set(names)];
}

function parsed(rule: GroupRule): ParsedRule {
  const networks = rule.cidr.map(parseNetwork).filter((network) => network !== null);
  return { rule, networks, header: rule.header?.toLowerCase() ?? null };
}

function firstOf(
  rules: readonly ParsedRule[],
  facts: GroupFacts,
  source: Int32Array | null,
  destination: Int32Array | null,
): { name: string; networks: readonly Network[] } | null {
  for (const each of rules) {
    const parts = partsOf(each, facts, source, destination);
    if (parts !== null) return { name: labelValue(filled(each.rule.name, parts)), networks: each.networks };
  }
  return null;
}

/** What the stars of a rule matched; null where the rule does not hold. */
function partsOf(
  { rule, networks, header }: ParsedRule,
  facts: GroupFacts,
  source: Int32Array | null,
  destination: Int32Array | null,
): readonly string[] | null {
  let parts: readonly string[] = [];
  // A rule all of whose networks are unreadable holds for nobody, not for all.
  if (rule.cidr.length > 0 && !isIn(networks, source) && !isIn(networks, destination)) return null;
  if (rule.vlan.length > 0 && !rule.vlan.some((vlan) => facts.vlans.includes(vlan))) return null;
  const { interface: names = [] } = rule;
  if (names.length > 0 && firstMatch(names, facts.interface ?? null) === null) return null;
  if (rule.userAgent.length > 0) {
    const found = firstMatch(rule.userAgent, facts.userAgent);
    if (found === null) return null;
    parts = found;
  }
  if (header !== null) {
    const found = firstMatch([rule.value], facts.headers[header] ?? null);
    if (found === null) return null;
    parts = found;
  }
  return parts;
}

function firstMatch(patterns: readonly string[], text: string | null): readonly string[] | null {
  if (text === null) return null;
  for (const pattern of patterns) {
    const found = match(pattern, text);
    if (found !== null) return found;
  }
  return null;
}

function directionOf(
  networks: readonly Network[],
  source: Int32Array | null,
  destination: Int32Array | null,
): GroupDirection {
  const from = isIn(networks, source);
  const to = isIn(networks, destination);
  if (from === to) return 'unknown';
  return from ? 'inbound' : 'outbound';
}

function isIn(networks: readonly Network[], address: Int32Array | null): boolean {
  return address !== null && networks.some((network) => contains(network, address));
}

function addressOf(text: string | null): Int32Array | null {
  return text === null ? null : parseAddress(text);
}
