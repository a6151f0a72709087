import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { networkOf } from './networks.ts';

const DEATHS_KEPT = 4096;
/** A group is told when no call has added to it for so long, or as long as this after it is sure. */
const QUIET_US = 60_000_000;
const PATIENCE_US = 180_000_000;
/** What was told is told again only when nothing of the kind has happened for so long. */
const FORGOTTEN_US = 3_600_000_000;
const TOLD_KEPT = 256;
/** Streams that stop at one moment have lost their link, whatever their age. */
const MOMENT_US = 2_000_000;

export interface DeathThresholds {
  deathCalls: number;
  deathWithinMs: number;
}

/** A direction of media that stopped before its call was over. */
interface Death {
  ageMs: number;
  atUs: number;
  knownUs: number;
  call: string;
  from: string;
  to: string;
}

/** A timeout that was told. */
interface Told {
  way: string;
  ageMs: number;
  lastUs: number;
}

/** Calls between two networks that lose their media at one age: something on the way forgets them. */
export class StateTimeouts {
  /** What found no room, and is not compared. */
  refused = 0;
  private readonly limits: DeathThresholds;
  private deaths: Death[] = [];
  private readonly told: Told[] = [];
  private tellings = 0;

  constructor(limits: DeathThresholds) {
    this.limits = limits;
  }

  add(streams: readonly StreamRecord[], findings: readonly FindingRecord[], nowUs: number): void {
    for (const { code, streamId, startUs, evidence } of findings) {
      if (code !== 'media_stopped') continue;
      if (this.deaths.length >= DEATHS_KEPT) {
        this.refused++;
        continue;
      }
      const stream = streams.find(({ id }) => id === streamId);
      const ageMs = evidence.lastPacketAgeMs;
      if (stream === undefined || typeof ageMs !== 'number') continue;
      const [from, to] = [networkOf(stream.src.ip), networkOf(stream.dst.ip)];
      const death = { ageMs, atUs: startUs, knownUs: nowUs, call: stream.callId ?? stream.id, from, to };
      if (!this.isTold(death)) this.deaths.push(death);
    }
  }

  /** Whether a death belongs to a timeout that was told. */
  private isTold(death: Death): boolean {
    const known = this.told.find(
      ({ way, ageMs, lastUs }) =>
        way === wayOf(death) &&
        Math.abs(ageMs - death.ageMs) <= this.limits.deathWithinMs &&
        death.knownUs - lastUs < FORGOTTEN_US,
    );
    if (known !== undefined) known.lastUs = Math.max(known.lastUs, death.knownUs);
    return known !== undefined;
  }

  /**
   * The groups nobody adds to any more as of `nowUs`, and those that have been sure for long while calls still add to
   * them; all of them at the end (infinity).
   */
  take(nowUs: number): FindingRecord[] {
    if (this.deaths.length === 0) return [];
    const groups = new Map<string, Death[]>();
    for (const death of this.deaths) {
      const way = wayOf(death);
      const group = groups.get(way);
      if (group === undefined) groups.set(way, [death]);
      else group.push(death);
    }
    const found: FindingRecord[] = [];
    const kept: Death[] = [];
    for (const group of groups.values()) {
      const isQuiet = group.every(({ knownUs }) => nowUs - knownUs >= QUIET_US);
      const timeouts = this.ofOneWay(group).filter((alike) => isQuiet || this.isSure(alike, nowUs));
      for (const alike of timeouts) found.push(this.tell(alike));
      if (!isQuiet) kept.push(...group.filter((death) => !timeouts.some((alike) => alike.includes(death))));
    }
    this.deaths = kept;
    return found;
  }

  private isSure(alike: readonly Death[], nowUs: number): boolean {
    const known = alike.map(({ knownUs }) => knownUs).sort((a, b) => a - b);
    return nowUs - known[this.limits.deathCalls - 1]! >= PATIENCE_US;
  }

  private tell(alike: readonly Death[]): FindingRecord {
    const finding = findingOf(alike);
    const lastUs = Math.max(...alike.map(({ knownUs }) => knownUs));
    const ageMs = finding.evidence.ageMs as number;
    this.told[this.tellings++ % TOLD_KEPT] = { way: wayOf(alike[0]!), ageMs, lastUs };
    return finding;
  }

  private ofOneWay(group: readonly Death[]): Death[][] {
    const sorted = group.toSorted((a, b) => a.ageMs - b.ageMs);
    const found: Death[][] = [];
    for (let i = 0; i < sorted.length; ) {
      let end = i;
      while (end < sorted.length && sorted[end]!.ageMs - sorted[i]!.ageMs <= this.limits.deathWithinMs) end++;
      const alike = sorted.slice(i, end);
      if (this.isTimeout(alike)) {
        found.push(alike);
        i = end;
      } else i++;
    }
    return found;
  }

  private isTimeout(alike: readonly Death[]): boolean {
    const calls = new Set(alike.map(({ call }) => call)).size;
    if (calls < this.limits.deathCalls) return false;
    return momentsOf(alike) >= this.limits.deathCalls;
  }
}

/** How many moments there are that lie `MOMENT_US` apart at least. */
function momentsOf(alike: readonly Death[]): number {
  let moments = 0;
  let lastUs = Number.NEGATIVE_INFINITY;
  for (const atUs of alike.map((death) => death.atUs).sort((a, b) => a - b)) {
    if (atUs - lastUs < MOMENT_US) continue;
    moments++;
    lastUs = atUs;
  }
  return moments;
}

function wayOf({ from, to }: Death): string {
  return [from, to].sort().join(' ');
}

function findingOf(alike: readonly Death[]): FindingRecord {
  const ages = alike.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
  const ageMs = ages[Math.floor(ages.length / 2)]!;
  const calls = new Set(alike.map(({ call }) => call)).size;
  const { from, to } = alike[0]!;
  return {
    code: 'state_timeout',
    severity: 'critical',
    callId: null,
    streamId: null,
    direction: null,
    startUs: Math.min(...alike.map(({ atUs }) => atUs)),
    endUs: Math.max(...alike.map(({ atUs }) => atUs)),
    text:
      `${calls} calls between ${from} and ${to} lost media ${(ageMs / 1000).toFixed(0)} s after it began: ` +
      'something on the way forgets them at that age',
    evidence: { ageMs, spreadMs: ages.at(-1)! - ages[0]!, calls, from, to },
  };
}
