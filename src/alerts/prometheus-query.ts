import { durationText } from '../config/duration.ts';
import type { Rule } from './rule.ts';
import { WINDOWS_BEFORE } from './series.ts';

/** What a rule is in PromQL, or why it cannot be said there. */
export type Expressed = { ok: true; value: Quotient; notes: string[] } | { ok: false; reason: string };

/** A value as PromQL has it, and the number of samples behind it. */
export interface Quotient {
  /** At the threshold, and at the clearing threshold; the same text where that does not matter. */
  value: string;
  clearValue: string;
  samples: string | null;
  /** The value is compared with this, at both. */
  limit: number;
  clearLimit: number;
  comparison: '>' | '<' | '>=';
  /** Names of what is recorded. */
  metric: string;
  clearMetric: string;
}

/**
 * Counts of windows are extrapolated by `increase()`, so quotients of them are off by some last digits. A share that
 * equals its limit must not be taken to exceed it: one sample of a hundred million is more than this.
 */
const MARGIN = 1e-9;

/** The limit that a quotient of extrapolated counts is compared with. */
function limitOf(comparison: Quotient['comparison'], limit: number): number {
  return Number((comparison === '>' ? limit + MARGIN : limit - MARGIN).toFixed(12));
}

/**
 * What has to be known of metrics: bounds of histograms, where alone a percentile can be decided without error, and
 * labels; null for a metric that there is not.
 */
export interface MetricFacts {
  boundsOf(name: string): readonly number[];
  labelsOf(name: string): readonly string[] | null;
}

/** A span of time as Prometheus writes it. */
export function promDuration(us: number): string {
  return durationText(us / 1000);
}

/** A rule's value in PromQL. Percentiles are decided at bounds of histograms: there the counts are exact. */
export function expressed(rule: Rule, facts: MetricFacts): Expressed {
  const { signal, measure } = rule;
  const metric = signal.metric;
  if (metric === undefined) return no(`no metric holds ${signal.name}`);
  const name = 'histogram' in metric ? metric.histogram : 'numerator' in metric ? metric.numerator : '';
  const bare = name.replace(/\{.*$/, '');
  if (bare !== '' && facts.labelsOf(bare) === null) return no(`there is no metric ${bare}`);
  const labels = 'expression' in metric ? metric.labels : facts.labelsOf(bare);
  const missing = missingLabels(rule, labels ?? []);
  if (missing.length > 0) return no(`${bare || signal.name} has no label ${missing.join(', ')}`);
  if (rule.hours !== 'always') return no('Prometheus does not know business hours: mute it in Alertmanager');
  if ('expression' in metric) return shareOfTime(rule, metric.expression);
  if ('histogram' in metric) return ofHistogram(rule, metric.histogram, metric.scale, facts);
  if (measure.kind === 'absence') return absence(rule, metric.numerator);
  return ofCounters(rule, metric.numerator, metric.denominator, metric.less ?? null);
}

function no(reason: string): Expressed {
  return { ok: false, reason };
}

function missingLabels(rule: Rule, known: readonly string[]): string[] {
  return [...rule.by, ...Object.keys(rule.where)].filter((label) => !known.includes(label));
}

/** `sum by (site) (increase(NAME{where}[window]))`. */
export function increase(
  rule: Rule,
  name: string,
  extra = '',
  windowUs = rule.windowUs,
  offset = '',
): string {
  const [, base, inside] = /^([^{]+)(?:\{(.*)\})?$/.exec(name)!;
  const where = Object.entries(rule.where).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  const matchers = [inside ?? '', extra, ...where].filter((part) => part !== '').join(',');
  const selector = matchers === '' ? base : `${base}{${matchers}}`;
  const by = rule.by.length === 0 ? '' : ` by (${rule.by.join(', ')})`;
  return `sum${by}(increase(${selector}[${promDuration(windowUs)}]${offset}))`;
}

/** Part of the samples that a bucket holds: of scores the bad ones below the bound, of others the good ones up to it. */
function bucketShare(rule: Rule, metric: string, bound: number): string {
  const below = increase(rule, `${metric}_bucket`, `le="${bound}"`);
  return `${below} / ${increase(rule, `${metric}_count`)}`;
}

function ofHistogram(rule: Rule, metric: string, scale: number, facts: MetricFacts): Expressed {
  const bounds = facts.boundsOf(metric);
  const { measure, bad, threshold, clear, signal } = rule;
  if (measure.kind === 'absence') return absence(rule, `${metric}_count`);
  if (threshold === null || clear === null)
    return no('nothing of a histogram is compared with what is usual');
  const isPercentile = measure.kind === 'percentile';
  if (!isPercentile && (bad === null || measure.kind !== 'share'))
    return no(`${rule.measureText} of a histogram`);
  const raiseAt = isPercentile ? threshold : bad!;
  const clearAt = isPercentile ? clear : bad!;
  const bound = boundOf(bounds, raiseAt * scale);
  const clearBound = boundOf(bounds, clearAt * scale);
  if (bound === null) return no(offBound(metric, raiseAt));
  if (clearBound === null) return no(offBound(metric, clearAt));
  const tail = isPercentile ? measure.tail.numerator / measure.tail.denominator : threshold;
  const clearTail = isPercentile ? tail : clear;
  const isLow = signal.worse === 'low';
  // Buckets of scores hold the bad ones; those of others the good ones.
  const comparison = isLow ? (isPercentile ? '>=' : '>') : '<';
  const limit = (part: number): number => limitOf(comparison, isLow ? part : 1 - part);
  const named = (at: number): string =>
    `${metric}_${isLow ? 'below' : 'within'}_${String(at).replace('.', '_')}`;
  const value: Quotient = {
    value: bucketShare(rule, metric, bound),
    clearValue: bucketShare(rule, metric, clearBound),
    samples: increase(rule, `${metric}_count`),
    limit: limit(tail),
    clearLimit: limit(clearTail),
    comparison,
    metric: named(bound),
    clearMetric: named(clearBound),
  };
  return { ok: true, notes: [], value };
}

/** The bound of a histogram that a limit lies on; null when it lies on none. */
function boundOf(bounds: readonly number[], limit: number): number | null {
  return bounds.find((each) => Math.abs(each - limit) <= 1e-9 * Math.abs(each)) ?? null;
}

function offBound(metric: string, limit: number): string {
  return `${limit} is no bound of ${metric}: a percentile cannot be decided there`;
}

function ofCounters(rule: Rule, numerator: string, denominator: string, less: string | null): Expressed {
  const { measure, threshold, clear, side } = rule;
  const isCount = measure.kind === 'count';
  if (!isCount && denominator === '') return no(`${rule.signal.name} is only counted in metrics`);
  const top = increase(rule, numerator);
  const samples = isCount ? null : increaseWithout(rule, denominator, less);
  const value = samples === null ? top : `${top} / ${samples}`;
  const notes = isCount ? ['the first event of a new label set is not seen by increase()'] : [];
  const comparison = side === 'above' ? '>' : '<';
  const metric = numerator.replace(/\{.*$/, '');
  // Without a threshold of its own the rule goes by what is usual alone.
  const limit = threshold ?? (side === 'above' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  const exact = (at: number): number => (isCount ? at : limitOf(comparison, at));
  const limits = { limit: exact(limit), clearLimit: exact(clear ?? limit) };
  const names = { metric, clearMetric: metric };
  return { ok: true, notes, value: { value, clearValue: value, samples, ...limits, comparison, ...names } };
}

/** What a counter grew by, without what another did. */
function increaseWithout(rule: Rule, metric: string, less: string | null): string {
  const all = increase(rule, metric);
  return less === null ? all : `(${all} - ${increase(rule, less)})`;
}

function shareOfTime(rule: Rule, expression: string): Expressed {
  const { threshold, clear, side } = rule;
  if (threshold === null || clear === null || rule.measure.kind !== 'ratio') {
    return no('only its ratio is known in metrics');
  }
  const window = `((${expression})[${promDuration(rule.windowUs)}:10s])`;
  const value = `avg_over_time${window}`;
  const comparison = side === 'above' ? '>' : '<';
  const name = rule.signal.name.replace(/[^A-Za-z0-9]/g, '_');
  const limits = { limit: threshold, clearLimit: clear, metric: name, clearMetric: name };
  return {
    ok: true,
    notes: [],
    value: { value, clearValue: value, samples: `count_over_time${window}`, comparison, ...limits },
  };
}

/** Silent now, after three windows with enough each: the value is 1 while that is so. */
function absence(rule: Rule, metric: string): Expressed {
  const now = increase(rule, metric);
  const before = Array.from({ length: WINDOWS_BEFORE }, (_, i) => {
    const offset = ` offset ${promDuration((i + 1) * rule.windowUs)}`;
    return ` * (${increase(rule, metric, '', rule.windowUs, offset)} >= bool ${enough(rule.minSamples)})`;
  });
  const value = `(${now} == bool 0)${before.join('')}`;
  const base = metric.replace(/\{.*$/, '').replace(/_(count|total)$/, '');
  const names = { metric: `${base}_silent`, clearMetric: `${base}_none` };
  const clearValue = `${now} == bool 0`;
  const limits = { limit: 0, clearLimit: 0, comparison: '>' } as const;
  return { ok: true, notes: [], value: { value, clearValue, samples: null, ...limits, ...names } };
}

/** Counts of windows are extrapolated: a whole number may come out a little below itself. */
export function enough(samples: number): number {
  return samples - 0.5;
}
