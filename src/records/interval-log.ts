/** One finished interval of a stream, before it is scored. Times are capture time. */
export interface IntervalCut {
  startUs: number;
  durationMs: number;
  /** Distinct packets that arrived in it. */
  packets: number;
  /** Sequence numbers that were due in it, and how many of them never came (or came too late to be of use). */
  expected: number;
  lost: number;
  /** Runs of consecutive losses. */
  lossRuns: number;
  /** Packets that came and that the playout model of the score discarded. */
  discarded: number;
  /** Runs of consecutive numbers lost or discarded. */
  missedRuns: number;
  /** Mean of the D2 jitter, null without a sample past the warm-up. */
  jitterMs: number | null;
  /** Percentiles of delay variation against the fastest packet of the interval. */
  pdvP50Ms: number | null;
  pdvP95Ms: number | null;
  pdvP99Ms: number | null;
  /** 95th percentile of the absolute difference of delay between consecutive packets. */
  ipdvP95Ms: number | null;
  /**
   * Delay of its fastest packet against the stream's first; comparable between intervals. Null where the sender's
   * timestamps broke with what was before.
   */
  leastDelayMs: number | null;
}

/** An interval with its score; null where the codec has none or nothing was due. */
export interface ScoredInterval extends IntervalCut {
  rFactor: number | null;
  mosLq: number | null;
  /** Points of R that each cause takes; null without a score. */
  impairments: { codec: number; loss: number; discard: number; delay: number } | null;
}

/** Where each field of an interval lies: those of `IntervalCut` first. NaN stands for null. */
export const START_US = 0;
export const DURATION_MS = 1;
export const PACKETS = 2;
export const EXPECTED = 3;
export const LOST = 4;
export const LOSS_RUNS = 5;
export const JITTER_MS = 6;
export const PDV_P95_MS = 7;
export const DISCARDED = 8;
export const MISSED_RUNS = 9;
export const PDV_P50_MS = 10;
export const PDV_P99_MS = 11;
export const IPDV_P95_MS = 12;
export const LEAST_DELAY_MS = 13;
export const CUT_FIELDS = 14;
const R_FACTOR = 14;
const MOS_LQ = 15;
const IMPAIRMENTS = 16;
const FIELDS = 20;
/** What is measured by a clock. */
const TIMING = [JITTER_MS, PDV_P50_MS, PDV_P95_MS, PDV_P99_MS, IPDV_P95_MS, LEAST_DELAY_MS];
const NONE = new Float64Array(0);

/**
 * The intervals of one stream, packed: 160 bytes each instead of an object, because a long capture holds millions.
 * NaN stands for null.
 */
export class IntervalLog {
  private values = NONE;
  length = 0;

  /** Appends one interval, without a score, from `CUT_FIELDS` fields as they are kept. */
  append(fields: Float64Array): void {
    const at = this.length * FIELDS;
    if (at === this.values.length) {
      const larger = new Float64Array(Math.max(FIELDS * 2, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    const v = this.values;
    for (let field = 0; field < CUT_FIELDS; field++) v[at + field] = fields[field]!;
    v[at + R_FACTOR] = Number.NaN;
    v[at + MOS_LQ] = Number.NaN;
    this.length++;
  }

  /** Sets the score of one interval. */
  score(
    index: number,
    rFactor: number | null,
    mosLq: number | null,
    { codec, loss, discard, delay }: NonNullable<ScoredInterval['impairments']>,
  ): void {
    const at = index * FIELDS;
    const v = this.values;
    v[at + R_FACTOR] = rFactor ?? Number.NaN;
    v[at + MOS_LQ] = mosLq ?? Number.NaN;
    v[at + IMPAIRMENTS] = codec;
    v[at + IMPAIRMENTS + 1] = loss;
    v[at + IMPAIRMENTS + 2] = discard;
    v[at + IMPAIRMENTS + 3] = delay;
  }

  /** Takes away what was measured by a clock: jitter, delays, and what a buffer discarded. */
  dropTiming(): void {
    for (let i = 0; i < this.length; i++) dropTimingAt(this.values, i * FIELDS);
  }

  /** The interval at `index` as it is without that. */
  atWithoutTiming(index: number): ScoredInterval {
    const own = this.values.slice(index * FIELDS, (index + 1) * FIELDS);
    dropTimingAt(own, 0);
    return copyOf(new LoggedInterval(own, 0));
  }

  /** A look at the interval at `index`, which reads the fields that are asked for. It cannot be spread: `at` can. */
  look(index: number): Readonly<ScoredInterval> {
    return new LoggedInterval(this.values, index * FIELDS);
  }

  /** The interval at `index`. */
  at(index: number): ScoredInterval {
    return copyOf(this.look(index));
  }
}

function dropTimingAt(values: Float64Array, at: number): void {
  for (const field of TIMING) values[at + field] = Number.NaN;
  values[at + DISCARDED] = 0;
  values[at + MISSED_RUNS] = values[at + LOSS_RUNS]!;
}

function copyOf(read: Readonly<ScoredInterval>): ScoredInterval {
  return {
    startUs: read.startUs,
    durationMs: read.durationMs,
    packets: read.packets,
    expected: read.expected,
    lost: read.lost,
    lossRuns: read.lossRuns,
    jitterMs: read.jitterMs,
    pdvP95Ms: read.pdvP95Ms,
    pdvP50Ms: read.pdvP50Ms,
    pdvP99Ms: read.pdvP99Ms,
    ipdvP95Ms: read.ipdvP95Ms,
    leastDelayMs: read.leastDelayMs,
    discarded: read.discarded,
    missedRuns: read.missedRuns,
    rFactor: read.rFactor,
    mosLq: read.mosLq,
    impairments: read.impairments,
  };
}

/** A place in a log. Every detector looks at all intervals and at two or three fields of each: the others are not made. */
class LoggedInterval implements Readonly<ScoredInterval> {
  readonly #v: Float64Array;
  readonly #at: number;

  constructor(values: Float64Array, at: number) {
    this.#v = values;
    this.#at = at;
  }

  get startUs(): number {
    return this.#v[this.#at + START_US]!;
  }

  get durationMs(): number {
    return this.#v[this.#at + DURATION_MS]!;
  }

  get packets(): number {
    return this.#v[this.#at + PACKETS]!;
  }

  get expected(): number {
    return this.#v[this.#at + EXPECTED]!;
  }

  get lost(): number {
    return this.#v[this.#at + LOST]!;
  }

  get lossRuns(): number {
    return this.#v[this.#at + LOSS_RUNS]!;
  }

  get jitterMs(): number | null {
    return orNull(this.#v[this.#at + JITTER_MS]!);
  }

  get pdvP95Ms(): number | null {
    return orNull(this.#v[this.#at + PDV_P95_MS]!);
  }

  get discarded(): number {
    return this.#v[this.#at + DISCARDED]!;
  }

  get missedRuns(): number {
    return this.#v[this.#at + MISSED_RUNS]!;
  }

  get pdvP50Ms(): number | null {
    return orNull(this.#v[this.#at + PDV_P50_MS]!);
  }

  get pdvP99Ms(): number | null {
    return orNull(this.#v[this.#at + PDV_P99_MS]!);
  }

  get ipdvP95Ms(): number | null {
    return orNull(this.#v[this.#at + IPDV_P95_MS]!);
  }

  get leastDelayMs(): number | null {
    return orNull(this.#v[this.#at + LEAST_DELAY_MS]!);
  }

  get rFactor(): number | null {
    return orNull(this.#v[this.#at + R_FACTOR]!);
  }

  get mosLq(): number | null {
    return orNull(this.#v[this.#at + MOS_LQ]!);
  }

  get impairments(): ScoredInterval['impairments'] {
    if (this.rFactor === null) return null;
    const at = this.#at + IMPAIRMENTS;
    const [codec, loss, discard, delay] = [
      this.#v[at]!,
      this.#v[at + 1]!,
      this.#v[at + 2]!,
      this.#v[at + 3]!,
    ];
    return { codec, loss, discard, delay };
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
