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

${ABOUT}

${Object.entries(MEASUREMENTS)
  .map(([name, entry]) => section(name, entry))
  .join('\n\n')}

${QUERIES}`;
}

const ABOUT = `- **Tags** are bounded, and every point has all of them; what is not known is \`none\`. \`site\`, \`trunk\`, \`device\` and \`direction\`
  (\`inbound\`, \`outbound\`, \`internal\`, \`unknown\`) come from \`groups\` of the configuration, with the budget of
  \`metrics.labelSets\`, as in [metrics.md](metrics.md): what finds no room is \`other\`. Names of codecs that nobody registered are
  \`other\`.
- **Fields** hold all that identifies calls, streams and people, as texts. A field keeps its type: integers are written as
  integers, all other numbers as floats. What is not known is left out, never 0. VictoriaMetrics leaves texts out.
- **Texts** are what the network said: at most 1024 characters (tags: 64), control characters replaced by \`?\`. A backslash in a
  tag becomes \`/\`: servers disagree on how to read it.
- **Times** are those of the capture, in microseconds. The last three of the nine decimals are no time: they keep points apart
  that would overwrite each other, and are the same whenever the point is sent again.`;

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
