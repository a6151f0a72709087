const EXACT_MAX = 512;
/** Beyond that, bins 1 % wide from 0.01 ms up to days. */
const BIN_RATIO = Math.log(1.01);
const SMALLEST_MS = 0.01;
const BINS = 2400;

/** Count, mean, percentiles and maximum of some delays; null without any. */
export interface DelaySummary {
  count: number;
  meanMs: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  maxMs: number | null;
}

/**
 * Delays in ms, in bounded memory: percentiles (nearest rank) are exact up to 512 values and within 1 % from then on.
 * Count, mean and maximum are always exact.
 */
export class DelaySample {
  count = 0;
  private sum = 0;
  private largest = Number.NEGATIVE_INFINITY;
  private exact: number[] = [];
  private bins: Uint32Array | null = null;

  /** Adds one delay, ms; what is no number is passed over. */
  add(ms: number): void {
    if (!Number.isFinite(ms)) return;
    this.count++;
    this.sum += ms;
    this.largest = Math.max(this.largest, ms);
    if (this.bins !== null) this.bin(ms);
    else if (this.exact.push(ms) >= EXACT_MAX) this.fold();
  }

  /** The value that a share `q` of all delays does not exceed, ms; null without any. */
  percentile(q: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.count));
    if (this.bins === null) return [...this.exact].sort((a, b) => a - b)[rank - 1]!;
    let seen = 0;
    for (let i = 0; i < BINS; i++) {
      seen += this.bins[i]!;
      if (seen >= rank) return Math.min(this.largest, SMALLEST_MS * Math.exp((i + 0.5) * BIN_RATIO));
    }
    return this.largest;
  }

  /** What there is to say about the delays. */
  summary(): DelaySummary {
    const some = this.count > 0;
    return {
      count: this.count,
      meanMs: some ? this.sum / this.count : null,
      p50Ms: this.percentile(0.5),
      p95Ms: this.percentile(0.95),
      maxMs: some ? this.largest : null,
    };
  }

  private fold(): void {
    this.bins = new Uint32Array(BINS);
    for (const ms of this.exact) this.bin(ms);
    this.exact = [];
  }

  private bin(ms: number): void {
    const at = ms <= SMALLEST_MS ? 0 : Math.floor(Math.log(ms / SMALLEST_MS) / BIN_RATIO);
    this.bins![Math.min(BINS - 1, at)]!++;
  }
}
