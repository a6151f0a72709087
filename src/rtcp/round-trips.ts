import { type EchoTiming, type RoundTripFault, roundTripMs } from './round-trip.ts';

/** Round trips kept; of more, every second, fourth, ... is: percentiles hardly notice. */
const KEPT_MAX = 256;

/** Samples before the unit of the delays is judged. */
const JUDGED_SAMPLES = 4;
/** Spread of round trips that only a wrong unit explains, when the other unit brings it down to a quarter. */
const SUSPICIOUS_SPREAD_MS = 200;

/** Round trips between the tap and one endpoint, and the echoes that gave none. */
export class RoundTrips {
  /** In order, ms. Evenly thinned when there were many. */
  readonly valuesMs: number[] = [];
  readonly dropped: Partial<Record<RoundTripFault, number>> = {};
  maxMs = 0;
  count = 0;
  private stride = 1;
  private readonly asFractions = new Extent();
  private readonly asMilliseconds = new Extent();
  private wrongUnit = false;

  /** Takes one echo. */
  add(echo: EchoTiming | RoundTripFault): void {
    if (typeof echo === 'string') {
      this.drop(echo);
      return;
    }
    const value = roundTripMs(echo);
    if (typeof value === 'string') {
      this.drop(value);
      return;
    }
    this.asFractions.add(value);
    this.asMilliseconds.add(echo.elapsedMs - echo.delay);
    this.count++;
    if (this.wrongUnit || this.delaysAreMilliseconds()) {
      this.wrongUnit = true;
      this.drop('delay_in_ms', this.valuesMs.length > 0 ? this.count : 1);
      this.valuesMs.length = 0;
      return;
    }
    this.keep(value);
  }

  /**
   * Some telephones write the delay in ms where 1/65536 s are due. Then what is left as round trip is nearly the
   * whole time until the echo and varies with it, while the other reading gives much the same value every time.
   */
  private delaysAreMilliseconds(): boolean {
    const spread = this.asFractions.spread();
    return (
      this.count >= JUDGED_SAMPLES &&
      spread > SUSPICIOUS_SPREAD_MS &&
      this.asMilliseconds.least >= -5 &&
      this.asMilliseconds.spread() < spread / 4
    );
  }

  private keep(value: number): void {
    this.maxMs = Math.max(this.maxMs, value);
    if ((this.count - 1) % this.stride !== 0) return;
    this.valuesMs.push(value);
    if (this.valuesMs.length <= KEPT_MAX) return;
    for (let i = 0; 2 * i < this.valuesMs.length; i++) this.valuesMs[i] = this.valuesMs[2 * i]!;
    this.valuesMs.length = Math.ceil(this.valuesMs.length / 2);
    this.stride *= 2;
  }

  private drop(fault: RoundTripFault, times = 1): void {
    this.dropped[fault] = (this.dropped[fault] ?? 0) + times;
  }
}

class Extent {
  least = Number.POSITIVE_INFINITY;
  most = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.least = Math.min(this.least, value);
    this.most = Math.max(this.most, value);
  }

  spread(): number {
    return this.most - this.least;
  }
}

/**
 * The value that a share `q` of all values does not exceed, by nearest rank: the smallest value at least `q` of all
 * are at or below.
 *
 * @param sorted ascending, not empty
 */
export function nearestRank(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}
