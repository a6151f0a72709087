import { escapedValue } from './label-text.ts';

/** A call behind an observation; OpenMetrics only. */
interface Exemplar {
  call: string;
  value: number;
  timeMs: number;
}

/** One label set of a histogram. */
class Child {
  /** Observations by bucket, the last for what is beyond all bounds; not cumulated. */
  readonly counts: Float64Array;
  sum = 0;
  exemplars: (Exemplar | undefined)[] | null = null;
  readonly labels: string;

  constructor(labels: string, buckets: number) {
    this.labels = labels;
    this.counts = new Float64Array(buckets);
  }
}

export interface HistogramOptions {
  name: string;
  help: string;
  bounds: readonly number[];
  /**
   * The lower the worse: a value equal to a bound counts above it, so that `le="3.6"` holds what is below 3.60, and a
   * score of 3.60 is not among the bad ones (standards section 10).
   */
  lowIsBad?: boolean;
}

/**
 * A histogram with many label sets. prom-client finds the label set anew for each observation and makes an object of
 * each line to be printed: with a thousand label sets that stops the event loop for 0.2 s per histogram. Here whoever
 * observes holds on to the child, and a child is printed by joining texts that stay the same.
 */
export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  private readonly lowIsBad: boolean;
  private readonly children: (Child | undefined)[] = [];
  private readonly present: Child[] = [];
  /** `0.1"} `: how the lines of a bucket go on after the labels. */
  private readonly ends: readonly string[];

  constructor({ name, help, bounds, lowIsBad = false }: HistogramOptions) {
    this.name = name;
    this.help = help;
    this.bounds = bounds;
    this.lowIsBad = lowIsBad;
    this.ends = [...bounds.map(String), '+Inf'].map((le) => `le="${le}"} `);
  }

  /** Label sets observed so far. */
  get size(): number {
    return this.present.length;
  }

  /**
   * Adds one observation; what is no number is passed over.
   *
   * @param index place of the label set, as its space gives it
   * @param labels the label set as text, `name="value",...`; taken when it is observed first
   * @param call reference of the call behind it; null for none
   * @param timeMs when it is observed, ms since the epoch
   */
  observe(index: number, labels: string, value: number | null, call: string | null, timeMs: number): void {
    if (value === null || !Number.isFinite(value)) return;
    let child = this.children[index];
    if (child === undefined) {
      child = new Child(labels, this.bounds.length + 1);
      this.children[index] = child;
      this.present.push(child);
    }
    const bucket = this.bucketOf(value);
    child.counts[bucket]!++;
    child.sum += value;
    if (call === null) return;
    child.exemplars ??= new Array<Exemplar | undefined>(this.bounds.length + 1).fill(undefined);
    child.exemplars[bucket] = { call, value, timeMs };
  }

  private bucketOf(value: number): number {
    const { bounds, lowIsBad } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bound = bounds[middle]!;
      if (lowIsBad ? value < bound : value <= bound) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Lines of one label set after the other, each consistent in itself. */
  *lines(withExemplars: boolean): Generator<string> {
    // By place, not over the list itself: label sets may come while others are printed.
    for (let i = 0; i < this.present.length; i++) yield this.linesOf(this.present[i]!, withExemplars);
  }

  private linesOf(child: Child, withExemplars: boolean): string {
    const { name, ends } = this;
    const before = `${name}_bucket{${child.labels}${child.labels === '' ? '' : ','}`;
    let text = '';
    let count = 0;
    for (let i = 0; i < ends.length; i++) {
      count += child.counts[i]!;
      text += before + ends[i] + count;
      const exemplar = withExemplars ? child.exemplars?.[i] : undefined;
      text += exemplar === undefined ? '\n' : exemplarText(exemplar);
    }
    const labels = child.labels === '' ? '' : `{${child.labels}}`;
    return `${text}${name}_sum${labels} ${child.sum}\n${name}_count${labels} ${count}\n`;
  }

  /** Observations of a label set at or below each bound and in all, for tests and pages; null when there are none. */
  cumulative(index: number): number[] | null {
    const child = this.children[index];
    if (child === undefined) return null;
    let count = 0;
    return Array.from(child.counts, (each) => {
      count += each;
      return count;
    });
  }
}

function exemplarText({ call, value, timeMs }: Exemplar): string {
  return ` # {call="${escapedValue(call)}"} ${value} ${(timeMs / 1000).toFixed(3)}\n`;
}
