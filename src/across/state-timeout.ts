import { networkOf } from '../packet/network.ts';
import type { FindingRecord, StreamRecord } from '../records/types.ts';

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

/** What calls that something forgets have in common: the age of the media, or how long nothing went the other way. */
type Measure = 'ageMs' | 'idleMs';

/** A direction of media that stopped before its call was over. */
interface Death {
  ageMs: number;
  /** How long the other direction had sent nothing by then; null where that was no idle time. */
  idleMs: number | null;
  atUs: number;
  knownUs: number;
  call: string;
  from: string;
  to: string;
}

/** A timeout that was told. */
interface Told {
  way: string;
  by: Measure;
  ms: number;
  lastUs: number;
}

/** Deaths that are alike in a measure. */
interface Timeout {
  by: Measure;
  alike: readonly Death[];
}

/**
 * Calls between two networks that lose their media at one age, or after one idle time: something on the way forgets
 * them. Idle time is looked at first: it says more, and a call that falls silent at once has its age by it.
 */
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
      const { otherIdleMs } = evidence;
      const idleMs = typeof otherIdleMs === 'number' ? otherIdleMs : null;
      const call = stream.callId ?? stream.id;
      const death = { ageMs, idleMs, atUs: startUs, knownUs: nowUs, call, from, to };
      if (!this.isTold(death)) this.deaths.push(death);
    }
  }

  /** Whether a death belongs to a timeout that was told. */
  private isTold(death: Death): boolean {
    const known = this.told.find(
      ({ way, by, ms, lastUs }) =>
        way === wayOf(death) &&
        Math.abs(ms - (death[by] ?? Number.POSITIVE_INFINITY)) <= this.limits.deathWithinMs &&
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
      const timeouts = this.ofOneWay(group).filter(({ alike }) => isQuiet || this.isSure(alike, nowUs));
      for (const timeout of timeouts) found.push(this.tell(timeout));
      if (!isQuiet)
        kept.push(...group.filter((death) => !timeouts.some(({ alike }) => alike.includes(death))));
    }
    this.deaths = kept;
    return found;
  }

  private isSure(alike: readonly Death[], nowUs: number): boolean {
    const known = alike.map(({ knownUs }) => knownUs).sort((a, b) => a - b);
    return nowUs - known[this.limits.deathCalls - 1]! >= PATIENCE_US;
  }

  private tell(timeout: Timeout): FindingRecord {
    const { alike, by } = timeout;
    const lastUs = Math.max(...alike.map(({ knownUs }) => knownUs));
    const ms = medianOf(alike, by);
    this.told[this.tellings++ % TOLD_KEPT] = { way: wayOf(alike[0]!), by, ms, lastUs };
    return findingOf(timeout, this.limits.deathWithinMs);
  }

  private ofOneWay(group: readonly Death[]): Timeout[] {
    const idle = this.alikeIn(group, 'idleMs');
    const taken = new Set(idle.flatMap(({ alike }) => alike));
    const others = group.filter((death) => !taken.has(death));
    return [...idle, ...this.alikeIn(others, 'ageMs')];
  }

  private alikeIn(group: readonly Death[], by: Measure): Timeout[] {
    const sorted = group.filter((death) => death[by] !== null).sort((a, b) => a[by]! - b[by]!);
    const found: Timeout[] = [];
    for (let i = 0; i < sorted.length; ) {
      let end = i;
      while (end < sorted.length && sorted[end]![by]! - sorted[i]![by]! <= this.limits.deathWithinMs) end++;
      const alike = sorted.slice(i, end);
      if (this.isTimeout(alike)) {
        found.push({ by, alike });
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

function sortedBy(alike: readonly Death[], by: Measure): number[] {
  return alike.map((death) => death[by]!).sort((a, b) => a - b);
}

function medianOf(alike: readonly Death[], by: Measure): number {
  return sortedBy(alike, by)[Math.floor(alike.length / 2)]!;
}

function findingOf({ alike, by }: Timeout, withinMs: number): FindingRecord {
  const sorted = sortedBy(alike, by);
  const ages = sortedBy(alike, 'ageMs');
  const ms = medianOf(alike, by);
  const calls = new Set(alike.map(({ call }) => call)).size;
  const { from, to } = alike[0]!;
  const lost = `${calls} calls between ${from} and ${to} lost media`;
  const seconds = (ms / 1000).toFixed(0);
  return {
    code: 'state_timeout',
    severity: 'critical',
    callId: null,
    streamId: null,
    direction: null,
    startUs: Math.min(...alike.map(({ atUs }) => atUs)),
    endUs: Math.max(...alike.map(({ atUs }) => atUs)),
    text:
      by === 'ageMs'
        ? `${lost} ${seconds} s after it began: something on the way forgets them at that age`
        : `${lost} when nothing had gone the other way for ${seconds} s: something on the way forgets what is idle for so long, or the sender gives it up`,
    evidence: {
      // Calls that fell silent at will have no age in common.
      ageMs: ages.at(-1)! - ages[0]! <= withinMs ? medianOf(alike, 'ageMs') : null,
      idleMs: by === 'idleMs' ? ms : null,
      spreadMs: sorted.at(-1)! - sorted[0]!,
      ...{ calls, from, to },
    },
  };
}
