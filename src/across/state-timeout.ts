import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { networkOf } from './networks.ts';

const DEATHS_KEPT = 4096;
const QUIET_US = 60_000_000;
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

/** Calls between two networks that lose their media at one age: something on the way forgets them. */
export class StateTimeouts {
  /** What found no room, and is not compared. */
  refused = 0;
  private readonly limits: DeathThresholds;
  private deaths: Death[] = [];

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
      this.deaths.push({ ageMs, atUs: startUs, knownUs: nowUs, call: stream.callId ?? stream.id, from, to });
    }
  }

  /** The groups nobody adds to any more as of `nowUs`; all of them at the end (infinity). */
  take(nowUs: number): FindingRecord[] {
    const groups = new Map<string, Death[]>();
    for (const death of this.deaths) {
      const way = [death.from, death.to].sort().join(' ');
      const group = groups.get(way);
      if (group === undefined) groups.set(way, [death]);
      else group.push(death);
    }
    const found: FindingRecord[] = [];
    const kept: Death[] = [];
    for (const group of groups.values()) {
      if (group.some(({ knownUs }) => nowUs - knownUs < QUIET_US)) kept.push(...group);
      else found.push(...this.ofOneWay(group));
    }
    this.deaths = kept;
    return found;
  }

  private ofOneWay(group: Death[]): FindingRecord[] {
    const sorted = group.sort((a, b) => a.ageMs - b.ageMs);
    const found: FindingRecord[] = [];
    for (let i = 0; i < sorted.length; ) {
      let end = i;
      while (end < sorted.length && sorted[end]!.ageMs - sorted[i]!.ageMs <= this.limits.deathWithinMs) end++;
      const alike = sorted.slice(i, end);
      if (this.isTimeout(alike)) {
        found.push(findingOf(alike));
        i = end;
      } else i++;
    }
    return found;
  }

  private isTimeout(alike: readonly Death[]): boolean {
    const calls = new Set(alike.map(({ call }) => call)).size;
    if (calls < this.limits.deathCalls) return false;
    const moments = new Set(alike.map(({ atUs }) => Math.floor(atUs / MOMENT_US)));
    return moments.size >= this.limits.deathCalls;
  }
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
