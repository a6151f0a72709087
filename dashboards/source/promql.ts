import { METRICS, type MetricName, type NameOf } from '../../src/metrics/catalogue.ts';

/** What Grafana puts in for a window: long enough for the step and for four scrapes. */
export const RATE = '$__rate_interval';
/** The window of media panels: 5m, as the fast alerts look, unless chosen otherwise for a longer view. */
export const WINDOW = '$window';

/** Which samples, over which time. */
export interface Over {
  by?: readonly string[];
  window?: string;
  where?: readonly string[];
  /** Such as `1w`. */
  offset?: string;
}

/** A metric of the probes, sites and trunks that the dashboard shows. Labels that a metric does not have are left out. */
export function selector(name: MetricName, where: readonly string[] = [], part = ''): string {
  const labels: readonly string[] = METRICS[name].labels;
  const groups = ['site', 'trunk'].filter((label) => labels.includes(label));
  const chosen = ['job="$job"', 'instance=~"$instance"', ...groups.map((label) => `${label}=~"$${label}"`)];
  return `${name}${part}{${[...chosen, ...where].join(',')}}`;
}

function summed(name: MetricName, part: string, fn: string, over: Over): string {
  const { by = [], window = RATE, where = [], offset } = over;
  const group = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  const back = offset === undefined ? '' : ` offset ${offset}`;
  return `sum${group} (${fn}(${selector(name, where, part)}[${window}]${back}))`;
}

/** Per second. */
export function rate(name: NameOf<'counter'>, over: Over = {}): string {
  return summed(name, '', 'rate', over);
}

/** How many within the window. */
export function increase(name: NameOf<'counter'>, over: Over = {}): string {
  return summed(name, '', 'increase', over);
}

/** Samples of a histogram per second. */
export function samples(name: NameOf<'histogram'>, over: Over = {}): string {
  return summed(name, '_count', 'rate', over);
}

/** Samples of a histogram within the window. */
export function sampleCount(name: NameOf<'histogram'>, over: Over = {}): string {
  return summed(name, '_count', 'increase', over);
}

/** Buckets of a histogram per second, for a heat map. */
export function buckets(name: NameOf<'histogram'>, over: Over = {}): string {
  return summed(name, '_bucket', 'rate', { ...over, by: ['le', ...(over.by ?? [])] });
}

/** One sum by another. */
export function quotient(numerator: string, denominator: string): string {
  return `${numerator} / ${denominator}`;
}

/** A sum, and 0 where it has no series yet while `beside`, which is grouped alike, has. */
export function orNone(sum: string, beside: string): string {
  return `(${sum} or 0 * ${beside})`;
}

/** Part of one counter in another. */
export function ratio(
  numerator: NameOf<'counter'>,
  denominator: NameOf<'counter'>,
  over: Over = {},
  of: readonly string[] = [],
): string {
  return quotient(
    rate(numerator, { ...over, where: [...(over.where ?? []), ...of] }),
    rate(denominator, over),
  );
}

/** Part of the attempts that the network served (NER). Those sent elsewhere (3xx) are none of its failures. */
export function servedShare(over: Over = {}): string {
  const attempts = rate('earshot_call_attempts_total', over);
  const direct = `(${attempts} - ${rate('earshot_calls_redirected_total', over)})`;
  return quotient(rate('earshot_calls_network_effective_total', over), direct);
}

/** A percentile of a histogram. */
export function quantile(q: number, name: NameOf<'histogram'>, over: Over = {}): string {
  return `histogram_quantile(${q}, ${buckets(name, over)})`;
}

/** The mean of a histogram. */
export function mean(name: NameOf<'histogram'>, over: Over = {}): string {
  return quotient(summed(name, '_sum', 'rate', over), samples(name, over));
}

/** Part of a histogram's samples in the bucket of a bound: up to it, of scores below it. */
export function within(name: NameOf<'histogram'>, bound: number, over: Over = {}): string {
  const where = [...(over.where ?? []), `le="${bound}"`];
  return quotient(summed(name, '_bucket', 'rate', { ...over, where }), samples(name, over));
}

/** The gauge, added up over probes. */
export function gauge(name: NameOf<'gauge'>, over: Pick<Over, 'by' | 'where' | 'offset'> = {}): string {
  const { by = [], where = [], offset } = over;
  const group = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return `sum${group} (${selector(name, where)}${offset === undefined ? '' : ` offset ${offset}`})`;
}

/** The gauge, the most of what probes have. */
export function highest(name: NameOf<'gauge'>, by: readonly string[]): string {
  return `max by (${by.join(', ')}) (${selector(name)})`;
}

/** The gauge on average over a window, the least of what probes have. */
export function lowest(name: NameOf<'gauge'>, by: readonly string[], window: string): string {
  return `min by (${by.join(', ')}) (avg_over_time(${selector(name)}[${window}]))`;
}

/** A value where there are enough samples to say something, counted by the labels `by`. */
export function guarded(value: string, by: readonly string[], count: string, least: number): string {
  // Counts of windows are extrapolated: a whole number may come out a little below itself.
  return `${value} and on (${by.join(', ')}) ${count} >= ${least - 0.5}`;
}
