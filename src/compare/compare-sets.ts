import { findingEntry } from '../records/finding-codes.ts';
import { roundRatio } from '../report/rounding.ts';
import { differenceIntervals, type Interval } from './bootstrap.ts';
import type { CallSample } from './call-sample.ts';
import type { Change, ChangeVerdict, MeasureSpread, SetsComparison, SideFacts } from './contract.ts';
import { codeMeasures, MEASURES, type Measure } from './measures.ts';
import { Observations, type Units, unitsOf } from './observations.ts';
import { PERMUTATIONS, type Significance, significanceOf } from './permutation.ts';
import { shareDifference, widest } from './share-interval.ts';

/**
 * Chance of a false claim in a whole comparison. Strict, because a comparison is often what decides that a change stays;
 * what is not claimed is shown all the same.
 */
export const FAMILY_LEVEL = 0.01;
/** Calls with a quantity that either side needs before anything is claimed of it. */
const CALLS_MIN = 10;
/** With fewer calls, the chance is over 2.5 % that none of the true worst tenth is among them: 0.9 ** 36 is 2.3 %. */
const WORST_CALLS_MIN = 36;
/** Shares of a codec that differ by more make scores hard to compare. */
const MIX_DIFFERENCE = 0.1;

/** One set of calls: what there is to say of where it comes from, and its calls. */
export interface Side {
  facts: Omit<SideFacts, 'calls' | 'callsWithMedia' | 'units' | 'codecs'>;
  samples: readonly CallSample[];
}

/**
 * Compares two sets of calls. The call is what is drawn by lot: its streams and intervals are not independent.
 * The same calls give the same answer.
 */
export function compareSets(a: Side, b: Side): SetsComparison {
  const calls = [...a.samples, ...b.samples];
  const units = unitsOf(a.samples, b.samples);
  const measures = [...MEASURES, ...codeMeasures(calls, aboutOf)];
  const all = measures
    .flatMap((measure) => measure.aspects.map((aspect) => new Observations(measure, aspect, calls, units)))
    .filter(({ callsA, callsB }) => callsA + callsB > 0);
  const tested = all.filter(({ callsA, callsB }) => callsA >= CALLS_MIN && callsB >= CALLS_MIN);
  const chances = significanceOf(
    tested.map((each) => each.scores()),
    units.countA,
  );
  const intervals = differenceIntervals(tested, units);
  const isDoubted = [a, b].some(({ facts }) => facts.trust.verdict === 'untrusted');
  const changes = all.map((each) => {
    const at = tested.indexOf(each);
    return at < 0 ? untested(each) : change(each, chances[at]!, intervals[at]!, isDoubted);
  });
  const sides = [sideFacts(a, units.countA), sideFacts(b, units.count - units.countA)] as const;
  return {
    kind: 'sets',
    a: sides[0],
    b: sides[1],
    method: {
      unit: 'call',
      test: 'permutation of calls',
      correction: 'step-down maxT (Westfall and Young)',
      familyLevel: FAMILY_LEVEL,
      permutations: PERMUTATIONS,
      measures: tested.length,
    },
    changes,
    distributions: spreadsOf(all),
    notes: notesOn(sides, units),
  };
}

function aboutOf(code: string): Measure['about'] {
  return findingEntry(code)?.about === 'signalling' ? 'signalling' : 'media';
}

function base({ measure, aspect, callsA, callsB }: Observations) {
  const { key, title, about, unit, worse } = measure;
  return { measure: key, title, about, unit, worseIs: worse, aspect, callsA, callsB };
}

function untested(each: Observations): Change {
  const { a, b } = each.estimate(null);
  const difference = a === null || b === null ? null : b - a;
  const verdict = a === null || b === null ? 'no_data' : 'cannot_tell';
  const matters = a === null ? null : leastThatMatters(each.measure, a);
  return rounded({
    ...base(each),
    ...{ a, b, difference, relative: null, interval: null, matters, p: null, verdict },
  });
}

function change(
  each: Observations,
  chance: Significance,
  drawn: Interval | null,
  isDoubted: boolean,
): Change {
  const { a, b } = each.estimate(null) as { a: number; b: number };
  const difference = b - a;
  const matters = leastThatMatters(each.measure, a);
  const units = each.unitCounts();
  const interval = each.measure.isOfCalls
    ? widest(drawn, shareDifference({ share: a, units: units.a }, { share: b, units: units.b }))
    : drawn;
  const isEnough = each.aspect !== 'worst_tenth' || Math.min(units.a, units.b) >= WORST_CALLS_MIN;
  const facts = { difference, matters, interval, isEnough, z: chance.z, p: chance.p };
  const verdict = verdictOn(facts, each.measure);
  const held = isDoubted && each.measure.about === 'media' && (verdict === 'worse' || verdict === 'better');
  const relative = a === 0 ? null : difference / a;
  return rounded({
    ...base(each),
    ...{ a, b, difference, relative, interval, matters, p: chance.p },
    verdict: held ? 'doubted' : verdict,
  });
}

/** One in a million is enough of everything. */
function rounded(change: Change): Change {
  const { interval } = change;
  return {
    ...change,
    a: roundRatio(change.a),
    b: roundRatio(change.b),
    difference: roundRatio(change.difference),
    relative: roundRatio(change.relative),
    interval: interval === null ? null : { low: roundRatio(interval.low)!, high: roundRatio(interval.high)! },
    matters: roundRatio(change.matters),
    p: roundRatio(change.p),
  };
}

function leastThatMatters({ matters }: Measure, before: number): number {
  return Math.max(matters.atLeast, matters.share * Math.abs(before));
}

interface Evidence {
  difference: number;
  matters: number;
  interval: Interval | null;
  /** Enough calls for nothing else to be likely outside of the interval. */
  isEnough: boolean;
  z: number;
  p: number;
}

function verdictOn(
  { difference, matters, interval, isEnough, z, p }: Evidence,
  { worse }: Measure,
): ChangeVerdict {
  const isCertain = p <= FAMILY_LEVEL;
  if (isCertain && Math.abs(difference) >= matters && Math.sign(z) === Math.sign(difference))
    return difference > 0 === (worse === 'higher') ? 'worse' : 'better';
  if (isCertain && Math.abs(difference) < matters) return 'too_small';
  if (isEnough && interval !== null && interval.low > -matters && interval.high < matters) return 'same';
  return 'cannot_tell';
}

function spreadsOf(all: readonly Observations[]): MeasureSpread[] {
  // Of a share per call only the sum is of use.
  const first = all.filter(
    (each) => each.measure.aspects.length > 1 && all.find(({ measure }) => measure === each.measure) === each,
  );
  return first.map((each) => {
    const { p10, p50, p90 } = each.spread();
    const { key, title, unit } = each.measure;
    return {
      measure: key,
      title,
      unit,
      a: { calls: each.callsA, p10: p10.a, p50: p50.a, p90: p90.a },
      b: { calls: each.callsB, p10: p10.b, p50: p50.b, p90: p90.b },
    };
  });
}

function sideFacts({ facts, samples }: Side, units: number): SideFacts {
  const counts = new Map<string, number>();
  for (const { codecs } of samples)
    for (const codec of codecs) counts.set(codec, (counts.get(codec) ?? 0) + 1);
  const codecs = [...counts].map(([codec, calls]) => ({ codec, calls }));
  codecs.sort((left, right) => right.calls - left.calls || (left.codec < right.codec ? -1 : 1));
  const callsWithMedia = samples.filter((sample) => sample.codecs.length > 0).length;
  return { ...facts, calls: samples.length, callsWithMedia, units, codecs };
}

function notesOn([a, b]: readonly [SideFacts, SideFacts], units: Units): string[] {
  const notes: string[] = [];
  for (const [name, { trust }] of [['A', a] as const, ['B', b] as const]) {
    if (trust.verdict === 'trusted') continue;
    const why = trust.reasons.map(({ text }) => text).join('; ');
    const held = trust.verdict === 'untrusted' ? '; nothing is claimed of media' : '';
    notes.push(`the capture of ${name} is ${trust.verdict}: ${why}${held}`);
  }
  const codecs = new Set([...a.codecs, ...b.codecs].map(({ codec }) => codec));
  for (const codec of codecs) {
    const share = (side: SideFacts): number =>
      (side.codecs.find((each) => each.codec === codec)?.calls ?? 0) / Math.max(1, side.callsWithMedia);
    const few = Math.min(a.callsWithMedia, b.callsWithMedia) < CALLS_MIN;
    if (few || Math.abs(share(a) - share(b)) < MIX_DIFFERENCE) continue;
    notes.push(
      `codecs differ: ${codec} in ${percentOf(share(a))} of A's calls with media and ${percentOf(share(b))} of B's; a score follows its codec`,
    );
  }
  const without = [a, b].flatMap(({ calls }, at) => (calls === 0 ? 'AB'[at]! : []));
  if (without.length > 0)
    notes.push(
      `${without.join(' and ')} ${without.length === 2 ? 'have' : 'has'} no calls: there is nothing to compare`,
    );
  else if (Math.min(units.countA, units.count - units.countA) < CALLS_MIN)
    notes.push(`fewer than ${CALLS_MIN} calls on one side: nothing can be claimed`);
  return notes;
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
