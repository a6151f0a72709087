import { roundRatio } from '../report/rounding.ts';
import type { TimeZone } from '../report/search/time-zone.ts';
import type { DimensionResult, FailureKind, FailuresExplanation, UntrustedCalls } from './contract.ts';
import { DIMENSIONS, type Dimension, kindsOf } from './dimensions.ts';
import type { JudgedCall } from './failed-calls.ts';
import { failureAges } from './failure-ages.ts';
import { DEALINGS, type SharedInformation, sharedInformation } from './shared-information.ts';

/** Chance that anything is said to explain failures that come at random. */
export const EXPLAINED_LEVEL = 0.01;
/** What takes away less of the uncertainty explains nothing that helps, however certain it is. */
const SHARE_MIN = 0.05;
/** Calls that failed, and others, that it takes. */
export const FAILURES_MIN = 10;
/** Kinds of fewer calls are put together. */
const KIND_MIN = 5;
/** Kinds that are named, of those where most fail. */
const KINDS_NAMED = 3;
const OTHERS = 'all others, each of few calls';

/**
 * Which dimension tells failing calls from others, or that none does. Legs of one conversation count once, and have failed where
 * one of them did.
 *
 * @param untrusted what `all` lacks, for it is not to be believed
 */
export function explainFailures(
  all: readonly JudgedCall[],
  failure: string,
  zone: TimeZone,
  untrusted: UntrustedCalls = { calls: 0, reasons: [] },
): FailuresExplanation {
  const calls = oneOfEach(all);
  const failed = Uint8Array.from(calls, ({ hasFailed }) => Number(hasFailed));
  const failures = failed.reduce((sum, each) => sum + each, 0);
  const counts = { calls: calls.length, failures, untrusted };
  const head = { kind: 'failures' as const, failure, ...counts, timeZone: zone.name };
  const method = {
    statistic: 'uncertainty coefficient, adjusted for chance',
    test: 'permutation of calls',
    correction: 'Bonferroni over dimensions',
    ...{ familyLevel: EXPLAINED_LEVEL, permutations: DEALINGS },
  };
  if (failures < FAILURES_MIN || calls.length - failures < FAILURES_MIN)
    return { ...head, verdict: 'too_few', method, dimensions: [], alike: [], ages: null };
  const divided = (Object.keys(DIMENSIONS) as Dimension[]).map((dimension) => {
    const kinds = pooled(kindsOf(dimension, calls, zone));
    return { dimension, kinds, numbers: numbered(kinds) };
  });
  const telling = divided.filter(({ kinds }) => new Set(kinds).size > 1);
  const ages = failureAges(calls);
  const tests = telling.length + (ages === null ? 0 : 1);
  const none = new Int32Array(calls.length);
  const marginal = sharedInformation(
    telling.map(({ numbers }) => numbers),
    failed,
    none,
  );
  const results = telling.map(({ dimension, kinds, numbers }, at) => {
    const { share, p } = marginal[at]!;
    return { dimension, kinds, numbers, share, p: Math.min(1, p * tests) };
  });
  results.sort((x, y) => y.share - x.share);
  const verdicts = verdictsOn(results.filter(isClear), failed);
  const corrected = ages === null ? null : { ...ages, p: roundRatio(Math.min(1, ages.p * tests))! };
  return {
    ...head,
    verdict: verdicts.size > 0 ? 'explained' : 'random',
    method,
    dimensions: results.map((each) => ({
      dimension: each.dimension,
      title: DIMENSIONS[each.dimension],
      verdict: verdicts.get(each.dimension) ?? 'none',
      ...{ share: roundRatio(each.share)!, p: roundRatio(each.p)! },
      ...{ kinds: new Set(each.kinds).size, worst: worstKinds(each.kinds, failed) },
    })),
    alike: divided
      .filter((each) => !telling.includes(each))
      .map(({ dimension, kinds }) => ({ dimension, title: DIMENSIONS[dimension], kind: kinds[0]! })),
    ages: corrected,
  };
}

/** Calls as one dimension divides them. */
interface Division {
  dimension: Dimension;
  numbers: Int32Array;
}

function isClear({ share, p }: SharedInformation): boolean {
  return p <= EXPLAINED_LEVEL && share >= SHARE_MIN;
}

/**
 * What dimensions that explain something do beside each other: the best is taken first, then the one that tells most
 * within its kinds, and so on as long as one does. What is left goes with those.
 *
 * @param clear the best first
 */
function verdictsOn(
  [best, ...others]: readonly Division[],
  failed: Uint8Array,
): Map<Dimension, DimensionResult['verdict']> {
  const verdicts = new Map<Dimension, DimensionResult['verdict']>();
  if (best === undefined) return verdicts;
  verdicts.set(best.dimension, 'best');
  let strata = best.numbers;
  for (let left = others; left.length > 0; ) {
    const beside = sharedInformation(
      left.map(({ numbers }) => numbers),
      failed,
      strata,
    );
    const clear = left.flatMap((division, at) => {
      const { share, p } = beside[at]!;
      return isClear({ share, p: Math.min(1, p * left.length) }) ? [{ division, share }] : [];
    });
    const next = clear.sort((x, y) => y.share - x.share)[0]?.division;
    if (next === undefined) {
      for (const { dimension } of left) verdicts.set(dimension, 'goes_with_best');
      break;
    }
    verdicts.set(next.dimension, 'beside');
    const known = strata;
    strata = numbered(Array.from(next.numbers, (kind, call) => `${kind} ${known[call]}`));
    left = left.filter((division) => division !== next);
  }
  return verdicts;
}

function oneOfEach(all: readonly JudgedCall[]): JudgedCall[] {
  const byUnit = new Map<string, JudgedCall>();
  for (const call of all) {
    const known = byUnit.get(call.sample.unit);
    if (known === undefined || (call.hasFailed && !known.hasFailed)) byUnit.set(call.sample.unit, call);
  }
  return [...byUnit.values()];
}

function pooled(kinds: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return kinds.map((kind) => (counts.get(kind)! < KIND_MIN ? OTHERS : kind));
}

function numbered(kinds: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  for (const kind of kinds) if (!numbers.has(kind)) numbers.set(kind, numbers.size);
  return Int32Array.from(kinds, (kind) => numbers.get(kind)!);
}

/** The kinds with the most failures beyond their share of the calls. */
function worstKinds(kinds: readonly string[], failed: Uint8Array): FailureKind[] {
  const counts = new Map<string, FailureKind>();
  for (const [call, kind] of kinds.entries()) {
    const of = counts.get(kind) ?? { name: kind, calls: 0, failures: 0 };
    counts.set(kind, { ...of, calls: of.calls + 1, failures: of.failures + failed[call]! });
  }
  const rate = failed.reduce((sum, each) => sum + each, 0) / failed.length;
  const excess = ({ calls, failures }: FailureKind): number => failures - rate * calls;
  const worst = [...counts.values()].filter((kind) => excess(kind) > 0);
  worst.sort((x, y) => excess(y) - excess(x) || (x.name < y.name ? -1 : 1));
  return worst.slice(0, KINDS_NAMED);
}
