import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SIGNALLING } from '../../src/calls/options.ts';
import { servingPlan } from '../../src/cli/serving-plan.ts';
import { configurationExample, configurationPage } from '../../src/config/config-page.ts';
import { EARSHOT_SCHEMA, readEarshotConfig } from '../../src/config/earshot-schema.ts';
import { engineOptions } from '../../src/config/engine-options.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { printConfig, printDefaults } from '../../src/config/print.ts';
import { problemLine } from '../../src/config/problem.ts';
import { DEFAULT_SCORING } from '../../src/engine/scoring.ts';
import { Groups } from '../../src/metrics/groups/groups.ts';

const read = (source: string, environment = {}) => {
  const checked = readEarshotConfig(source, environment);
  if (!checked.ok) throw new Error(checked.problems.map((each) => problemLine('f', each)).join('\n'));
  return checked.config;
};
const wrong = (source: string): string[] => {
  const checked = readEarshotConfig(source, {});
  return checked.ok ? [] : checked.problems.map((each) => problemLine('earshot.yaml', each));
};

describe('earshot.yaml', () => {
  test('nothing set is what replay does, too', () => {
    const options = engineOptions(read(''));
    expect({ ...DEFAULT_SCORING, ...options.scoring }).toEqual(DEFAULT_SCORING);
    expect({
      ...DEFAULT_SIGNALLING,
      ...options.signalling,
      thresholds: DEFAULT_SIGNALLING.thresholds,
    }).toEqual(DEFAULT_SIGNALLING);
  });

  test('the example of the documentation is valid', () => {
    const config = read(configurationExample(), { EARSHOT_HEP_KEY: 'k' });
    expect(config.interfaces).toMatchObject([{ name: 'eth1', engine: 'auto', ring: { blocks: 256 } }]);
    expect(config.hep).toEqual([{ listen: 'udp:127.0.0.1:9060', key: 'k' }]);
    expect(engineOptions(config).signalling?.thresholds).toEqual({ lossWarningRatio: 0.005 });
  });

  test('what groups go by is asked of the engine, and given to metrics', () => {
    const source = `groups:
  sites: [{name: Berlin, cidr: [10.1.0.0/16], vlan: [100]}]
  trunks: [{name: $1, header: X-Trunk, value: "t-*"}]
`;
    const config = read(source);
    expect(engineOptions(config).signalling?.keptHeaders).toEqual(['x-trunk']);
    const place = new Groups(config.groups).place({
      ...{ source: '10.1.2.3', destination: null, vlans: [100], userAgent: null },
      headers: { 'x-trunk': 't-7' },
    });
    expect(place).toMatchObject({ site: 'Berlin', trunk: '7' });
  });

  test('where to listen: the command line goes first, the rest stays', () => {
    const config = read('http: {listen: "127.0.0.1:1", token: t}\nmetrics: {labelSets: 50}');
    expect(servingPlan(config, null)).toMatchObject({ http: { port: 1 }, labelSets: 50 });
    const there = servingPlan(config, { host: '::1', port: 2 });
    expect(there?.http).toMatchObject({ host: '::1', port: 2, credentials: { token: 't' }, tls: null });
    expect(servingPlan(read(''), null)).toBeNull();
  });

  test('headers are compared in lower case', () => {
    expect(engineOptions(read('signalling: {legHeaders: [X-Leg]}')).signalling?.legHeaders).toEqual([
      'x-leg',
    ]);
  });

  test.each([
    [
      'interfaces: [{name: a}, {name: a}]',
      'earshot.yaml:1:32: interfaces[1].name: "a" is interfaces[0] already',
    ],
    [
      'interfaces:\n  - name: a\n    ring: {blockKiB: 200}',
      'earshot.yaml:3:22: interfaces[0].ring.blockKiB: expected a power of two such as 128, 256 or 512, got "200"',
    ],
    [
      'hep: [{listen: "udp:localhost:70000"}]',
      'earshot.yaml:1:16: hep[0].listen: expected a port from 1 to 65535, got "70000"',
    ],
    [
      'hep: [{listen: "udp:localhost:9060"}]',
      'earshot.yaml:1:16: hep[0].listen: "localhost" is no address; IPv6 goes in brackets: udp:[::1]:9060',
    ],
    [
      'hep: [{listen: "localhost"}]',
      'earshot.yaml:1:16: hep[0].listen: expected udp:HOST:PORT or tcp:HOST:PORT, IPv6 in brackets, got "localhost"',
    ],
    [
      'quality: {plcByCodec: {g7111: true}}',
      'earshot.yaml:1:31: quality.plcByCodec.g7111: "g7111" is no row of docs/scores.md',
    ],
    [
      'thresholds: {lossWarningRatoi: 1}',
      'earshot.yaml:1:14: thresholds.lossWarningRatoi: no such name; did you mean lossWarningRatio?',
    ],
    [
      'http: {listen: "0.0.0.0:10047"}',
      'earshot.yaml:1:16: http.listen: 0.0.0.0:10047 can be reached by others and lacks TLS (http.tls) and credentials (http.password or http.token); configure it, listen on 127.0.0.1, or set http.allowOpen: true',
    ],
    [
      'http: {listen: "127.0.0.1:70000"}',
      'earshot.yaml:1:16: http.listen: expected a port up to 65535, got "127.0.0.1:70000"',
    ],
    [
      'http: {username: noc}',
      'earshot.yaml:1:7: http: expected password, too: basic authentication takes both',
    ],
    ['http: {tls: {cert: c.pem}}', 'earshot.yaml:1:13: http.tls: expected cert and key, both or none'],
    [
      'groups: {sites: [{name: a, cidr: [10.1.0.0/33]}]}',
      'earshot.yaml:1:35: groups.sites[0].cidr[0]: expected a network such as 10.1.0.0/16, got "10.1.0.0/33"',
    ],
    [
      'groups: {trunks: [{name: a}]}',
      'earshot.yaml:1:19: groups.trunks[0]: expected cidr, vlan, userAgent or header: nothing tells who is in the group',
    ],
  ])('%s', (source, line) => {
    expect(wrong(source)).toEqual([line]);
  });

  test('what is printed is read as the same again, and shows no secret', () => {
    const source =
      'interfaces: [{name: eth1}]\nhep: [{listen: "udp:127.0.0.1:9060", key: sesame}]\nquality: {assumedDelay: 1s}\n';
    const config = read(source);
    const printed = printConfig(EARSHOT_SCHEMA, config);
    expect(printed).not.toContain('sesame');
    expect(read(printed)).toEqual({ ...config, hep: [{ listen: 'udp:127.0.0.1:9060', key: '(not shown)' }] });
    expect(read(printDefaults(EARSHOT_SCHEMA))).toEqual(read(''));
  });

  test('the JSON Schema names every setting', () => {
    const schema = jsonSchema(EARSHOT_SCHEMA);
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: {
        interfaces: {
          type: 'array',
          items: { required: ['name'], properties: { engine: { enum: ['auto', 'ring', 'pcap', 'cap'] } } },
        },
        limits: { properties: { streams: { type: 'integer', minimum: 64, default: 65_536 } } },
      },
    });
  });

  test('docs/configuration.md is what the code says (npm run docs)', () => {
    expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(
      configurationPage(),
    );
  });
});
