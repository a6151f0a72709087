import type { Signal } from './signal.ts';

/** What a rule makes of the samples of a window. */
export type Measure =
  /** A percentile; `tail` is the part of the samples in its tail, as a fraction of whole numbers. */
  | {
      kind: 'percentile';
      percent: number;
      tail: { numerator: number; denominator: number };
      side: 'high' | 'low';
    }
  /** The part of the samples beyond `bad`. */
  | { kind: 'share' }
  /** Of events, the part that happened; of parts, sum by sum. */
  | { kind: 'ratio' }
  /** How many samples lie beyond `bad`, or how many events there were. */
  | { kind: 'count' }
  /** That nothing comes any more. */
  | { kind: 'absence' };

export const MEASURE_FORM = {
  pattern: /^(p(100|\d{1,2}(\.\d{1,2})?)|share|ratio|count|absence)$/,
  expected: 'a percentile such as p95 or p05, or one of share, ratio, count, absence',
};

/**
 * Reads a measure for a signal. The tail of a percentile is the one on which the signal is bad: a percentile from 50 up
 * of what is bad when it is high, below 50 of what is bad when it is low.
 */
export function measureOf(text: string, { worse }: Pick<Signal, 'worse'>): Measure {
  if (text === 'share' || text === 'ratio' || text === 'count' || text === 'absence') return { kind: text };
  const digits = text.slice(1);
  const decimals = digits.includes('.') ? digits.length - digits.indexOf('.') - 1 : 0;
  const denominator = 100 * 10 ** decimals;
  const below = Math.round(Number(digits) * 10 ** decimals);
  const numerator = worse === 'high' ? denominator - below : below;
  return { kind: 'percentile', percent: Number(digits), tail: { numerator, denominator }, side: worse };
}

/**
 * Is the percentile of `samples` values beyond a threshold, when `beyond` of them are? Decided by whole numbers, so it
 * is what sorting would say. The percentile is the value of nearest rank: the smallest one that at least its part of
 * the samples do not exceed.
 */
export function isPercentileBeyond(
  { tail, side }: Extract<Measure, { kind: 'percentile' }>,
  samples: number,
  beyond: number,
): boolean {
  if (samples === 0 || beyond === 0) return false;
  const part = beyond * tail.denominator;
  const limit = samples * tail.numerator;
  return side === 'high' ? part > limit : part >= limit;
}
