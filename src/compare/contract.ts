import type { TrustReason } from '../records/types.ts';
import type { ReportPrivacy } from '../report/contract.ts';
import type { Interval } from './bootstrap.ts';
import type { Grouping } from './groupings.ts';
import type { Aspect } from './measures.ts';

/** Name and version of the JSON contract of comparisons. Fields may be added under it; none may be renamed. */
export const COMPARISON_SCHEMA = 'earshot.comparison/1';

/** What stands above every comparison. */
export interface ComparisonHead {
  schema: typeof COMPARISON_SCHEMA;
  tool: { name: string; version: string };
  /** What pseudonyms stand for; absent where everything is as it was seen. */
  privacy?: ReportPrivacy;
}

/**
 * What can be said of a difference. `worse` and `better` are claims: chance rarely does that, and it is enough to matter.
 * `too_small` is certain and does not matter; `same` could hide no difference that matters; `cannot_tell` could, there
 * are too few calls; `doubted` would be a claim if the capture could be trusted; `no_data`: one side has none.
 */
export type ChangeVerdict = 'worse' | 'better' | 'too_small' | 'same' | 'cannot_tell' | 'doubted' | 'no_data';

/** One aspect of one measure. Ratios are 0..1, MOS and milliseconds as they are. */
export interface Change {
  measure: string;
  title: string;
  about: 'media' | 'signalling';
  unit: 'ms' | 'MOS' | 'ratio';
  worseIs: 'higher' | 'lower';
  aspect: Aspect;
  a: number | null;
  b: number | null;
  callsA: number;
  callsB: number;
  /** B less A, and what it is of A; null where unknown, or A is 0. */
  difference: number | null;
  relative: number | null;
  /** Of the difference, 95 %. */
  interval: Interval | null;
  /** The least difference that counts. */
  matters: number | null;
  /** How often chance alone shows anything as striking in a comparison of all these measures. */
  p: number | null;
  verdict: ChangeVerdict;
}

/** Percentiles of a measure over the calls of either side. */
export interface MeasureSpread {
  measure: string;
  title: string;
  unit: Change['unit'];
  a: { calls: number; p10: number | null; p50: number | null; p90: number | null };
  b: { calls: number; p10: number | null; p50: number | null; p90: number | null };
}

/** What a report on one side was asked for when it was made: it has no other calls. */
export interface ChosenCalls {
  /** Empty where no time was asked for. */
  spans: readonly { fromTime: string | null; toTime: string | null }[];
  party: string | null;
  symptom: string | null;
}

/** One side of a comparison. */
export interface SideFacts {
  files: readonly string[];
  /** Of the captures, whatever was chosen of them. */
  startTime: string | null;
  endTime: string | null;
  chosen: readonly ChosenCalls[];
  calls: number;
  /** With enough audio to be judged. */
  callsWithMedia: number;
  /** Calls, and streams of no call by endpoints, that are drawn by lot: legs of a conversation together. */
  units: number;
  trust: { verdict: 'trusted' | 'degraded' | 'untrusted'; reasons: readonly TrustReason[] };
  codecs: readonly { codec: string; calls: number }[];
}

/** Two sets of calls, such as before and after a change. */
export interface SetsComparison {
  kind: 'sets';
  a: SideFacts;
  b: SideFacts;
  method: {
    unit: 'call';
    test: string;
    correction: string;
    /** Chance of even one false claim in a comparison like this. */
    familyLevel: number;
    permutations: number;
    measures: number;
  };
  changes: Change[];
  distributions: MeasureSpread[];
  /** Where calls were divided into groups: each group for itself. */
  groups?: GroupsComparison;
  /** Where both sides are of a history. */
  history?: HistoryFacts;
  /** What makes the sides hard to compare, in words. */
  notes: string[];
}

/** One group of calls, before and after. */
export interface GroupComparison {
  name: string;
  callsA: number;
  callsB: number;
  changes: Change[];
}

/** The same figures in every group of calls. */
export interface GroupsComparison {
  by: Grouping;
  /** Of clocks that hours are told by. */
  timeZone: string;
  /** How p is corrected for the groups beside the figures; the chance of a false claim in any group. */
  correction: string;
  familyLevel: number;
  permutations: number;
  /** The largest first; of groups beyond them only their number is known. */
  groups: GroupComparison[];
  furtherGroups: number;
  /** Calls that are in no group. */
  callsWithout: { a: number; b: number };
}

/** A time before or after a change, as far as a history tells of it. */
export interface HistorySideFacts {
  fromTime: string | null;
  toTime: string | null;
  coveredMs: number;
  /** When nothing was told: the first of them, and how many more there are. */
  gaps: readonly { fromTime: string | null; toTime: string | null }[];
  furtherGaps: number;
  /** Left out: they ran while the capture was untrusted. */
  untrustedCalls: number;
}

/** How two sides were taken from a history. */
export interface HistoryFacts {
  at: { fromTime: string | null; toTime: string | null };
  hours: number;
  daysBack: number | null;
  leftOut: {
    /** Calls that ran across the change, and over another edge of a side. */
    across: number;
    overEdge: number;
    /** Calls without a time; and those beyond the most that are compared. */
    untimed: number;
    tooMany: number;
  };
  a: HistorySideFacts;
  b: HistorySideFacts;
}

/** Calls of one kind, and how many of them failed. */
export interface FailureKind {
  name: string;
  calls: number;
  failures: number;
}

/** What one dimension tells of which calls fail. */
export interface DimensionResult {
  dimension: string;
  title: string;
  /**
   * `best` tells most; `beside` tells more where that, and others beside it, are known; `goes_with_best` does not: it may be
   * one of them by another name;
   * `none` tells nothing that is certain and enough to help.
   */
  verdict: 'best' | 'beside' | 'goes_with_best' | 'none';
  /** Part of the uncertainty about which calls fail that it takes away, less what chance does. */
  share: number;
  p: number;
  /** How many kinds there are, and those where most fail. */
  kinds: number;
  worst: FailureKind[];
}

/** At which age calls fail. */
export interface FailureAges {
  failures: number;
  /** How often failures that come at any age alike are as uneven. */
  p: number;
  /** The shortest time that half of them fall into, and what part of all talking is at that age. */
  half: { fromMs: number; toMs: number; talkRatio: number };
}

/** Which dimension explains failures, or that they come as if at random. */
/** Calls that are left out because they ran while the capture was untrusted, and why it was. */
export interface UntrustedCalls {
  calls: number;
  reasons: TrustReason[];
}

export interface FailuresExplanation {
  kind: 'failures';
  failure: string;
  untrusted: UntrustedCalls;
  calls: number;
  failures: number;
  timeZone: string;
  verdict: 'explained' | 'random' | 'too_few';
  method: {
    statistic: string;
    test: string;
    correction: string;
    familyLevel: number;
    permutations: number;
  };
  dimensions: DimensionResult[];
  /** In which all calls are of one kind, or none says. */
  alike: { dimension: string; title: string; kind: string }[];
  /** Null where too few failures have an age. */
  ages: FailureAges | null;
}
