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
  /** Mean of the D2 jitter, null without a sample past the warm-up. */
  jitterMs: number | null;
  pdvP95Ms: number | null;
}

const FIELDS = 8;

/**
 * The intervals of one stream, packed: 64 bytes each instead of an object, because a long capture holds millions.
 * NaN stands for null.
 */
export class IntervalLog {
  private values = new Float64Array(0);
  length = 0;

  /** Appends one interval. */
  push(cut: IntervalCut): void {
    const at = this.length * FIELDS;
    if (at === this.values.length) {
      const larger = new Float64Array(Math.max(FIELDS * 4, this.values.length * 2));
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
    this.length++;
  }

  /** The interval at `index`, as pushed. */
  at(index: number): IntervalCut {
    const at = index * FIELDS;
    const v = this.values;
    const jitterMs = v[at + 6]!;
    const pdvP95Ms = v[at + 7]!;
    return {
      startUs: v[at]!,
      durationMs: v[at + 1]!,
      packets: v[at + 2]!,
      expected: v[at + 3]!,
      lost: v[at + 4]!,
      lossRuns: v[at + 5]!,
      jitterMs: Number.isNaN(jitterMs) ? null : jitterMs,
      pdvP95Ms: Number.isNaN(pdvP95Ms) ? null : pdvP95Ms,
    };
  }
}
