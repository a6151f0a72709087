/** A pause of the whole capture longer than this, or one damaged time stamp. */
const LEAP_US = 600_000_000;
/** Interfaces and merged files disagree by less than this; more is a clock that was set. */
const CLOCK_STEP_US = 10_000_000;
/** Housekeeping happens every second of capture time. */
const SWEEP_US = 1_000_000;

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
    if (this.lastUs - timeUs <= CLOCK_STEP_US) return;
    // The clock was set back, or one stamp was far ahead: capture time goes on from here.
    this.latestUs = Math.max(this.latestUs, this.lastUs);
    this.lastUs = timeUs;
    this.nextSweepUs = timeUs + SWEEP_US;
  }
}
