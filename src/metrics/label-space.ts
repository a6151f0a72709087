import { labelPairs, OTHER } from './label-text.ts';

/** Label sets of a metric unless configured otherwise. */
export const LABEL_SETS = 1000;
/** Label sets waiting for a series of their own. */
export const CANDIDATES_MAX = 4096;
/** This share of a budget is given at once; the rest goes to the busiest. */
const AT_ONCE_RATIO = 0.5;
/** Of what is left, so much at one time: those who come tomorrow are to find room, too. */
const SHARE_OF_REST = 0.25;
/** Observations without which nothing gets a series, once they are no longer given at once. */
const OBSERVATIONS_MIN = 8;

/** One combination of label values that has its own series. */
export interface LabelSet {
  /** Its place among those of its space, from 0; never reused. */
  readonly index: number;
  readonly values: readonly string[];
  /** `name="value",...`. */
  readonly text: string;
  /** It stands for what has no series of its own. */
  readonly isFolded: boolean;
  /** By name, as prom-client wants it. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface LabelSpaceOptions {
  names: readonly string[];
  /** Labels that become `other` in what has no room. The others have few values that nobody outside chooses. */
  folded: readonly string[];
  /** Label sets that get series of their own. */
  limit: number;
}

/**
 * Which label sets metrics of one kind may have: all metrics that are divided by each other share one space, so that
 * numerator and denominator always carry the same labels. Half of the budget is given to whoever comes first, the
 * rest to the busiest of those that wait, a few at a time. What has series keeps them; everything else is counted under
 * `other`.
 */
export class LabelSpace {
  readonly names: readonly string[];
  readonly limit: number;
  /** Observations that were counted under `other`. */
  overflowed = 0;
  private readonly isFolded: readonly boolean[];
  private readonly sets = new Map<string, LabelSet>();
  private readonly candidates = new Map<string, { values: readonly string[]; seen: number }>();
  /** Sets within the budget; those of `other` come on top. */
  private named = 0;

  constructor({ names, folded, limit }: LabelSpaceOptions) {
    this.names = names;
    this.limit = limit;
    this.isFolded = names.map((name) => folded.includes(name));
  }

  /** Label sets that have series of their own. */
  get used(): number {
    return this.named;
  }

  /** All label sets there are, those of `other` among them. */
  get size(): number {
    return this.sets.size;
  }

  /** The label set under which one observation with these values is counted. */
  resolve(values: readonly string[]): LabelSet {
    const key = values.join('\u0000');
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    if (this.named < this.limit * AT_ONCE_RATIO) return this.name(key, values);
    this.overflowed++;
    this.wait(key, values);
    const folded = values.map((value, i) => (this.isFolded[i] === true ? OTHER : value));
    const foldedKey = folded.join('\u0000');
    return this.sets.get(foldedKey) ?? this.add(foldedKey, folded, true);
  }

  /** The busiest of those that wait get series. To be called every few seconds. */
  admit(): void {
    const { candidates } = this;
    const room = Math.ceil((this.limit - this.named) * SHARE_OF_REST);
    const busiest = [...candidates]
      .filter(([, { seen }]) => seen >= OBSERVATIONS_MIN)
      .sort(([, a], [, b]) => b.seen - a.seen)
      .slice(0, Math.min(room, this.limit - this.named));
    for (const [key, { values }] of busiest) {
      candidates.delete(key);
      this.name(key, values);
    }
    // What is seen once and never again makes room by itself.
    for (const [key, candidate] of candidates) {
      candidate.seen = Math.floor(candidate.seen / 2);
      if (candidate.seen === 0) candidates.delete(key);
    }
  }

  private wait(key: string, values: readonly string[]): void {
    const candidate = this.candidates.get(key);
    if (candidate !== undefined) candidate.seen++;
    else if (this.candidates.size < CANDIDATES_MAX && this.named < this.limit) {
      this.candidates.set(key, { values, seen: 1 });
    }
  }

  private name(key: string, values: readonly string[]): LabelSet {
    this.named++;
    return this.add(key, values, false);
  }

  private add(key: string, values: readonly string[], isFolded: boolean): LabelSet {
    const set: LabelSet = {
      index: this.sets.size,
      values,
      isFolded,
      text: labelPairs(this.names, values),
      labels: Object.fromEntries(this.names.map((name, i) => [name, values[i]!])),
    };
    this.sets.set(key, set);
    return set;
  }
}
