/** Stamps further than this from the machine's own clock are another machine's, or of another day. */
const OF_NOW_US = 60_000_000;
/** Stamps that run ahead of the time that passes by more than this come from a recording: no buffer holds so much. */
const AHEAD_US = 20_000_000;
/** It is looked at anew so often: a clock that was set is no recording. */
const LOOK_MS = 60_000;

/**
 * Where the clock that stamps the packets stands while none come: the newest stamp and the time since then. So no step
 * of a clock is noticed before a packet shows it, and what is read from a recording makes no time pass.
 */
export class CaptureTime {
  /** Batches whose stamps are not of now. */
  strange = 0;
  /** Packets not of now come faster than they were captured. */
  isRecording = false;
  private stampUs = Number.NaN;
  private notedMs = 0;
  /** Stamp and time of the first strange packet of this look. */
  private lookUs = Number.NaN;
  private lookMs = 0;
  private wasAhead = false;

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
      this.pace(stampUs, nowMs);
      return;
    }
    this.stampUs = stampUs;
    this.notedMs = nowMs;
    this.isRecording = false;
    this.lookUs = Number.NaN;
  }

  private pace(stampUs: number, nowMs: number): void {
    if (!Number.isFinite(stampUs)) return;
    const isOver = nowMs - this.lookMs >= LOOK_MS;
    if (Number.isNaN(this.lookUs) || isOver) {
      if (isOver && !this.wasAhead) this.isRecording = false;
      this.wasAhead = false;
      this.lookUs = stampUs;
      this.lookMs = nowMs;
      return;
    }
    if (stampUs - this.lookUs - (nowMs - this.lookMs) * 1000 <= AHEAD_US) return;
    this.wasAhead = true;
    this.isRecording = true;
  }

  /** Capture time at `nowMs`; null before the first packet whose stamp is of now. */
  at(nowMs: number): number | null {
    return Number.isNaN(this.stampUs) ? null : this.stampUs + (nowMs - this.notedMs) * 1000;
  }
}
