import { callRef } from '../live/call-ref.ts';
import type { LiveRecord } from '../live/live-records.ts';
import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { Verdict } from '../records/types.ts';
import {
  type ReportCall,
  type ReportFinding,
  type ReportPrivacy,
  type ReportStream,
  SCHEMA,
} from '../report/contract.ts';
import { comparableR, type Score, scoreOf } from '../report/score.ts';
import { ToldCalls } from '../report/told-calls.ts';
import { jsonText } from '../report/wire-text.ts';
import { type Badness, compareWorst, SILENCE, VERDICT_RANK } from '../report/worst-first.ts';

/** Calls that are kept. */
export const RECENT_CALLS_MAX = 2000;
/** Characters of their records. */
export const RECENT_CHARACTERS_MAX = 67_108_864;

/** Each verdict may keep so many calls, whatever else comes: what is new is to be seen, too. */
const GUARANTEED_RATIO = 0.1;

/** A call that is kept. */
export interface RecentCall {
  readonly ref: string;
  readonly call: ReportCall;
  /** The lowest of its streams. */
  readonly score: Score | null;
  readonly lostRatio: number | null;
  /** What it is ranked by among the worst. */
  readonly badness: Badness;
  /** Its streams and findings as JSON, each a list. */
  readonly streams: string;
  readonly findings: string;
  readonly characters: number;
}

export interface RecentCallsOptions {
  callsMax?: number;
  charactersMax?: number;
}

/**
 * The calls that are over, as long as there is room: when there is none, healthy calls go before bad ones, and the
 * oldest before newer ones.
 */
export class RecentCalls {
  /** Calls that gave way. */
  evicted = 0;
  private characters = 0;
  private readonly callsMax: number;
  private readonly charactersMax: number;
  /** By reference and beginning: a Call-ID may be used again, or by several legs. The oldest first. */
  private readonly byName = new Map<string, RecentCall>();
  /** The same, of one verdict each, the oldest first. */
  private readonly byVerdict = new Map<Verdict, Map<string, RecentCall>>();
  private readonly told = new ToldCalls<ReportStream, ReportFinding>();

  constructor({ callsMax, charactersMax }: RecentCallsOptions = {}) {
    this.callsMax = callsMax ?? RECENT_CALLS_MAX;
    this.charactersMax = charactersMax ?? RECENT_CHARACTERS_MAX;
    const leastBadFirst = Object.entries(VERDICT_RANK).sort(([, a], [, b]) => b - a);
    for (const [verdict] of leastBadFirst) this.byVerdict.set(verdict as Verdict, new Map());
  }

  get size(): number {
    return this.byName.size;
  }

  /** Takes records; a call with what was told of it before. */
  records(records: readonly LiveRecord[]): void {
    for (const record of records) {
      if (record.type === 'stream') this.told.stream(record);
      else if (record.type === 'finding') this.told.finding(record);
      else if (record.type === 'call') this.add(record);
      else if (record.type === 'status' || record.type === 'start') this.told.forget();
    }
  }

  /** A call by its reference, the newest of those that share it. */
  find(ref: string): RecentCall | null {
    let found: RecentCall | null = null;
    for (const call of this.byName.values()) if (call.ref === ref) found = call;
    return found;
  }

  /** The newest calls that a filter lets pass. */
  newest(count: number, passes: (call: RecentCall) => boolean = () => true): RecentCall[] {
    const calls = [...this.byName.values()].reverse();
    return calls.filter(passes).slice(0, count);
  }

  /** The worst calls that a filter lets pass; of equally bad ones the newest. */
  worst(count: number, passes: (call: RecentCall) => boolean = () => true): RecentCall[] {
    const calls = [...this.byName.values()].reverse().filter(passes);
    return calls.sort((a, b) => compareWorst(a.badness, b.badness)).slice(0, count);
  }

  private add(record: LiveRecord & { type: 'call' }): void {
    const { type: _, ...call } = record;
    const { streams, findings } = this.told.of(call.callId);
    const entry = entryOf(call, streams, findings);
    const name = nameOf(entry);
    this.remove(name);
    this.byName.set(name, entry);
    this.byVerdict.get(call.verdict)?.set(name, entry);
    this.characters += entry.characters;
    while (this.byName.size > this.callsMax || this.characters > this.charactersMax) this.evict();
  }

  private evict(): void {
    const guaranteed = this.callsMax * GUARANTEED_RATIO;
    const classes = [...this.byVerdict.values()];
    const crowded = classes.find((calls) => calls.size > guaranteed) ?? classes.find(({ size }) => size > 0);
    for (const name of crowded?.keys() ?? []) {
      this.remove(name);
      this.evicted++;
      return;
    }
  }

  private remove(name: string): void {
    const entry = this.byName.get(name);
    if (entry === undefined) return;
    this.byName.delete(name);
    this.byVerdict.get(entry.call.verdict)?.delete(name);
    this.characters -= entry.characters;
  }
}

/** The same call, told twice, has one name. */
function nameOf({ ref, call }: RecentCall): string {
  return `${ref} ${call.startTime ?? ''}`;
}

function entryOf(
  call: ReportCall,
  streams: readonly ReportStream[],
  findings: readonly ReportFinding[],
): RecentCall {
  const texts = { streams: listText(streams), findings: listText(findings) };
  const judged = streams.filter(({ expected }) => expected >= EVIDENCE_MIN);
  const scores = judged.map(({ quality }) => scoreOf(quality)).filter((score) => score !== null);
  const score = scores.reduce<Score | null>(
    (lowest, each) => (lowest === null || comparableR(each) < comparableR(lowest) ? each : lowest),
    null,
  );
  const lost = judged.map((stream) => stream.lost / stream.expected);
  const isSilent = call.findings.some((code) => SILENCE.has(code));
  const lowestR = score === null ? Number.POSITIVE_INFINITY : comparableR(score);
  return {
    ref: callRef(call.callId),
    call,
    score,
    lostRatio: lost.length === 0 ? null : Math.max(...lost),
    badness: {
      criticalFindings: findings.filter(({ severity }) => severity === 'critical').length,
      verdictRank: VERDICT_RANK[call.verdict],
      lowestR: isSilent ? Number.NEGATIVE_INFINITY : lowestR,
      lostRatio: Math.max(0, ...lost),
    },
    ...texts,
    characters: texts.streams.length + texts.findings.length + jsonText(call).length,
  };
}

function listText(records: readonly (ReportStream | ReportFinding)[]): string {
  return `[${records.map((record) => jsonText({ ...record, type: undefined })).join(',\n')}]`;
}

/**
 * A call, its streams and findings as `earshot.report/1` prints them.
 *
 * @param privacy what pseudonyms stand for in it; left out where there are none
 */
export function recentCallText(
  { ref, call, streams, findings }: RecentCall,
  privacy: ReportPrivacy | null = null,
): string {
  const covered = privacy === null ? '' : `,\n"privacy":${jsonText(privacy)}`;
  const head = `{"schema":${jsonText(SCHEMA)},"ref":${jsonText(ref)}${covered}`;
  return `${head},\n"calls":[${jsonText(call)}],\n"streams":${streams},\n"findings":${findings}}\n`;
}

/** What lists show of a call. */
export function recentCallRow({ ref, call, score, lostRatio }: RecentCall): object {
  const worst = score === null ? null : { rFactor: score.rFactor, mos: score.mos, scale: score.scale };
  return { ref, score: worst, lostRatio, ...call };
}
