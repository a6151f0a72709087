import { networkOf } from '../packet/network.ts';
import type { ScoredInterval } from '../records/interval-log.ts';
import { type SharedAge, sharedAgeEvidence, sharedAgeText } from '../records/shared-age.ts';
import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { Newest } from './newest.ts';

/** Fewer intervals (two minutes) show no trend, and fewer packets in one show nothing. */
const INTERVALS_MIN = 24;
const PACKETS_MIN = 50;
/** Each quarter must be worse than the one before by this share of the whole rise. */
const STEP_SHARE = 0.1;
/** And a line must leave over so much less than a step of what the intervals vary by. */
const LINE_OVER_STEP = 0.95;
/** Good before the turn for so long, and bad after it for so long. */
const GOOD_MIN_US = 30_000_000;
const BAD_MIN_US = 10_000_000;
/** So many calls must turn at one age, within this or a share of the age, at moments so much farther apart. */
const CALLS_MIN = 3;
const AGE_WITHIN_MS = 10_000;
const AGE_SHARE = 0.1;
const MOMENTS_TIMES = 3;
const MOMENTS_APART_US = 20_000_000;
/** Share of the calls of that age that must be so. */
const TURNED_SHARE = 0.5;
/** The newest turns; and the newest streams that are old enough to have turned: those of 10,000 calls at once for some minutes. */
const TURNS_KEPT = 4096;
const GROWN_KEPT = 65_536;

/** What gets worse, and from when on it is bad. */
interface Measure {
  kind: 'loss' | 'delay' | 'discard';
  of: (interval: ScoredInterval) => number | null;
  /** At most this before a turn, and at least this after it; the second is so many times the first. */
  good: number;
  bad: number;
  times: number;
  text: (value: number) => string;
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

const LOSS: Measure = {
  kind: 'loss',
  of: ({ lost, expected }) => (expected < PACKETS_MIN ? null : lost / expected),
  good: 0.005,
  bad: 0.015,
  times: 4,
  text: (value) => `${percent(value)} lost`,
};
const DELAY: Measure = {
  kind: 'delay',
  of: ({ pdvP95Ms, packets }) => (packets < PACKETS_MIN ? null : pdvP95Ms),
  good: 30,
  bad: 50,
  times: 2,
  text: (value) => `a delay variation of ${value.toFixed(0)} ms`,
};
const DISCARD: Measure = {
  ...LOSS,
  kind: 'discard',
  of: ({ discarded, expected }) => (expected < PACKETS_MIN ? null : discarded / expected),
  text: (value) => `${percent(value)} too late`,
};
const MEASURES: ReadonlyMap<string, Measure> = new Map([
  ['random_loss', LOSS],
  ['burst_loss', LOSS],
  ['critical_loss', LOSS],
  ['high_jitter', DELAY],
  ['late_discard', DISCARD],
]);

type Shared = Pick<SharedAge, 'ageMs' | 'calls' | 'ofCalls'>;

/** Findings that turns of a kind are about. */
const CODES_OF: Readonly<Record<Turn['kind'], readonly string[]>> = {
  loss: ['random_loss', 'burst_loss', 'critical_loss'],
  delay: ['high_jitter', 'late_discard'],
};

/** A stream that is over and was long enough to turn. */
interface Grown {
  call: string;
  way: string;
  durationMs: number;
  endUs: number;
}

/** One that was good until some age, and bad from then on. */
interface Turn extends Grown {
  stream: string;
  kind: 'loss' | 'delay';
  ageMs: number;
  atUs: number;
}

/**
 * Calls that get worse as they get older: steadily, or from one age on in several calls between two networks that began
 * at different times. What begins at one moment in all of them is no matter of age (shared-onset.ts).
 */
export class CallAges {
  private readonly turns = new Newest<Turn>(TURNS_KEPT);
  private readonly grown = new Newest<Grown>(GROWN_KEPT);

  /** A stream is over. */
  note(stream: StreamRecord): void {
    const { id, callId, startUs, endUs, durationMs } = stream;
    if (durationMs * 1000 < GOOD_MIN_US + BAD_MIN_US) return;
    const grown = { call: callId ?? id, way: wayOf(stream), durationMs, endUs };
    this.grown.push(grown);
    for (const measure of [LOSS, DELAY]) {
      const ageMs = turnOf(stream, measure);
      if (ageMs === null) continue;
      this.turns.push({ ...grown, stream: id, kind: kindOf(measure), ageMs, atUs: startUs + ageMs * 1000 });
    }
  }

  /** Forgets streams that ended before a time. */
  forget(beforeUs: number): void {
    this.turns.keep(({ endUs }) => endUs >= beforeUs);
    this.grown.keep(({ endUs }) => endUs >= beforeUs);
  }

  /** A finding about a stream, with what age has to do with it. */
  placed(finding: FindingRecord, stream: StreamRecord): FindingRecord {
    const measure = MEASURES.get(finding.code);
    if (measure === undefined || 'signature' in finding.evidence) return finding;
    const shared = this.sharedTurn(stream, measure);
    if (shared !== null) return signed(finding, sharedAgeText(shared), sharedAgeEvidence(shared));
    const rise = riseOf(stream, measure);
    if (rise === null) return finding;
    return signed(
      finding,
      `; it grows with the age of the call: ${measure.text(rise.first)} in its first quarter, ` +
        `${measure.text(rise.last)} in its last`,
      { firstQuarter: rise.first, lastQuarter: rise.last },
    );
  }

  /** What turned bad at one age in several calls, by all that is known by now: for the end of a capture. */
  shared(): SharedAge[] {
    const turnsOf = byWay(this.turns.all());
    const grownOf = new Map([...byWay(this.grown.all())].map(([way, grown]) => [way, agesOf(grown)]));
    return this.turns.all().flatMap((own) => {
      const turns = turnsOf.get(own.way) ?? [];
      const shared = sharedAmong(own, turns, grownOf.get(own.way) ?? []);
      return shared === null ? [] : [{ streamId: own.stream, codes: CODES_OF[own.kind], ...shared }];
    });
  }

  private sharedTurn(stream: StreamRecord, measure: Measure): Shared | null {
    const kind = kindOf(measure);
    const own = this.turns.all().find((turn) => turn.stream === stream.id && turn.kind === kind);
    return own === undefined ? null : sharedAmong(own, this.turns.all(), agesOf(this.grown.all(), own.way));
  }
}

function byWay<T extends Grown>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const same = found.get(one.way);
    if (same === undefined) found.set(one.way, [one]);
    else same.push(one);
  }
  return found;
}

/** How old calls grew, ms, one by one: those of one way, or of all that are given. */
function agesOf(grown: readonly Grown[], way: string | null = null): number[] {
  const ages = new Map<string, number>();
  for (const { call, durationMs, way: own } of grown) {
    if (way === null || own === way) ages.set(call, Math.max(durationMs, ages.get(call) ?? 0));
  }
  return [...ages.values()];
}

/** What is too late was delayed before it was that. */
function kindOf({ kind }: Measure): Turn['kind'] {
  return kind === 'discard' ? 'delay' : kind;
}

/** How many of the calls of one way that grew as old as a turn turned at its age, at moments of their own. */
function sharedAmong(own: Turn, turns: readonly Turn[], grownMs: readonly number[]): Shared | null {
  const { ageMs, way, kind } = own;
  const withinMs = Math.max(AGE_WITHIN_MS, ageMs * AGE_SHARE);
  const oldMs = ageMs + withinMs;
  const alike = turns.filter(
    (turn) =>
      turn.kind === kind &&
      turn.way === way &&
      turn.durationMs > oldMs &&
      Math.abs(turn.ageMs - ageMs) <= withinMs,
  );
  const calls = new Set(alike.map(({ call }) => call)).size;
  if (calls < CALLS_MIN) return null;
  const ofCalls = grownMs.reduce((count, ms) => (ms > oldMs ? count + 1 : count), 0);
  if (calls < ofCalls * TURNED_SHARE) return null;
  const moments = alike.map(({ atUs }) => atUs).sort((a, b) => a - b);
  const apartUs = moments.at(-1)! - moments[0]!;
  const ages = alike.map((turn) => turn.ageMs);
  const spreadUs = (Math.max(...ages) - Math.min(...ages)) * 1000;
  if (apartUs < MOMENTS_APART_US || apartUs < spreadUs * MOMENTS_TIMES) return null;
  // Not two moments at which several calls of about one age were struck.
  const distinct = moments.filter((us, i) => i === 0 || us - moments[i - 1]! > 2_000_000).length;
  return distinct >= CALLS_MIN ? { ageMs, calls, ofCalls } : null;
}

function signed(finding: FindingRecord, text: string, evidence: FindingRecord['evidence']): FindingRecord {
  return {
    ...finding,
    text: finding.text + text,
    evidence: { ...finding.evidence, signature: 'worse_with_age', ...evidence },
  };
}

function wayOf({ src, dst }: StreamRecord): string {
  return `${networkOf(src.ip)}>${networkOf(dst.ip)}`;
}

interface Point {
  atUs: number;
  value: number;
}

function seriesOf({ intervals }: StreamRecord, measure: Measure): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    const value = measure.of(interval);
    if (value !== null) points.push({ atUs: interval.startUs, value });
  }
  return points;
}

/** Is any interval as bad as those after a turn are on the average? Of most streams none is. */
function isEverBad({ intervals }: StreamRecord, { of, bad }: Measure): boolean {
  for (let i = 0; i < intervals.length; i++) if ((of(intervals.look(i)) ?? 0) >= bad) return true;
  return false;
}

/** First and last quarter of a stream that gets worse from each quarter to the next; null for any other. */
function riseOf(stream: StreamRecord, measure: Measure): { first: number; last: number } | null {
  const points = seriesOf(stream, measure);
  if (points.length < INTERVALS_MIN) return null;
  const quarter = points.length / 4;
  const means = [0, 1, 2, 3].map((i) =>
    mean(points.slice(Math.round(i * quarter), Math.round((i + 1) * quarter))),
  );
  const [first, last] = [means[0]!, means[3]!];
  const rise = last - first;
  if (last < measure.bad || last < first * measure.times) return null;
  const steady = means.every((value, i) => i === 0 || value - means[i - 1]! >= rise * STEP_SHARE);
  return steady && isLine(points) ? { first, last } : null;
}

/** Whether values rise in a line rather than in one step. */
function isLine(points: readonly Point[]): boolean {
  const all = mean(points);
  const centre = mean(points.map(({ atUs }) => ({ atUs, value: atUs })));
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { atUs, value } of points) {
    xx += (atUs - centre) ** 2;
    xy += (atUs - centre) * (value - all);
    yy += (value - all) ** 2;
  }
  const split = bestSplit(points);
  if (split === null || xx === 0) return false;
  const afterStep = yy - split.apart / points.length;
  return yy - (xy * xy) / xx < afterStep * LINE_OVER_STEP;
}

interface Split {
  at: number;
  good: number;
  bad: number;
  /** Squared difference of the two means times the product of their numbers. */
  apart: number;
}

/** Where a series splits into a lower part and a higher one after it that differ most. */
function bestSplit(points: readonly Point[]): Split | null {
  let after = points.reduce((sum, { value }) => sum + value, 0);
  let before = 0;
  let best: Split | null = null;
  for (let at = 1; at < points.length; at++) {
    const { value } = points[at - 1]!;
    before += value;
    after -= value;
    const good = before / at;
    const bad = after / (points.length - at);
    const apart = (bad - good) ** 2 * at * (points.length - at);
    if (bad > good && (best === null || apart > best.apart)) best = { at, good, bad, apart };
  }
  return best;
}

/** The age from which on a stream is bad, ms, where it was good until then; null for any other. */
function turnOf(stream: StreamRecord, measure: Measure): number | null {
  if (!isEverBad(stream, measure)) return null;
  const points = seriesOf(stream, measure);
  const best = bestSplit(points);
  if (best === null || best.good > measure.good || best.bad < measure.bad) return null;
  const atUs = points[best.at]!.atUs;
  const isLong = atUs - stream.startUs >= GOOD_MIN_US && stream.endUs - atUs >= BAD_MIN_US;
  return isLong && best.bad >= best.good * measure.times ? (atUs - stream.startUs) / 1000 : null;
}

function mean(points: readonly Point[]): number {
  return points.reduce((sum, { value }) => sum + value, 0) / Math.max(1, points.length);
}
