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

const FIELDS = 20;
const LOSS_RUNS = 5;
const DISCARDED = 8;
const MISSED_RUNS = 9;
/** Jitter, percentiles of delay variation, differences of delay, the least delay. */
const TIMING = [6, 7, 10, 11, 12, 19];
const NONE = new Float64Array(0);
const R_FACTOR = 13;
const MOS_LQ = 14;
const IMPAIRMENTS = 15;
const LEAST_DELAY = 19;

/**
 * The intervals of one stream, packed: 160 bytes each instead of an object, because a long capture holds millions.
 * NaN stands for null.
 */
export class IntervalLog {
  private values = NONE;
  length = 0;

  /** Appends one interval, without a score. */
  push(cut: IntervalCut): void {
    const at = this.length * FIELDS;
    if (at === this.values.length) {
      const larger = new Float64Array(Math.max(FIELDS * 2, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    const v = this.values;
    v[at] = cut.startUs;
    v[at + 1] = cut.durationMs;
    v[at + 2] = cut.packets;
    v[at + 3] = cut.expected;
    v[at + 4] = cut.lost;
    v[at + 5] = cut.lossRuns;
    v[at + 6] = cut.jitterMs ?? Number.NaN;
    v[at + 7] = cut.pdvP95Ms ?? Number.NaN;
    v[at + 8] = cut.discarded;
    v[at + 9] = cut.missedRuns;
    v[at + 10] = cut.pdvP50Ms ?? Number.NaN;
    v[at + 11] = cut.pdvP99Ms ?? Number.NaN;
    v[at + 12] = cut.ipdvP95Ms ?? Number.NaN;
    v[at + LEAST_DELAY] = cut.leastDelayMs ?? Number.NaN;
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
    for (let i = 0; i < this.length; i++) {
      const at = i * FIELDS;
      for (const field of TIMING) this.values[at + field] = Number.NaN;
      this.values[at + DISCARDED] = 0;
      this.values[at + MISSED_RUNS] = this.values[at + LOSS_RUNS]!;
    }
  }

  /** A look at the interval at `index`, which reads the fields that are asked for. It cannot be spread: `at` can. */
  look(index: number): Readonly<ScoredInterval> {
    return new LoggedInterval(this.values, index * FIELDS);
  }

  /** The interval at `index`. */
  at(index: number): ScoredInterval {
    const read = this.look(index);
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
    return this.#v[this.#at]!;
  }

  get durationMs(): number {
    return this.#v[this.#at + 1]!;
  }

  get packets(): number {
    return this.#v[this.#at + 2]!;
  }

  get expected(): number {
    return this.#v[this.#at + 3]!;
  }

  get lost(): number {
    return this.#v[this.#at + 4]!;
  }

  get lossRuns(): number {
    return this.#v[this.#at + 5]!;
  }

  get jitterMs(): number | null {
    return orNull(this.#v[this.#at + 6]!);
  }

  get pdvP95Ms(): number | null {
    return orNull(this.#v[this.#at + 7]!);
  }

  get discarded(): number {
    return this.#v[this.#at + 8]!;
  }

  get missedRuns(): number {
    return this.#v[this.#at + 9]!;
  }

  get pdvP50Ms(): number | null {
    return orNull(this.#v[this.#at + 10]!);
  }

  get pdvP99Ms(): number | null {
    return orNull(this.#v[this.#at + 11]!);
  }

  get ipdvP95Ms(): number | null {
    return orNull(this.#v[this.#at + 12]!);
  }

  get leastDelayMs(): number | null {
    return orNull(this.#v[this.#at + LEAST_DELAY]!);
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
