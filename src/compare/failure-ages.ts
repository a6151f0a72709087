import type { FailureAges } from './contract.ts';
import type { JudgedCall } from './failed-calls.ts';
import { SeededRandom } from './random.ts';

const SEED = 0x0ea5_0004;
const DRAWS = 4999;
/** Pieces of the time on test; as many failures as this are needed at least, two to a piece. */
const PIECES = 8;
export const AGES_MIN = 16;

/**
 * Whether calls fail at an age, or any time that they are up. Of failures that come at any moment alike, each piece of the time that
 * all calls together have been up at an age holds as many (total time on test, Barlow and Campo 1975): as many as if drawn
 * by lot, by the likelihood ratio.
 *
 * @returns null where too few failures have an age
 */
export function failureAges(calls: readonly JudgedCall[]): FailureAges | null {
  const ages = calls.flatMap(({ failedAtMs }) => failedAtMs ?? []).sort((a, b) => a - b);
  const talk = Float64Array.from(calls.flatMap(({ talkMs }) => talkMs ?? [])).sort();
  if (ages.length < AGES_MIN) return null;
  const onTest = timeOnTest(talk);
  const whole = onTest(Number.POSITIVE_INFINITY);
  if (!(whole > 0)) return null;
  const counts = new Int32Array(PIECES);
  for (const age of ages) {
    const piece = Math.min(PIECES - 1, Math.floor((PIECES * onTest(age)) / whole));
    counts[piece] = counts[piece]! + 1;
  }
  const observed = unevenness(counts);
  const random = new SeededRandom(SEED);
  let reached = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    counts.fill(0);
    for (let at = 0; at < ages.length; at++) {
      const piece = random.below(PIECES);
      counts[piece] = counts[piece]! + 1;
    }
    if (unevenness(counts) >= observed - 1e-9) reached++;
  }
  const half = Math.ceil(ages.length / 2);
  const starts = Array.from({ length: ages.length - half + 1 }, (_, at) => at);
  const width = (at: number): number => ages[at + half - 1]! - ages[at]!;
  const least = starts.reduce((best, at) => (width(at) < width(best) ? at : best), 0);
  const [fromMs, toMs] = [ages[least]!, ages[least + half - 1]!];
  return {
    failures: ages.length,
    p: (reached + 1) / (DRAWS + 1),
    half: { fromMs, toMs, talkRatio: (onTest(toMs) - onTest(fromMs)) / whole },
  };
}

/** How long all calls together were up before an age, ms. */
function timeOnTest(talk: Float64Array): (age: number) => number {
  const sums = new Float64Array(talk.length + 1);
  for (const [at, ms] of talk.entries()) sums[at + 1] = sums[at]! + ms;
  return (age) => {
    let [low, high] = [0, talk.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (talk[middle]! < age) low = middle + 1;
      else high = middle;
    }
    const longer = talk.length - low;
    return sums[low]! + (longer === 0 ? 0 : longer * age);
  };
}

function unevenness(counts: Int32Array): number {
  return counts.reduce((sum, count) => sum + (count === 0 ? 0 : count * Math.log(count)), 0);
}
