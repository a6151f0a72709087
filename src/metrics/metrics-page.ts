import { METRICS, type MetricEntry } from './catalogue.ts';
import { ALERT_METRICS } from './catalogue-alerts.ts';
import { CALL_METRICS } from './catalogue-calls.ts';
import { EXPORT_METRICS } from './catalogue-exports.ts';
import { MEDIA_METRICS } from './catalogue-media.ts';
import { PROBE_METRICS } from './catalogue-probe.ts';
import { boundsOf } from './metric-set.ts';

/** docs/metrics.md, made of the catalogue. */
export function metricsPage(): string {
  return `# Metrics

\`earshot live --listen 127.0.0.1:10047\` serves them at \`/metrics\`, in the text format or OpenMetrics, as \`Accept\` asks.
Counters count since the process started and never fall, also when measuring had to begin anew.

- **Three populations.** \`earshot_interval_*\` has one sample for each interval of five seconds of each stream, told while
  the stream runs; \`earshot_stream_*\` and \`earshot_rtcp_*\` one for each stream that is over; the histograms of calls one for
  each call that is over, which is judged about half a minute after its end. Percentiles of intervals, of streams and of
  calls are different figures.
- **Packets** are counted as intervals are settled, and with the end of a stream what its intervals did not tell: the sums
  are those of \`earshot replay\` over the same packets.
- **Where a threshold lies, there is a bound**, so shares are exact there, without interpolation. Loss, jitter and delays:
  \`le="0.03"\` holds what is 3 % or less. Scores (R, MOS), of which the low ones are bad: \`le="3.6"\` holds what is *below* 3.60.
- **Scores** carry \`scale\` (NB, WB, FB). Never add up buckets over different scales. Their bad tail is the low one:
  \`histogram_quantile(0.05, ...)\`.
- **Groups.** \`site\`, \`trunk\` and \`device\` come from \`groups\` of the [configuration](configuration.md), \`none\` where no rule
  holds. \`direction\` is \`inbound\` for what comes from the trunk's networks, \`outbound\` for what goes there, \`internal\` without
  a trunk, \`unknown\` where the trunk is told by something else than its networks.
- **Budget.** Metrics of one kind (media, streams, calls, findings) share \`metrics.labelSets\` label sets, so that numerator
  and denominator always carry the same ones. Half of them go to whoever comes first, the others to the busiest; what
  finds no room is counted under \`other\`, and \`earshot_label_overflow_total\` says so. What has series keeps them.
- **Exemplars** (OpenMetrics) carry \`call\`, a short reference: \`/calls/<call>\` is its page, \`/api/calls/<call>\` the same as JSON.
- Figures of the capture and of the probe stand as they were at the last status, ten seconds ago at most. When measuring
  dies, what it counted of these since then is lost with it.

## Media

${table(MEDIA_METRICS)}

## Calls, signalling, findings

${table(CALL_METRICS)}

## Capture and probe

${table(PROBE_METRICS)}

## Exports ([InfluxDB](influx.md))

${table(EXPORT_METRICS)}

## Alerts that the probe raises itself ([rules](alerts.md))

${table(ALERT_METRICS)}

## Bounds of histograms

They are the same in every probe; to change one is a breaking change.

${bounds()}
`;
}

function table(metrics: Readonly<Record<string, MetricEntry>>): string {
  const rows = Object.entries(metrics).map(([name, { type, unit, labels, meaning, query }]) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    const code = `\`${query.replaceAll('|', '\\|')}\``;
    return `| \`${name}\` | ${type} | ${unit} | ${shown} | ${meaning} | ${code} |`;
  });
  return [
    '| name | type | unit | labels | meaning | a query to begin with |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function bounds(): string {
  const lines = Object.entries(METRICS).flatMap(([name, { type }]) =>
    type === 'histogram'
      ? [`| \`${name}\` | ${boundsOf(name as Parameters<typeof boundsOf>[0]).join(' ')} |`]
      : [],
  );
  return ['| histogram | bounds |', '|---|---|', ...lines].join('\n');
}
