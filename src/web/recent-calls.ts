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
import { jsonText } from '../report/wire-text.ts';
import { type Badness, compareWorst, SILENCE, VERDICT_RANK } from '../report/worst-first.ts';

/** Calls that are kept. */
export const RECENT_CALLS_MAX = 2000;
/** Characters of their records. */
export const RECENT_CHARACTERS_MAX = 67_108_864;
/** Streams and findings that wait for their call, which follows them at once. */
export const RECENT_WAITING_MAX = 4096;

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
  private readonly byRef = new Map<string, RecentCall>();
  /** The same, of one verdict each, the oldest first. */
  private readonly byVerdict = new Map<Verdict, Map<string, RecentCall>>();
  private streams: ReportStream[] = [];
  private findings: ReportFinding[] = [];

  constructor({ callsMax, charactersMax }: RecentCallsOptions = {}) {
    this.callsMax = callsMax ?? RECENT_CALLS_MAX;
    this.charactersMax = charactersMax ?? RECENT_CHARACTERS_MAX;
    const leastBadFirst = Object.entries(VERDICT_RANK).sort(([, a], [, b]) => b - a);
    for (const [verdict] of leastBadFirst) this.byVerdict.set(verdict as Verdict, new Map());
  }

  get size(): number {
    return this.byRef.size;
  }

  /** Takes records; a call with what was told of it before. */
  records(records: readonly LiveRecord[]): void {
    for (const record of records) {
      if (record.type === 'stream') this.wait(this.streams, record);
      else if (record.type === 'finding') this.wait(this.findings, record);
      else if (record.type === 'call') this.add(record);
      else if (record.type === 'status' || record.type === 'start') this.forgetWaiting();
    }
  }

  /** A call by its reference. */
  find(ref: string): RecentCall | null {
    return this.byRef.get(ref) ?? null;
  }

  /** The newest calls that a filter lets pass. */
  newest(count: number, passes: (call: RecentCall) => boolean = () => true): RecentCall[] {
    const calls = [...this.byRef.values()].reverse();
    return calls.filter(passes).slice(0, count);
  }

  /** The worst calls that a filter lets pass; of equally bad ones the newest. */
  worst(count: number, passes: (call: RecentCall) => boolean = () => true): RecentCall[] {
    const calls = [...this.byRef.values()].reverse().filter(passes);
    return calls.sort((a, b) => compareWorst(a.badness, b.badness)).slice(0, count);
  }

  private wait<T extends ReportStream | ReportFinding>(waiting: T[], record: T): void {
    if (record.callId !== null && waiting.length < RECENT_WAITING_MAX) waiting.push(record);
  }

  private forgetWaiting(): void {
    this.streams = [];
    this.findings = [];
  }

  private add(record: LiveRecord & { type: 'call' }): void {
    const { type: _, ...call } = record;
    const isIts = ({ callId }: { callId: string | null }): boolean => callId === call.callId;
    const streams = this.streams.filter(isIts);
    const findings = this.findings.filter(isIts);
    this.streams = this.streams.filter((each) => !isIts(each));
    this.findings = this.findings.filter((each) => !isIts(each));
    const entry = entryOf(call, streams, findings);
    this.remove(entry.ref);
    this.byRef.set(entry.ref, entry);
    this.byVerdict.get(call.verdict)?.set(entry.ref, entry);
    this.characters += entry.characters;
    while (this.byRef.size > this.callsMax || this.characters > this.charactersMax) this.evict();
  }

  private evict(): void {
    const guaranteed = this.callsMax * GUARANTEED_RATIO;
    const classes = [...this.byVerdict.values()];
    const crowded = classes.find((calls) => calls.size > guaranteed) ?? classes.find(({ size }) => size > 0);
    for (const ref of crowded?.keys() ?? []) {
      this.remove(ref);
      this.evicted++;
      return;
    }
  }

  private remove(ref: string): void {
    const entry = this.byRef.get(ref);
    if (entry === undefined) return;
    this.byRef.delete(ref);
    this.byVerdict.get(entry.call.verdict)?.delete(ref);
    this.characters -= entry.characters;
  }
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
