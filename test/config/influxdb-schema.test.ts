import { describe, expect, test } from 'vitest';
import { exportingPlan } from '../../src/cli/exporting-plan.ts';
import { readEarshotConfig } from '../../src/config/earshot-schema.ts';
import { problemLine } from '../../src/config/problem.ts';
import { writeRequest } from '../../src/delivery/influx-endpoint.ts';

const planOf = (target: string, environment = {}) => {
  const checked = readEarshotConfig(`influxdb: [${target}]`, environment);
  if (!checked.ok) throw new Error(checked.problems.map((each) => problemLine('f', each)).join('\n'));
  return exportingPlan(checked.config);
};
const wrong = (targets: string): string[] => {
  const checked = readEarshotConfig(`influxdb: [${targets}]`, {});
  return checked.ok ? [] : checked.problems.map(({ path, text }) => `${path}: ${text}`);
};

describe('influxdb', () => {
  test('nobody gets anything unless told so', () => {
    const checked = readEarshotConfig('', {});
    expect(checked.ok && exportingPlan(checked.config)).toBeNull();
  });

  test('an address and a database are enough', () => {
    const target = planOf('{url: "http://127.0.0.1:8086", database: calls}')!.influxdb[0]!;
    expect(target).toMatchObject({
      ...{ name: 'influxdb', batchPoints: 5000, flushMs: 5000, queueBytesMax: 32 << 20, spool: null },
      measurements: ['rtp_interval', 'rtp_stream', 'sip_call', 'finding', 'probe_status'],
    });
    expect(writeRequest(target.endpoint).url).toBe('http://127.0.0.1:8086/write?db=calls&precision=ns');
  });

  test('everything else, secrets from the environment', () => {
    const yaml = `{name: cloud, url: "https://influx.example/x", api: 2, bucket: b, org: o, token: "\${TOKEN}",
      measurements: [sip_call, finding], batchPoints: 100, flush: 1m, queueMiB: 8, spool: {directory: /var/spool/e, maxMiB: 64}}`;
    const target = planOf(yaml, { TOKEN: 's3cret' })!.influxdb[0]!;
    expect(target).toMatchObject({
      ...{ name: 'cloud', batchPoints: 100, flushMs: 60_000, queueBytesMax: 8 << 20 },
      ...{ measurements: ['sip_call', 'finding'], spool: { directory: '/var/spool/e', bytesMax: 64 << 20 } },
    });
    expect(writeRequest(target.endpoint)).toMatchObject({
      url: 'https://influx.example/x/api/v2/write?org=o&bucket=b&precision=ns',
      headers: { authorization: 'Token s3cret' },
    });
  });

  test.each([
    ['{url: "http://h:1"}', 'influxdb[0]: expected database: where the points are to go'],
    ['{url: "http://h:1", database: d, bucket: b}', 'influxdb[0].bucket: is for api 2, and this is api 1'],
    ['{url: "http://h:1", api: 2, bucket: b}', 'influxdb[0]: expected token: api 2 asks for one'],
    [
      '{url: "http://h:1", api: 2, bucket: b, token: t, database: d}',
      'influxdb[0].database: is for api 1, and this is api 2',
    ],
    ['{url: "http://h:1", database: d, password: p}', 'influxdb[0].password: expected username, too'],
    [
      '{url: "http://h:1", database: d, username: u, password: p, token: t}',
      'influxdb[0].token: expected either token or username and password',
    ],
    [
      '{url: "http://h:1/write", database: d}',
      'influxdb[0].url: expected the address of the server alone: the path is put behind it',
    ],
    [
      '{url: "http://u:p@h:1", database: d}',
      'influxdb[0].url: expected http://HOST:PORT or https://HOST:PORT, got "http://u:p@h:1"',
    ],
    [
      '{url: "http://h:99999", database: d}',
      'influxdb[0].url: expected http://HOST:PORT, got "http://h:99999"',
    ],
    [
      '{url: "http://h:1", database: d, measurements: []}',
      'influxdb[0].measurements: expected one at least: nothing would be written',
    ],
    [
      '{url: "http://h:1", database: d, measurements: [sip_calls]}',
      'influxdb[0].measurements[0]: expected one of rtp_interval, rtp_stream, sip_call, finding, probe_status, got "sip_calls"; did you mean sip_call?',
    ],
    [
      '{url: "http://h:1", database: d}, {url: "http://h:2", database: d}',
      'influxdb[1].name: "influxdb" is influxdb[0] already',
    ],
    [
      '{name: a, url: "http://h:1", database: d, spool: {directory: /s}}, {name: b, url: "http://h:2", database: d, spool: {directory: //s/}}',
      'influxdb[1].spool.directory: is the directory of influxdb[0] already',
    ],
  ])('%s', (targets, problem) => {
    expect(wrong(targets)).toEqual([problem]);
  });
});
