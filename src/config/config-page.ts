import { durationText } from './duration.ts';
import { EARSHOT_SCHEMA } from './earshot-schema.ts';
import { expectationOf } from './read.ts';
import { defaultOf, type Schema } from './schema.ts';

/** docs/configuration.md, made of the schema. */
export function configurationPage(): string {
  const rows = rowsOf(EARSHOT_SCHEMA, '').map((cells) => `| ${cells.join(' | ')} |`);
  return `# Configuration

\`earshot live\` reads \`earshot.yaml\` from where it is started, \`/etc/earshot/earshot.yaml\`, or the file given with
\`--config\`. \`earshot config check\` says everything that is wrong with a file, each with line, column, value and what was
expected; \`earshot config print\` shows what would be in force (without secrets), \`earshot config print --defaults\` is a
file to begin with; \`earshot config schema\` is a JSON Schema for editors. Settings that do not exist are errors.
SIGHUP reads the file again: groups are in force at once, thresholds and quality (but for the playout model) for whatever
ends from then on, signalling for calls that begin from then on. What takes a restart is named in the log, and a file that
is wrong changes nothing.

In any text, \`\${NAME}\` stands for an environment variable: keys and passwords belong there.

\`\`\`yaml
${EXAMPLE}\`\`\`

| setting | default | expected | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

const EXAMPLE = `probe:
  name: core-1
interfaces:
  - name: eth1
    filter: udp or tcp port 5060
hep:
  - listen: udp:127.0.0.1:9060
    key: \${EARSHOT_HEP_KEY}
quality:
  playout: fixed50
thresholds:
  lossWarningRatio: 0.005
http:
  listen: 127.0.0.1:10047
groups:
  sites:
    - name: Berlin
      cidr: [10.1.0.0/16]
  trunks:
    - name: carrier-a
      cidr: [192.0.2.0/24, 2001:db8:a::/48]
  devices:
    - name: Yealink $1
      userAgent: ["Yealink SIP-* *"]
influxdb:
  - url: http://127.0.0.1:8086
    database: earshot
    spool:
      directory: /var/lib/earshot/influxdb
`;

/** The example of the page, for the test that reads it. */
export function configurationExample(): string {
  return EXAMPLE;
}

function rowsOf(schema: Schema, path: string): string[][] {
  switch (schema.kind) {
    case 'object': {
      const own = path === '' ? [] : [[`\`${path}\``, '', 'a group of settings', schema.doc]];
      const inside = Object.entries(schema.fields).flatMap(([name, field]) => {
        return rowsOf(field, path === '' ? name : `${path}.${name}`);
      });
      return [...own, ...inside];
    }
    case 'list': {
      const expected = `a list, at most ${schema.max}`;
      if (schema.of.kind === 'object') {
        return [[`\`${path}\``, '', expected, schema.doc], ...rowsOf(schema.of, `${path}[]`).slice(1)];
      }
      return [[`\`${path}\``, shown(schema), `${expected}, of ${expectationOf(schema.of)}`, schema.doc]];
    }
    case 'map':
      return [[`\`${path}.NAME\``, '', expectationOf(schema.of), `${schema.doc} NAME is ${schema.keyDoc}.`]];
    default:
      return [[`\`${path}\``, shown(schema), expectationOf(schema), schema.doc]];
  }
}

function shown(schema: Schema): string {
  const value = defaultOf(schema);
  if (value === undefined) return 'has to be given';
  if (value === null) return 'none';
  if (schema.kind === 'duration') return `\`${durationText(value as number)}\``;
  return Array.isArray(value) ? value.map((each) => `\`${each}\``).join(', ') : `\`${String(value)}\``;
}
