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
  for (let unit = countA; unit < units; unit++) addRow(observed, table, unit);
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

/** Scores by unit, centred and scaled so that a sum over B has mean 0 and deviation 1 under dealing. */
function standardised(
  scores: readonly Float64Array[],
  units: number,
  countA: number,
  countB: number,
): Float64Array[] {
  const rows = Array.from({ length: units }, () => new Float64Array(scores.length));
  for (const [statistic, values] of scores.entries()) {
    const mean = values.reduce((sum, value) => sum + value, 0) / units;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt((countA * countB * squares) / (units * (units - 1)));
    if (!(deviation > 1e-12 * Math.max(1, Math.abs(mean)))) continue;
    for (let unit = 0; unit < units; unit++) rows[unit]![statistic] = (values[unit]! - mean) / deviation;
  }
  return rows;
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
  const reached = new Int32Array(order.length);
  const sums = new Float64Array(order.length);
  for (let dealing = 0; dealing < permutations; dealing++) {
    sums.fill(0);
    for (let at = 0; at < drawn; at++) {
      const other = at + random.below(units - at);
      const unit = deck[other]!;
      deck[other] = deck[at]!;
      deck[at] = unit;
      addRow(sums, table, unit);
    }
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

function addRow(sums: Float64Array, table: readonly Float64Array[], unit: number): void {
  const row = table[unit]!;
  for (let i = 0; i < sums.length; i++) sums[i] = sums[i]! + row[i]!;
}
