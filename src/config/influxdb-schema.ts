import type { InfluxEndpoint } from '../delivery/influx-endpoint.ts';
import { MEASUREMENT_NAMES, type MeasurementName } from '../metrics/influx/catalogue.ts';
import { choice, duration, list, number, object, required, text, type ValueOf } from './schema.ts';

const INFLUXDB_MAX = 4;

const TARGET = object('A server that points are written to.', {
  name: text('Its name in metrics and the log.', 'influxdb', {
    form: { pattern: /^[\w.-]{1,64}$/, expected: 'up to 64 letters, digits, and . _ -' },
  }),
  url: required('Where it is, without /write: http://127.0.0.1:8086.', {
    form: { pattern: /^https?:\/\/[^\s@?#]{1,1000}$/, expected: 'http://HOST:PORT or https://HOST:PORT' },
  }),
  api: choice(
    '1 for InfluxDB 1.x and servers that take the same, such as VictoriaMetrics; 2 for InfluxDB 2 and 3.',
    ['1', '2'],
    '1',
  ),
  database: text('Database (api 1). It has to be there.', null),
  retentionPolicy: text('Retention policy (api 1); that of the database when left out.', null),
  username: text('For basic authentication (api 1).', null),
  password: text('For basic authentication (api 1).', null, { secret: true }),
  bucket: text('Bucket (api 2); for InfluxDB 3 the database.', null),
  org: text('Organization (api 2); InfluxDB 3 has none.', null),
  token: text('API token (api 2), or bearer token of what stands in front of the server (api 1).', null, {
    secret: true,
  }),
  measurements: list(
    'What is written (docs/influx.md). Intervals are nearly all of it.',
    choice('', MEASUREMENT_NAMES, 'rtp_interval'),
    MEASUREMENT_NAMES.length,
    MEASUREMENT_NAMES,
  ),
  batchPoints: number('Points that are sent together.', { default: 5000, min: 1, max: 50_000, whole: true }),
  flush: duration('The first point of a batch waits so long for the others.', {
    ...{ default: 5000, minMs: 100, maxMs: 300_000 },
  }),
  timeout: duration('A request that takes longer has failed, and is sent again later.', {
    ...{ default: 30_000, minMs: 1000, maxMs: 300_000 },
  }),
  queueMiB: number('What may wait in memory; beyond it the oldest is dropped.', {
    ...{ default: 32, min: 1, max: 1024, whole: true, unit: 'MiB' },
  }),
  spool: object(
    'Points wait on the disk until the server has taken them, also over a restart of the probe.',
    {
      directory: text(
        'A directory of its own for each probe and server; without it points wait in memory only.',
        null,
        {
          form: { pattern: /^[^\0]{1,1000}$/, expected: 'a directory' },
        },
      ),
      maxMiB: number('What may be in it, compressed; beyond it the oldest is dropped.', {
        ...{ default: 1024, min: 16, max: 1_048_576, whole: true, unit: 'MiB' },
      }),
    },
  ),
});

/** `influxdb`: servers that points are written to. */
export const INFLUXDB = list(
  'InfluxDB and servers like it that get points (docs/influx.md).',
  TARGET,
  INFLUXDB_MAX,
);

/** One of `influxdb`, as it is configured. */
export type InfluxdbConfig = ValueOf<typeof TARGET>;

/** Where a target's points go to. */
export function influxEndpoint(config: InfluxdbConfig): InfluxEndpoint {
  const { url, api, database, retentionPolicy, username, password, bucket, org, token, timeout } = config;
  const credentials = { username, password, token };
  return { url, api, database, retentionPolicy, ...credentials, bucket, org, timeoutMs: timeout };
}

/** Names of what a target gets. */
export function influxMeasurements({ measurements }: InfluxdbConfig): MeasurementName[] {
  return MEASUREMENT_NAMES.filter((name) => measurements.includes(name));
}

/** What contradicts itself. */
export function influxdbContradictions(targets: readonly InfluxdbConfig[]): { path: string; text: string }[] {
  return targets.flatMap((target, i) => {
    const path = `influxdb[${i}]`;
    return [...ofTarget(target, path), ...besideOthers(target, i, targets)];
  });
}

const OF_API = {
  '1': ['database', 'retentionPolicy', 'username', 'password'],
  '2': ['bucket', 'org'],
} as const;

function ofTarget(target: InfluxdbConfig, path: string): { path: string; text: string }[] {
  const { api, url, measurements } = target;
  const found: { path: string; text: string }[] = [];
  const other = api === '1' ? '2' : '1';
  for (const name of OF_API[other]) {
    if (target[name] === null) continue;
    found.push({ path: `${path}.${name}`, text: `is for api ${other}, and this is api ${api}` });
  }
  const place = api === '1' ? 'database' : 'bucket';
  if (target[place] === null) found.push({ path, text: `expected ${place}: where the points are to go` });
  if (api === '2' && target.token === null) found.push({ path, text: 'expected token: api 2 asks for one' });
  if (target.password !== null && target.username === null) {
    found.push({ path: `${path}.password`, text: 'expected username, too' });
  }
  if (target.token !== null && target.username !== null) {
    found.push({ path: `${path}.token`, text: 'expected either token or username and password' });
  }
  if (!URL.canParse(url))
    found.push({ path: `${path}.url`, text: `expected http://HOST:PORT, got "${url}"` });
  else if (/\/(?:write|api\/v\d\/write(?:_lp)?)\/?$/.test(url)) {
    found.push({
      path: `${path}.url`,
      text: 'expected the address of the server alone: the path is put behind it',
    });
  }
  if (measurements.length === 0) {
    found.push({ path: `${path}.measurements`, text: 'expected one at least: nothing would be written' });
  }
  return found;
}

function besideOthers(
  { name, spool }: InfluxdbConfig,
  i: number,
  targets: readonly InfluxdbConfig[],
): { path: string; text: string }[] {
  const found: { path: string; text: string }[] = [];
  const sameName = targets.findIndex((other) => other.name === name);
  if (sameName < i) {
    found.push({ path: `influxdb[${i}].name`, text: `"${name}" is influxdb[${sameName}] already` });
  }
  const isSame = (directory: string | null): boolean =>
    directory !== null && spool.directory !== null && plain(directory) === plain(spool.directory);
  const samePlace = targets.findIndex((other) => isSame(other.spool.directory));
  if (samePlace !== -1 && samePlace < i) {
    const text = `is the directory of influxdb[${samePlace}] already`;
    found.push({ path: `influxdb[${i}].spool.directory`, text });
  }
  return found;
}

function plain(directory: string): string {
  return directory.replace(/\/+/g, '/').replace(/\/$/, '');
}
