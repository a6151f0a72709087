/** A pause of the whole capture longer than this, or one damaged time stamp. */
const LEAP_US = 600_000_000;
/** Interfaces and merged files disagree by less than this; more is a clock that was set. */
const CLOCK_STEP_US = 10_000_000;
/** Housekeeping happens every second of capture time. */
const SWEEP_US = 1_000_000;

/** Going back by more than this is a step of the clock: interfaces of one machine differ by less. */
const STEP_BACK_US = 100_000;
const STEPS_KEPT = 256;
/** Stamps that must all be whole units before the unit is the clock's resolution. */
const SAMPLES_MIN = 100;
/** Part of neighbouring packets with one and the same stamp that says they were stamped in batches. */
const BATCHED_RATIO = 0.5;
/** Where packets come faster than this, many share a microsecond anyway: us from one to the next. */
const BATCHED_APART_US = 50;

/** Capture time: where it stands, when housekeeping is due, and what was odd about it. All times in us. */
export class CaptureClock {
  /** First time seen; NaN before it. */
  firstUs = Number.NaN;
  /** Latest time seen, or what the clock was set back to. */
  lastUs = Number.NEGATIVE_INFINITY;
  /** The first packet is housekeeping, too: an empty one that starts the count. */
  nextSweepUs = Number.NEGATIVE_INFINITY;
  /** Packets older than one before them, and by how much at most. */
  backwards = 0;
  backwardsMaxUs = 0;
  /** When it went back by a step, us. */
  readonly stepsBackUs: number[] = [];
  private samples = 0;
  private offMilliseconds = 0;
  private offTens = 0;
  private pairs = 0;
  private equalPairs = 0;
  /** Where a leap went that is not confirmed yet. */
  private leapUs = Number.NaN;
  /** Latest time seen before the clock was set back. */
  private latestUs = Number.NEGATIVE_INFINITY;

  /** Time of the last packet, us. */
  get endUs(): number {
    return Math.max(this.latestUs, this.lastUs);
  }

  /**
   * A packet is at or past `nextSweepUs`. A leap has to be confirmed by a second packet before anything is given up.
   * @returns whether housekeeping is due
   */
  advance(timeUs: number): boolean {
    if (timeUs - this.lastUs > LEAP_US && !(Math.abs(timeUs - this.leapUs) < CLOCK_STEP_US)) {
      this.leapUs = timeUs;
      // The very first packet has nothing to leap from.
      if (this.lastUs !== Number.NEGATIVE_INFINITY) return false;
    }
    this.lastUs = timeUs;
    if (Number.isNaN(this.firstUs)) this.firstUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
    return true;
  }

  /** A packet is older than one before it. */
  noteBackwards(timeUs: number): void {
    this.backwards++;
    this.backwardsMaxUs = Math.max(this.backwardsMaxUs, this.lastUs - timeUs);
    if (this.lastUs - timeUs > STEP_BACK_US && this.stepsBackUs.length < STEPS_KEPT)
      this.stepsBackUs.push(timeUs);
    if (this.lastUs - timeUs <= CLOCK_STEP_US) return;
    // The clock was set back, or one stamp was far ahead: capture time goes on from here.
    this.latestUs = Math.max(this.latestUs, this.lastUs);
    this.lastUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
  }

  /** Looks at the stamps of some packets of a batch. */
  sample(timeUs: Float64Array, count: number): void {
    const stride = Math.max(1, count >> 5);
    for (let i = 0; i < count; i += stride) {
      const time = timeUs[i]!;
      this.samples++;
      if (time % 1000 !== 0) this.offMilliseconds++;
      if (time % 10_000 !== 0) this.offTens++;
      if (i + 1 >= count) continue;
      this.pairs++;
      if (timeUs[i + 1] === time) this.equalPairs++;
    }
  }

  /** Resolution of the stamps, ms: 1 or 10, where they are no finer; else 0. */
  get resolutionMs(): number {
    if (this.samples < SAMPLES_MIN || this.offMilliseconds > 0) return 0;
    return this.offTens > 0 ? 1 : 10;
  }

  /** Part of neighbouring packets that bear one stamp, where so many cannot have come at once; else 0. */
  batchedRatio(packets: number): number {
    const ratio = this.pairs === 0 ? 0 : this.equalPairs / this.pairs;
    const apartUs = (this.endUs - this.firstUs) / Math.max(1, packets);
    const enough = this.pairs >= SAMPLES_MIN && apartUs >= BATCHED_APART_US && this.resolutionMs === 0;
    return enough && ratio >= BATCHED_RATIO ? ratio : 0;
  }
}
