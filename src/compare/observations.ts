import type { CallSample } from './call-sample.ts';
import type { Aspect, Measure } from './measures.ts';

/** Share of calls that are worse than the bound of the worst tenth. */
const WORST_SHARE = 0.1;

/** The units of both sides: those of A have the lower numbers. */
export interface Units {
  count: number;
  countA: number;
  /** Of each call, those of A first. */
  of: Int32Array;
}

/** Numbers the units of two sets of calls. Legs of one conversation are one unit. */
export function unitsOf(a: readonly CallSample[], b: readonly CallSample[]): Units {
  const of = new Int32Array(a.length + b.length);
  let count = 0;
  let countA = 0;
  for (const [side, calls] of [a, b].entries()) {
    const known = new Map<string, number>();
    for (const [at, { unit }] of calls.entries()) {
      const number = known.get(unit) ?? count++;
      known.set(unit, number);
      of[side === 0 ? at : a.length + at] = number;
    }
    if (side === 0) countA = count;
  }
  return { count, countA, of };
}

/** What an aspect is on either side; null where no call of the side has it. */
export interface Estimate {
  a: number | null;
  b: number | null;
}

/** One aspect of one measure over both sets of calls, in columns sorted by value. */
export class Observations {
  readonly measure: Measure;
  readonly aspect: Aspect;
  /** Calls of either side that have the quantity. */
  readonly callsA: number;
  readonly callsB: number;
  private readonly units: Units;
  private readonly values: Float64Array;
  private readonly parts: Float64Array;
  private readonly wholes: Float64Array;
  private readonly unitOf: Int32Array;

  constructor(measure: Measure, aspect: Aspect, calls: readonly CallSample[], units: Units) {
    this.measure = measure;
    this.aspect = aspect;
    this.units = units;
    const rows = calls.flatMap((call, at) => {
      const value = measure.value(call);
      const { part, whole } = measure.part?.(call) ?? { part: 0, whole: 0 };
      return value === null ? [] : [{ value, part, whole, unit: units.of[at]! }];
    });
    // Worse ones last, whichever way is worse.
    const sign = measure.worse === 'higher' ? 1 : -1;
    rows.sort((left, right) => sign * (left.value - right.value) || left.unit - right.unit);
    this.values = Float64Array.from(rows, ({ value }) => value);
    this.parts = Float64Array.from(rows, ({ part }) => part);
    this.wholes = Float64Array.from(rows, ({ whole }) => whole);
    this.unitOf = Int32Array.from(rows, ({ unit }) => unit);
    this.callsA = rows.filter(({ unit }) => unit < units.countA).length;
    this.callsB = rows.length - this.callsA;
  }

  /** The aspect on both sides, each unit counted as often as `weights` says; once without. */
  estimate(weights: Int32Array | null): Estimate {
    if (this.aspect === 'overall') return this.overall(weights);
    return this.quantile(weights, this.aspect === 'typical' ? 0.5 : 1 - WORST_SHARE);
  }

  /** Units of either side that have the quantity: calls, legs of one conversation together. */
  unitCounts(): { a: number; b: number } {
    const all = [...new Set(this.unitOf)];
    const a = all.filter((unit) => unit < this.units.countA).length;
    return { a, b: all.length - a };
  }

  /** The bounds of both sides' middle four fifths, and their medians, from the better to the worse. */
  spread(): { p10: Estimate; p50: Estimate; p90: Estimate } {
    const at = (share: number): Estimate => this.quantile(null, share);
    return this.measure.worse === 'higher'
      ? { p10: at(0.1), p50: at(0.5), p90: at(0.9) }
      : { p10: at(0.9), p50: at(0.5), p90: at(0.1) };
  }

  /**
   * A number for each unit, the sum of which over B says how much more of the quantity B has: ranks (Wilcoxon) for what
   * is typical, one for each call among the worst tenth of all, and what its part exceeds the common share by.
   */
  scores(): Float64Array {
    const scores = new Float64Array(this.units.count);
    const each =
      this.aspect === 'overall'
        ? this.excesses()
        : this.aspect === 'typical'
          ? this.centredRanks()
          : this.worstOnes();
    for (let row = 0; row < each.length; row++) {
      const unit = this.unitOf[row]!;
      scores[unit] = scores[unit]! + each[row]!;
    }
    return scores;
  }

  private overall(weights: Int32Array | null): Estimate {
    const sums = [0, 0, 0, 0];
    for (let row = 0; row < this.unitOf.length; row++) {
      const unit = this.unitOf[row]!;
      const times = weights === null ? 1 : weights[unit]!;
      const side = unit < this.units.countA ? 0 : 2;
      sums[side] = sums[side]! + times * this.parts[row]!;
      sums[side + 1] = sums[side + 1]! + times * this.wholes[row]!;
    }
    const [partA, wholeA, partB, wholeB] = sums as [number, number, number, number];
    return { a: wholeA > 0 ? partA / wholeA : null, b: wholeB > 0 ? partB / wholeB : null };
  }

  /** By nearest rank; `share` counts from the better end. */
  private quantile(weights: Int32Array | null, share: number): Estimate {
    const { countA } = this.units;
    const rows = this.unitOf.length;
    let totalA = this.callsA;
    let totalB = this.callsB;
    if (weights !== null) {
      totalA = 0;
      totalB = 0;
      for (let row = 0; row < rows; row++) {
        const unit = this.unitOf[row]!;
        if (unit < countA) totalA += weights[unit]!;
        else totalB += weights[unit]!;
      }
    }
    let leftA = Math.max(1, Math.ceil(share * totalA));
    let leftB = Math.max(1, Math.ceil(share * totalB));
    let a: number | null = null;
    let b: number | null = null;
    for (let row = 0; row < rows; row++) {
      const unit = this.unitOf[row]!;
      const times = weights === null ? 1 : weights[unit]!;
      if (unit < countA) {
        leftA -= times;
        if (leftA <= 0) a ??= this.values[row]!;
      } else {
        leftB -= times;
        if (leftB <= 0) b ??= this.values[row]!;
      }
      if (a !== null && b !== null) break;
    }
    return { a, b };
  }

  private excesses(): Float64Array {
    const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
    const whole = sum(this.wholes);
    const common = whole > 0 ? sum(this.parts) / whole : 0;
    return this.parts.map((part, row) => part - common * this.wholes[row]!);
  }

  /** Equal values share the mean of their ranks. Positive is a higher value. */
  private centredRanks(): Float64Array {
    const { values } = this;
    const sign = this.measure.worse === 'higher' ? 1 : -1;
    const ranks = new Float64Array(values.length);
    for (let from = 0; from < values.length; ) {
      let to = from + 1;
      while (to < values.length && values[to] === values[from]) to++;
      ranks.fill(sign * ((from + to) / 2 - values.length / 2), from, to);
      from = to;
    }
    return ranks;
  }

  private worstOnes(): Float64Array {
    const { values } = this;
    const sign = this.measure.worse === 'higher' ? 1 : -1;
    const bound = values[Math.ceil((1 - WORST_SHARE) * values.length) - 1];
    // Calls that share the bound are not among the worst, however many they are.
    const beyond = values.map((value) => (sign * value > sign * bound! ? sign : 0));
    const mean = beyond.reduce((total, value) => total + value, 0) / Math.max(1, beyond.length);
    return beyond.map((value) => value - mean);
  }
}
