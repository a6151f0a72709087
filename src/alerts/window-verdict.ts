import { isPercentileBeyond } from './measure.ts';
import { BEYOND, BEYOND_CLEAR, type Panes, SAMPLES } from './panes.ts';
import type { Rule } from './rule.ts';
import { percentileOf } from './sketch.ts';

/** What one window says. */
export interface WindowVerdict {
  samples: number;
  /** Beyond the threshold; not yet back to the clearing one. */
  beyond: boolean;
  beyondClear: boolean;
}

/** Looks at the `panes` panes up to `last`. Decisions rest on exact counts, never on the sketch. */
export function windowVerdict(rule: Rule, panes: Panes, last: number, count: number): WindowVerdict {
  const samples = panes.sum(SAMPLES, last, count);
  const { measure, side, threshold, clear } = rule;
  if (threshold === null || clear === null || measure.kind === 'absence') {
    return { samples, beyond: false, beyondClear: false };
  }
  if (measure.kind === 'percentile') {
    return {
      samples,
      beyond: isPercentileBeyond(measure, samples, panes.sum(BEYOND, last, count)),
      beyondClear: isPercentileBeyond(measure, samples, panes.sum(BEYOND_CLEAR, last, count)),
    };
  }
  const value = exactValue(rule, samples, panes.sum(BEYOND, last, count));
  if (value === null) return { samples, beyond: false, beyondClear: false };
  return side === 'above'
    ? { samples, beyond: value > threshold, beyondClear: value > clear }
    : { samples, beyond: value < threshold, beyondClear: value < clear };
}

/** The value of a window that is a quotient or a count. One division of whole numbers: 29 of 100 are 0.29. */
function exactValue({ measure }: Rule, samples: number, beyond: number): number | null {
  if (measure.kind === 'count') return beyond;
  return samples > 0 ? beyond / samples : null;
}

/** The value of a window as it is shown: exact, but for percentiles, which are within `SKETCH_ERROR`. */
export function windowValue(rule: Rule, panes: Panes, last: number, count: number): number | null {
  const { measure } = rule;
  if (measure.kind === 'percentile') return percentileOf(panes.sketch(last, count), measure.percent);
  if (measure.kind === 'absence') return panes.sum(SAMPLES, last, count);
  return exactValue(rule, panes.sum(SAMPLES, last, count), panes.sum(BEYOND, last, count));
}
