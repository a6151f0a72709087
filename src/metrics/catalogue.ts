import { ALERT_METRICS } from './catalogue-alerts.ts';
import { CALL_METRICS } from './catalogue-calls.ts';
import { EXPORT_METRICS } from './catalogue-exports.ts';
import { MEDIA_METRICS } from './catalogue-media.ts';
import { PROBE_METRICS } from './catalogue-probe.ts';

/** What there is to know about a metric. */
export interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Of one value; `1` for counts and shares without one. */
  readonly unit: string;
  readonly labels: readonly string[];
  /** What it counts or measures. It is the help text, too. */
  readonly meaning: string;
  /** A query to begin with. */
  readonly query: string;
}

/** Every metric there is, by name. docs/metrics.md is made of it, and nothing else is exposed. */
export const METRICS = {
  ...MEDIA_METRICS,
  ...CALL_METRICS,
  ...PROBE_METRICS,
  ...EXPORT_METRICS,
  ...ALERT_METRICS,
} as const satisfies Record<`earshot_${string}` | `process_${string}`, MetricEntry>;

export type MetricName = keyof typeof METRICS;

/** Names of the metrics of one type. */
export type NameOf<T extends MetricEntry['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];
