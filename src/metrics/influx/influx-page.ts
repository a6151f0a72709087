import { MEASUREMENTS } from './catalogue.ts';
import type { MeasurementEntry } from './measurement.ts';

/** docs/influx.md, made of the catalogue. */
export function influxPage(): string {
  return `# InfluxDB

\`earshot live\` writes what it measures to InfluxDB 1.x, servers that take the same (VictoriaMetrics), InfluxDB 2 and
InfluxDB 3, where \`influxdb\` of the [configuration](configuration.md) says so:

\`\`\`yaml
influxdb:
  - url: http://127.0.0.1:8086
    database: earshot
    spool:
      directory: /var/lib/earshot/influxdb
\`\`\`

${DELIVERY}

## Names

${ABOUT}

${Object.entries(MEASUREMENTS)
  .map(([name, entry]) => section(name, entry))
  .join('\n\n')}

${QUERIES}`;
}

const DELIVERY = `InfluxDB 2 and 3 take \`api: 2\` with \`bucket\` (for InfluxDB 3 the database), \`token\` and, for InfluxDB 2, \`org\`. The
database or bucket has to be there: \`influx -execute 'CREATE DATABASE earshot'\`. InfluxDB 2 and 3 could not be tried here; what
is sent to them is what their documentation describes.

## Delivery

- Points are sent in batches (\`batchPoints\`, \`flush\`), compressed, one request at a time, the oldest first. The packets that are measured
  never wait for it.
- **The server is down, slow, or refuses who asks**: they wait, and it is tried again after 1 s, 2 s, 4 s, ... 30 s. With \`spool.directory\` they wait
  on the disk, also over a restart of the probe, up to \`spool.maxMiB\`: 1024 MiB are an hour and three quarters of 10,000 streams. Without it they wait in
  memory (\`queueMiB\`). What finds no room is the oldest, and counted.
- **The disk is full or broken**: points wait in memory and are sent from there.
- **The server refuses points for good** (a time before the retention policy, a field of another type): those are counted and said with the
  server's words; the others of the batch are taken, and nothing waits behind them. Too large a request is sent in halves.
- **The probe is killed**: what it had not written yet is lost, \`flush\` at most. At an orderly end it delivers for five
  seconds; the rest stays in the spool.
- Whatever is lost is counted by reason in \`earshot_export_points_dropped_total\`; \`earshot_export_failing\` and the alert rule
  \`ExportFailing\` tell of a server that gets nothing ([metrics.md](metrics.md), [export-failing](runbooks/export-failing.md)).
- Each probe and server needs a spool of its own; a second probe is refused.
- \`--redact-numbers\` and \`--pseudonymise\` hold here, too.`;

const ABOUT = `- **Tags** are bounded, and every point has all of them; what is not known is \`none\`. \`site\`, \`trunk\`, \`device\` and \`direction\`
  (\`inbound\`, \`outbound\`, \`internal\`, \`unknown\`) come from \`groups\` of the configuration, with the budget of
  \`metrics.labelSets\`, as in [metrics.md](metrics.md): what finds no room is \`other\`. Names of codecs that nobody registered are
  \`other\`.
- **Fields** hold all that identifies calls, streams and people, as texts. A field keeps its type: integers are written as
  integers, all other numbers as floats. What is not known is left out, never 0. VictoriaMetrics keeps no texts.
- **Texts** are what the network said: at most 1024 characters (tags: 64), control characters replaced by \`?\`. A backslash in a
  tag becomes \`/\`: servers disagree on how to read it.
- **Times** are those of the capture, in microseconds. The last three of the nine decimals are no time: they keep points apart
  that would overwrite each other, and are the same whenever the point is sent again. VictoriaMetrics keeps milliseconds only.`;

function section(name: string, { meaning, time, tags, fields }: MeasurementEntry): string {
  const rows = Object.entries(fields).map(([field, { type, unit, meaning: of }]) => {
    return `| \`${field}\` | ${type} | ${unit} | ${of} |`;
  });
  return [
    `## \`${name}\``,
    '',
    `${meaning} Time: ${time}. Tags: ${tags.map((tag) => `\`${tag}\``).join(', ')}.`,
    '',
    '| field | type | unit | meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const QUERIES = `## Queries to begin with

\`\`\`sql
-- MOS that one interval of twenty does not reach, by site
SELECT percentile("mos_lq", 5) FROM "rtp_interval" WHERE "scale" = 'NB' AND $timeFilter GROUP BY time(5m), "site"
-- loss, by trunk
SELECT sum("lost") / sum("expected") FROM "rtp_interval" WHERE $timeFilter GROUP BY time(5m), "trunk"
-- the worst streams, and the calls they belong to
SELECT bottom("mos_lq", 20), "call_ref", "src", "dst" FROM "rtp_stream" WHERE $timeFilter
-- answered calls, and those that failed, by hour
SELECT count("tries") FROM "sip_call" WHERE $timeFilter GROUP BY time(1h), "state"
-- findings by code
SELECT sum("count") FROM "finding" WHERE $timeFilter GROUP BY time(1h), "code"
-- packets that the probe lost itself, per second
SELECT non_negative_derivative(last("dropped"), 1s) FROM "probe_status" WHERE $timeFilter GROUP BY time(1m), "probe"
\`\`\`

A call that is looked for by its Call-ID takes a look at all points of the time asked for (fields are not indexed): give a
short range.
`;
