import { SeededRandom } from './random.ts';

/** What chance makes of one statistic. */
export interface Significance {
  /** Deviations from what the same calls, dealt out by lot, give on average; positive when B has more. */
  z: number;
  /** How often chance alone makes any of the statistics looked at as striking as this one. */
  p: number;
}

/** Dealings; the least p is one by one more than this. */
export const PERMUTATIONS = 1999;
const SEED = 0x0ea5_0001;

/**
 * Permutation test of many statistics at once: the units are dealt out again and again, as many to either side as there
 * were, and p is the share of dealings in which some statistic that is still in question is as far from its mean (step-down
 * maxT, Westfall and Young 1993, algorithm 2.8). It holds the chance of even one false claim among all of them, whatever
 * their distribution, and like Holm's correction needs no independence; unlike Holm's it loses nothing where measures go
 * together, as MOS, loss and discard do.
 *
 * Every statistic is a sum of scores over the units of B; its mean and variance under dealing are known, only its
 * extremes are drawn.
 *
 * @param scores one row per statistic, one number per unit: those of A first
 * @param countA units of A
 */
export function significanceOf(
  scores: readonly Float64Array[],
  countA: number,
  permutations = PERMUTATIONS,
): Significance[] {
  const units = scores[0]?.length ?? 0;
  const countB = units - countA;
  const table = standardised(scores, units, countA, countB);
  const observed = new Float64Array(scores.length);
  sumOver(table, Int32Array.from({ length: units }, (_, unit) => unit).subarray(countA), observed);
  const order = [...observed.keys()].sort((a, b) => Math.abs(observed[b]!) - Math.abs(observed[a]!));
  const reached = countReached(table, observed, order, units, Math.min(countA, countB), permutations);
  const result: Significance[] = Array.from(observed, (z) => ({ z, p: 1 }));
  let p = 0;
  for (const [rank, statistic] of order.entries()) {
    p = Math.max(p, (reached[rank]! + 1) / (permutations + 1));
    result[statistic]!.p = observed[statistic] === 0 ? 1 : p;
  }
  return result;
}

/**
 * Scores, centred and scaled so that a sum over B has mean 0 and deviation 1 under dealing: four statistics beside each other
 * for every unit, then the next four. Sums of four stay in registers, and units that are drawn by lot are found in one place.
 */
function standardised(
  scores: readonly Float64Array[],
  units: number,
  countA: number,
  countB: number,
): Float64Array[] {
  const fours = Array.from({ length: Math.ceil(scores.length / 4) }, () => new Float64Array(4 * units));
  for (const [statistic, values] of scores.entries()) {
    const mean = values.reduce((sum, value) => sum + value, 0) / units;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt((countA * countB * squares) / (units * (units - 1)));
    if (!(deviation > 1e-12 * Math.max(1, Math.abs(mean)))) continue;
    const four = fours[statistic >> 2]!;
    for (let unit = 0; unit < units; unit++)
      four[4 * unit + (statistic & 3)] = (values[unit]! - mean) / deviation;
  }
  return fours;
}

/** In how many dealings the greatest of the statistics from each rank on reaches the one of that rank. */
function countReached(
  table: readonly Float64Array[],
  observed: Float64Array,
  order: readonly number[],
  units: number,
  drawn: number,
  permutations: number,
): Int32Array {
  const random = new SeededRandom(SEED);
  const deck = Int32Array.from({ length: units }, (_, unit) => unit);
  const dealt = deck.subarray(0, drawn);
  const reached = new Int32Array(order.length);
  const sums = new Float64Array(order.length);
  for (let dealing = 0; dealing < permutations; dealing++) {
    for (let at = 0; at < drawn; at++) {
      const other = at + random.below(units - at);
      const unit = deck[other]!;
      deck[other] = deck[at]!;
      deck[at] = unit;
    }
    sumOver(table, dealt, sums);
    let greatest = 0;
    for (let rank = order.length - 1; rank >= 0; rank--) {
      const statistic = order[rank]!;
      greatest = Math.max(greatest, Math.abs(sums[statistic]!));
      // Sums of the same scores in another order differ in their last bits.
      if (greatest >= Math.abs(observed[statistic]!) - 1e-9) reached[rank] = reached[rank]! + 1;
    }
  }
  return reached;
}

/** The sums of all statistics over some units, added up in their order. */
function sumOver(table: readonly Float64Array[], chosen: Int32Array, sums: Float64Array): void {
  for (const [at, four] of table.entries()) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < chosen.length; i++) {
      const row = 4 * chosen[i]!;
      a += four[row]!;
      b += four[row + 1]!;
      c += four[row + 2]!;
      d += four[row + 3]!;
    }
    // Beyond the last statistic there is no place, and nothing is put there.
    sums.set([a, b, c, d].slice(0, sums.length - 4 * at), 4 * at);
  }
}
