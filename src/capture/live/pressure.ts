/** Share of a buffer that waits to be read: from this on it is much, and below that there is room again. */
const HIGH_RATIO = 0.75;
const LOW_RATIO = 0.2;

/**
 * Whether packets come faster than they are taken. Much that waits is no sign of it by itself: after a standstill it is
 * soon read. It is one when it has not become less by what was read since the last look.
 */
export class Pressure {
  isHigh = false;
  private lastRatio = 0;

  /** Takes how full the buffer is, 0..1, whenever some of it is about to be read. */
  note(waitingRatio: number): void {
    const grows = waitingRatio >= this.lastRatio && this.lastRatio >= HIGH_RATIO;
    if (waitingRatio >= HIGH_RATIO && grows) this.isHigh = true;
    else if (waitingRatio <= LOW_RATIO) this.isHigh = false;
    this.lastRatio = waitingRatio;
  }
}
