import type { Observations, Units } from './observations.ts';
import { SeededRandom } from './random.ts';

/** Between which two values a difference lies, with 95 % confidence. */
export interface Interval {
  low: number;
  high: number;
}

const SEED = 0x0ea5_0002;
const REPLICATES = 999;
/** More calls than this leave little to chance: fewer replicates do. */
const MANY_UNITS = 20_000;
const REPLICATES_OF_MANY = 199;
const TAIL = 0.025;

/**
 * Intervals of B less A by the cluster bootstrap: whole units are drawn with replacement on either side, because streams
 * and moments of one call are no observations of their own. Percentile intervals; null where draws often have no value.
 */
export function differenceIntervals(
  observations: readonly Observations[],
  units: Units,
  replicates = units.count > MANY_UNITS ? REPLICATES_OF_MANY : REPLICATES,
): (Interval | null)[] {
  const random = new SeededRandom(SEED);
  const differences = observations.map(() => new Float64Array(replicates));
  const known = new Int32Array(observations.length);
  const weights = new Int32Array(units.count);
  const { count, countA } = units;
  for (let replicate = 0; replicate < replicates; replicate++) {
    weights.fill(0);
    draw(weights, 0, countA, random);
    draw(weights, countA, count - countA, random);
    for (const [at, each] of observations.entries()) {
      const { a, b } = each.estimate(weights);
      if (a === null || b === null) continue;
      differences[at]![known[at]!] = b - a;
      known[at] = known[at]! + 1;
    }
  }
  return differences.map((values, at) => {
    const drawn = known[at]!;
    if (drawn < 0.9 * replicates || drawn === 0) return null;
    const sorted = values.subarray(0, drawn).sort();
    const place = Math.floor(TAIL * drawn);
    return { low: sorted[place]!, high: sorted[drawn - 1 - place]! };
  });
}

function draw(weights: Int32Array, from: number, count: number, random: SeededRandom): void {
  for (let i = 0; i < count; i++) {
    const unit = from + random.below(count);
    weights[unit] = weights[unit]! + 1;
  }
}
