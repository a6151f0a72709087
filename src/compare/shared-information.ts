import { SeededRandom } from './random.ts';

const SEED = 0x0ea5_0003;
/** Dealings; with ten dimensions the least corrected p is 0.002. */
export const DEALINGS = 4999;

/** How much a division of calls into kinds tells about which of them failed. */
export interface SharedInformation {
  /** Part of the uncertainty about who failed that it takes away, less what chance takes away (adjusted, 0..1). */
  share: number;
  /** How often chance alone takes away as much. */
  p: number;
}

/**
 * The uncertainty coefficient of failing given each of several divisions (Theil 1972: mutual information by entropy), adjusted for
 * chance as mutual information is (Vinh, Epps and Bailey 2010), and what chance makes of it: who failed is dealt out again among
 * the calls of each stratum. Many kinds tell more by chance alone, and both the adjustment and p know it.
 *
 * @param divisions for each, the kind of each call, numbered from 0
 * @param strata within which it is dealt: of each call, numbered from 0; what they tell already counts for nothing
 */
export function sharedInformation(
  divisions: readonly Int32Array[],
  failed: Uint8Array,
  strata: Int32Array,
): SharedInformation[] {
  const count = failed.length;
  // Information and entropy in nats times the number of calls.
  const logs = Float64Array.from({ length: count + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log(n)));
  const cells = divisions.map((kinds) => cellsOf(kinds, strata));
  const sums = cells.map(({ sizes }) => sizes.reduce((sum, size) => sum + logs[size]!, 0));
  const known = ({ of, sizes }: Cells, sum: number, who: ArrayLike<number>): number => {
    const fails = new Int32Array(sizes.length);
    for (let at = 0; at < who.length; at++) fails[of[who[at]!]!]!++;
    let told = -sum;
    for (let cell = 0; cell < sizes.length; cell++)
      told += logs[fails[cell]!]! + logs[sizes[cell]! - fails[cell]!]!;
    return told;
  };
  const observed = Int32Array.from(Array.from(failed.keys()).filter((call) => failed[call] === 1));
  const within = cellsOf(new Int32Array(count), strata);
  const withinSum = within.sizes.reduce((sum, size) => sum + logs[size]!, 0);
  const uncertainty = -known(within, withinSum, observed);
  const told = cells.map((each, at) => known(each, sums[at]!, observed) + uncertainty);
  const reached = new Int32Array(cells.length);
  const byChance = new Float64Array(cells.length);
  const dealer = new Dealer(within, observed);
  for (let dealing = 0; dealing < DEALINGS; dealing++) {
    const dealt = dealer.deal();
    for (let at = 0; at < cells.length; at++) {
      const value = known(cells[at]!, sums[at]!, dealt) + uncertainty;
      byChance[at] = byChance[at]! + value / DEALINGS;
      if (value >= told[at]! - 1e-9 * count) reached[at] = reached[at]! + 1;
    }
  }
  return told.map((value, at) => {
    const left = uncertainty - byChance[at]!;
    const share = left > 1e-9 ? Math.max(0, (value - byChance[at]!) / left) : 0;
    return { share: Math.min(1, share), p: (reached[at]! + 1) / (DEALINGS + 1) };
  });
}

/** Calls that are of one kind and in one stratum, numbered from 0. */
interface Cells {
  of: Int32Array;
  sizes: Int32Array;
}

function cellsOf(kinds: Int32Array, strata: Int32Array): Cells {
  const numbers = new Map<string, number>();
  const of = kinds.map((kind, call) => {
    const name = `${kind} ${strata[call]}`;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
  const sizes = new Int32Array(numbers.size);
  for (const cell of of) sizes[cell] = sizes[cell]! + 1;
  return { of, sizes };
}

/** Deals out who failed: as many in each stratum as did. */
class Dealer {
  private readonly random = new SeededRandom(SEED);
  private readonly decks: { calls: Int32Array; fails: number }[];
  private readonly dealt: Int32Array;

  constructor({ of, sizes }: Cells, observed: Int32Array) {
    const calls = Array.from(sizes, () => [] as number[]);
    for (const [call, stratum] of of.entries()) calls[stratum]!.push(call);
    const fails = new Int32Array(sizes.length);
    for (const call of observed) fails[of[call]!] = fails[of[call]!]! + 1;
    this.decks = calls.map((deck, at) => ({ calls: Int32Array.from(deck), fails: fails[at]! }));
    this.dealt = new Int32Array(observed.length);
  }

  deal(): Int32Array {
    let next = 0;
    for (const { calls, fails } of this.decks)
      for (let at = 0; at < fails; at++) {
        const other = at + this.random.below(calls.length - at);
        const call = calls[other]!;
        calls[other] = calls[at]!;
        calls[at] = call;
        this.dealt[next++] = call;
      }
    return this.dealt;
  }
}
