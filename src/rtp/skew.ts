/**
 * The sender's clock against the capture's, from the least delays of the intervals (standards 7.3): the lower convex
 * hull of Moon, Skelly and Towsley (INFOCOM 1999). Queues only ever add delay, so the line that lies under all points
 * and as close to them as possible is the clock's.
 */

/** Evidence needed: a shorter line is bent by any queue. */
const SPAN_MIN_S = 55;
const PACKETS_MIN = 500;
const POINTS_MIN = 4;

/** Points by rising media time: packed, because there is one for each interval of each stream. */
export class DelayPoints {
  /** Media time, s. */
  readonly xs: number[] = [];
  /** Relative delay, ms. */
  readonly ys: number[] = [];

  get length(): number {
    return this.xs.length;
  }

  add(x: number, y: number): void {
    this.xs.push(x);
    this.ys.push(y);
  }

  /** Leaves out every other one, beginning with the second. */
  thin(): void {
    const kept = (this.length + 1) >> 1;
    for (let i = 0; i < kept; i++) {
      this.xs[i] = this.xs[2 * i]!;
      this.ys[i] = this.ys[2 * i]!;
    }
    this.xs.length = kept;
    this.ys.length = kept;
  }
}

/**
 * Slope of the edge of the lower hull above the mean of all x, which minimises the summed distance of a line that
 * lies under all points.
 *
 * @returns ms per s; positive when the sender's clock runs slow against the capture's. Null below two points.
 */
export function lowerHullSlope({ xs, ys }: DelayPoints): number | null {
  // Points of the hull, by index.
  const hull: number[] = [];
  const turnsLeft = (a: number, b: number, c: number): boolean =>
    (xs[b]! - xs[a]!) * (ys[c]! - ys[a]!) - (ys[b]! - ys[a]!) * (xs[c]! - xs[a]!) > 0;
  let sum = 0;
  for (let i = 0; i < xs.length; i++) {
    sum += xs[i]!;
    while (hull.length >= 2 && !turnsLeft(hull[hull.length - 2]!, hull[hull.length - 1]!, i)) hull.pop();
    hull.push(i);
  }
  const mean = sum / xs.length;
  for (let i = 1; i < hull.length; i++) {
    const [from, to] = [hull[i - 1]!, hull[i]!];
    if (xs[to]! < mean && i < hull.length - 1) continue;
    return xs[to]! > xs[from]! ? (ys[to]! - ys[from]!) / (xs[to]! - xs[from]!) : null;
  }
  return null;
}

/** Half of the points may lie above the line by so much, ms, or by this part of the drift. */
const ABOVE_MS = 3;
const ABOVE_SHARE = 0.15;

/**
 * Does the least delay follow the line of that slope? A path that becomes longer in the middle of a stream bends the
 * hull, too, but half of its points lie far above the line. (An addition of ours to the hull's method.)
 */
export function followsLine({ xs, ys }: DelayPoints, slope: number): boolean {
  const heights = xs.map((x, i) => ys[i]! - slope * x).sort((a, b) => a - b);
  const middle = heights[heights.length >> 1]! - heights[0]!;
  const drift = Math.abs(slope) * (xs[xs.length - 1]! - xs[0]!);
  return middle <= Math.max(ABOVE_MS, ABOVE_SHARE * drift);
}

/** A clock this far off is not slow or fast but another one: 20 %. */
const OTHER_CLOCK_RATIO = 0.2;
const OTHER_CLOCK_POINTS_MIN = 3;

/**
 * The rate at which timestamps really advance, where that is far from the one they are taken to have: a wrong
 * `rtpmap`, G.722 at 16000, Opus at 16000 or 24000 (standards 1.4).
 *
 * @param clockRate what was taken, Hz
 * @returns Hz, to the nearest 100; null when the clock is the one it was taken for, or too little was seen
 */
export function otherClockRate(points: DelayPoints, clockRate: number): number | null {
  if (points.length < OTHER_CLOCK_POINTS_MIN) return null;
  const slope = lowerHullSlope(points);
  if (slope === null) return null;
  // Per second of media time, arrival takes 1 + slope/1000 seconds.
  const ratio = 1 + slope / 1000;
  if (!(ratio > 0) || Math.abs(ratio - 1) < OTHER_CLOCK_RATIO) return null;
  return Math.round(clockRate / ratio / 100) * 100;
}

/** Is there enough to tell a clock from a queue? */
export function enoughForSkew({ xs }: DelayPoints, packets: number): boolean {
  if (xs.length < POINTS_MIN || packets < PACKETS_MIN) return false;
  return xs[xs.length - 1]! - xs[0]! >= SPAN_MIN_S;
}
