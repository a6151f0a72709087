import type { NameOf } from '../../src/metrics/catalogue.ts';
import type { Limits } from './limits.ts';
import { STREAMS, WORST_CALLS } from './links.ts';
import { guarded, type Over, quantile, sampleCount, WINDOW } from './promql.ts';
import type { PanelSpec, Target } from './spec.ts';

/** A week ago, at the same hour. */
const WEEK: Over = { offset: '1w' };

/** The same series today and a week ago. Names with "last week" are drawn thin and grey. */
export function todayAndLastWeek(of: (offset: Over) => string, prefix = ''): Target[] {
  return [
    { expr: of({}), legend: `${prefix}today`, exemplars: of({}).startsWith('histogram_quantile') },
    { expr: of(WEEK), legend: `${prefix}last week` },
  ];
}

interface Tail {
  title: string;
  histogram: NameOf<'histogram'>;
  unit: string;
  /** Begins a sentence that the populations end. */
  shows: string;
  worry: string;
}

/** The 95th percentile of intervals: of all, a week ago, and of the worst site and trunk that the alert would judge. */
export function badTail(limits: Limits, rule: string, { histogram, shows, ...rest }: Tail): PanelSpec {
  const groups = { by: ['site', 'trunk'], window: WINDOW };
  const worst = guarded(
    quantile(0.95, histogram, groups),
    groups.by,
    sampleCount(histogram, groups),
    limits.rule(rule).minSamples,
  );
  return {
    ...rest,
    kind: 'series',
    shows: `${shows}: of all, last week, and of the worst site and trunk with enough samples for an alert.`,
    min: 0,
    limit: limits.of(rule),
    targets: [
      ...todayAndLastWeek((offset) => quantile(0.95, histogram, { window: WINDOW, ...offset })),
      { expr: `max(${worst})`, legend: 'worst site and trunk' },
    ],
    links: [STREAMS, WORST_CALLS],
  };
}
