/** Stamps further than this from the machine's own clock are another machine's, or of another day. */
const OF_NOW_US = 60_000_000;

/**
 * Where the clock that stamps the packets stands while none come: the newest stamp and the time since then. So no step
 * of a clock is noticed before a packet shows it, and what is read from a recording makes no time pass.
 */
export class CaptureTime {
  /** Batches whose stamps are not of now. */
  strange = 0;
  private stampUs = Number.NaN;
  private notedMs = 0;

  /**
   * A packet came.
   *
   * @param stampUs when it was captured
   * @param nowMs a clock that only ever goes on
   * @param wallUs the time of day, us since the epoch
   */
  note(stampUs: number, nowMs: number, wallUs: number): void {
    if (!(Math.abs(stampUs - wallUs) <= OF_NOW_US)) {
      this.strange++;
      return;
    }
    this.stampUs = stampUs;
    this.notedMs = nowMs;
  }

  /** Capture time at `nowMs`; null before the first packet whose stamp is of now. */
  at(nowMs: number): number | null {
    return Number.isNaN(this.stampUs) ? null : this.stampUs + (nowMs - this.notedMs) * 1000;
  }
}
