import { findingEntry } from '../records/finding-codes.ts';
import { roundRatio } from '../report/rounding.ts';
import { differenceIntervals, type Interval } from './bootstrap.ts';
import type { CallSample } from './call-sample.ts';
import type { Change, ChangeVerdict } from './contract.ts';
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
export const CALLS_MIN = 10;
/** With fewer calls, the chance is over 2.5 % that none of the true worst tenth is among them: 0.9 ** 36 is 2.3 %. */
const WORST_CALLS_MIN = 36;

/** What is known of the differences between two sets of calls. */
export interface Changes {
  changes: Change[];
  all: Observations[];
  /** Those of which both sides have enough calls. */
  tested: Observations[];
  units: Units;
}

export interface ChangesOptions {
  /** A capture is untrusted: claims about media are doubted. */
  isDoubted: boolean;
  permutations?: number;
  /** Sets of calls that are compared beside each other; p is multiplied by it (Bonferroni). */
  families?: number;
}

/** Every figure of two sets of calls, with what chance makes of it. */
export function changesBetween(
  a: readonly CallSample[],
  b: readonly CallSample[],
  { isDoubted, permutations = PERMUTATIONS, families = 1 }: ChangesOptions,
): Changes {
  const calls = [...a, ...b];
  const units = unitsOf(a, b);
  const measures = [...MEASURES, ...codeMeasures(calls, aboutOf)];
  const all = measures
    .flatMap((measure) => measure.aspects.map((aspect) => new Observations(measure, aspect, calls, units)))
    .filter(({ callsA, callsB }) => callsA + callsB > 0);
  const tested = all.filter(({ callsA, callsB }) => callsA >= CALLS_MIN && callsB >= CALLS_MIN);
  const scores = tested.map((each) => each.scores());
  const chances = significanceOf(scores, units.countA, permutations);
  const intervals = differenceIntervals(tested, units);
  const changes = all.map((each) => {
    const at = tested.indexOf(each);
    if (at < 0) return untested(each);
    const { z, p } = chances[at]!;
    return change(each, { z, p: Math.min(1, p * families) }, intervals[at]!, isDoubted);
  });
  return { changes, all, tested, units };
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
