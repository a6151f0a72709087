import type { Interval } from './bootstrap.ts';

/** Calls of one kind of all calls of a side; `units` of them were drawn independently of each other. */
export interface CallShare {
  share: number;
  units: number;
}

/** Of the normal distribution: 95 % lie within so many deviations. */
const Z = 1.96;

/**
 * Between which values the share of B less that of A lies, with 95 % confidence, from how many calls there are (Newcombe
 * 1998, method 10, of Wilson's score intervals). Drawing calls again, as the bootstrap does, never draws the refused call that
 * there was not among ten; that does not mean that there is none.
 */
export function shareDifference(a: CallShare, b: CallShare): Interval {
  const [boundsA, boundsB] = [wilson(a), wilson(b)];
  const difference = b.share - a.share;
  return {
    low: difference - Math.hypot(b.share - boundsB.low, boundsA.high - a.share),
    high: difference + Math.hypot(boundsB.high - b.share, a.share - boundsA.low),
  };
}

/** The interval that holds both. */
export function widest(one: Interval | null, other: Interval): Interval | null {
  return one && { low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) };
}

function wilson({ share, units }: CallShare): Interval {
  const middle = share + (Z * Z) / (2 * units);
  const reach = Z * Math.sqrt((share * (1 - share)) / units + (Z * Z) / (4 * units * units));
  const scale = 1 + (Z * Z) / units;
  return { low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale) };
}
