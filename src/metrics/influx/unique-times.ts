/** Times that are remembered, so that none is given twice; half of them are forgotten together. */
export const TIMES_KEPT_MAX = 65_536;

/** Later than this a server cannot write it: nanoseconds in 64 bits. */
const TIME_MAX_US = 9.2e15;
const NS_PER_US = 1000;

/**
 * Times of points. Two points of one series and one time are one point to InfluxDB, and the later one stays. Capture times
 * are microseconds, which leaves a thousand places within each: a point begins to look for its own at one that comes from
 * what it is about. So points of the same thing get the same time, and others would have to meet by chance, both in the
 * microsecond and in that place, long after each other, to be taken for one.
 */
export class UniqueTimes {
  private given = new Set<string>();
  private givenBefore = new Set<string>();

  /** Nanoseconds since the epoch, as text; null for what cannot be written. */
  next(series: string, timeUs: number, identity: string): string | null {
    if (!(timeUs >= 0 && timeUs <= TIME_MAX_US)) return null;
    const of = hash(series).toString(36);
    const first = hash(identity) % NS_PER_US;
    let us = Math.round(timeUs);
    for (let tries = 0; ; tries++) {
      if (tries === NS_PER_US) {
        tries = 0;
        us++;
      }
      const time = nanoseconds(us, (first + tries) % NS_PER_US);
      const key = `${of} ${time}`;
      if (this.given.has(key) || this.givenBefore.has(key)) continue;
      this.keep(key);
      return time;
    }
  }

  private keep(key: string): void {
    if (this.given.size >= TIMES_KEPT_MAX / 2) {
      // To take single ones out of the front of a set takes longer with each that was taken.
      this.givenBefore = this.given;
      this.given = new Set();
    }
    this.given.add(key);
  }
}

function nanoseconds(us: number, ns: number): string {
  return us === 0 ? String(ns) : `${us}${String(ns).padStart(3, '0')}`;
}

/** FNV-1a of the UTF-16 units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
