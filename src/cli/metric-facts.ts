import type { MetricFacts } from '../alerts/prometheus-query.ts';
import { METRICS, type NameOf } from '../metrics/catalogue.ts';
import { boundsOf } from '../metrics/metric-set.ts';

/** What rules for Prometheus have to know of the metrics there are. */
export const METRIC_FACTS: MetricFacts = {
  boundsOf: (name) => (isHistogram(name) ? boundsOf(name) : []),
  labelsOf: (name) => (name in METRICS ? METRICS[name as keyof typeof METRICS].labels : null),
};

function isHistogram(name: string): name is NameOf<'histogram'> {
  return name in METRICS && METRICS[name as keyof typeof METRICS].type === 'histogram';
}
