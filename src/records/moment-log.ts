const FIRST_CAPACITY = 8;

/**
 * Moments of one stream, each with one value, packed: 8 bytes each instead of an object. Bounded; what comes later is
 * counted only. Offsets are to a millisecond for streams of four hours, and to 10 ms for a day.
 */
export class MomentLog {
  private values = new Float32Array(FIRST_CAPACITY * 2);
  private readonly capacity: number;
  length = 0;
  /** Moments that found no room. */
  dropped = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Appends a moment, ms after the stream's first packet. Returns whether there was room. */
  push(atMs: number, value: number): boolean {
    if (this.length === this.capacity) {
      this.dropped++;
      return false;
    }
    if (this.length * 2 === this.values.length) {
      const larger = new Float32Array(Math.min(this.capacity, this.length * 2) * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length * 2] = atMs;
    this.values[this.length * 2 + 1] = value;
    this.length++;
    return true;
  }

  /** When moment `index` was, ms after the stream's first packet. */
  atMs(index: number): number {
    return this.values[index * 2]!;
  }

  value(index: number): number {
    return this.values[index * 2 + 1]!;
  }

  /** Replaces the value of the newest moment. */
  setLast(value: number): void {
    if (this.length > 0) this.values[this.length * 2 - 1] = value;
  }
}

/** Nothing happened. Shared; nobody may push into it. */
export const NO_MOMENTS: MomentLog = new MomentLog(0);
