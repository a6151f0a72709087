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

  /** The interval at `index`. */
  at(index: number): ScoredInterval {
    const at = index * FIELDS;
    const v = this.values;
    return {
      startUs: v[at]!,
      durationMs: v[at + 1]!,
      packets: v[at + 2]!,
      expected: v[at + 3]!,
      lost: v[at + 4]!,
      lossRuns: v[at + 5]!,
      jitterMs: orNull(v[at + 6]!),
      pdvP95Ms: orNull(v[at + 7]!),
      pdvP50Ms: orNull(v[at + 10]!),
      pdvP99Ms: orNull(v[at + 11]!),
      ipdvP95Ms: orNull(v[at + 12]!),
      leastDelayMs: orNull(v[at + LEAST_DELAY]!),
      discarded: v[at + 8]!,
      missedRuns: v[at + 9]!,
      rFactor: orNull(v[at + R_FACTOR]!),
      mosLq: orNull(v[at + MOS_LQ]!),
      impairments: Number.isNaN(v[at + R_FACTOR]!)
        ? null
        : {
            codec: v[at + IMPAIRMENTS]!,
            loss: v[at + IMPAIRMENTS + 1]!,
            discard: v[at + IMPAIRMENTS + 2]!,
            delay: v[at + IMPAIRMENTS + 3]!,
          },
    };
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
