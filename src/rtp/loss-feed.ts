/** Loss runs that became certain since they were last taken. */
const FEED_MAX = 4096;

/** When streams lost packets, for whoever compares streams. Filled as losses become final, drained every second, and when full. */
export class LossFeed {
  readonly timesUs = new Float64Array(FEED_MAX);
  readonly slots = new Int32Array(FEED_MAX);
  length = 0;
  /** What found no room, and is not compared. */
  dropped = 0;
  /** Empties it where it is full, so that nothing is dropped; null where nobody does. */
  whenFull: (() => void) | null = null;

  push(timeUs: number, slot: number): void {
    if (this.length === FEED_MAX) this.whenFull?.();
    if (this.length === FEED_MAX) {
      this.dropped++;
      return;
    }
    this.timesUs[this.length] = timeUs;
    this.slots[this.length++] = slot;
  }

  clear(): void {
    this.length = 0;
  }
}
