import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { MEASUREMENTS } from '../../src/metrics/influx/catalogue.ts';
import type { MeasurementEntry } from '../../src/metrics/influx/measurement.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { presetScenario } from '../../src/synth/presets.ts';
import { build } from '../cli/earshot.ts';
import {
  compared,
  type Expected,
  expectedCall,
  expectedFinding,
  expectedInterval,
  expectedStatus,
  expectedStream,
} from './influxdb/expected.ts';
import { FedProbe, later, replaced } from './influxdb/fed-probe.ts';
import { InfluxServer } from './influxdb/server.ts';
import { titled, whyNot } from './lab/lab.ts';
import { withTimeAfter } from './metrics/served.ts';

const reason = whyNot(['influxd']);

/** As long as the User-Agent that stands in the capture; a backslash at its end, quotes, octets that are no UTF-8. */
const AGENT = Buffer.from('ExamplePhone/4.2');
const HOSTILE = Buffer.from([
  ...Buffer.from('Ex"\\,= '),
  0xff,
  0xfe,
  0xc3,
  0x07,
  0x1b,
  ...Buffer.from("';\t\\"),
]);

describe.skipIf(reason !== null)(titled('InfluxDB gets what a probe measures', reason), () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-influx-'));
  const spool = join(folder, 'spool');
  const config = join(folder, 'earshot.yaml');
  const records: LiveRecord[] = [];
  const logs: string[] = [];
  let server: InfluxServer;
  let spooled = 0;

  const ofType = <T extends LiveRecord['type']>(type: T) =>
    records.filter((record) => record.type === type) as Extract<LiveRecord, { type: T }>[];

  /** One probe after the other: the database dies under the first one and comes back under the third. */
  beforeAll(async () => {
    build();
    server = await InfluxServer.start();
    writeFileSync(
      config,
      `influxdb:
  - { url: "${server.url}", database: earshot, flush: 200ms, spool: { directory: "${spool}" } }
groups:
  devices: [{ name: "$1", userAgent: ["*"] }]
`,
    );
    const demo = withTimeAfter(buildScenario(presetScenario('demo', 3)!).pcap, 120);
    const hostile = replaced(later(demo, 3600), AGENT, HOSTILE);
    expect(hostile.times).toBeGreaterThan(5);

    const first = new FedProbe(['--config', config]);
    const half = demo.length >> 1;
    await first.feed(demo.subarray(0, half));
    await first.until(async () => (await server.count('rtp_interval')) > 0, 'the first point');
    await server.kill();
    await first.feed(demo.subarray(half));
    expect(await first.end()).toBe(0);
    spooled = readdirSync(spool).length;

    // Killed while points wait: what its spool got is there, and more it has not told.
    const second = new FedProbe(['--config', config]);
    await second.until(() => second.log.includes('points of an earlier run'), 'the spool being found');
    await second.kill();

    const third = new FedProbe(['--config', config]);
    await third.feed(hostile.pcap.subarray(0, half));
    await third.until(() => third.log.includes('they wait'), 'the server being missed');
    await server.begin();
    await third.feed(hostile.pcap.subarray(half));
    await third.until(() => third.log.includes('delivered again'), 'the server being found');
    await third.until(() => third.records.some(({ type }) => type === 'status'), 'a status');
    expect(await third.end()).toBe(0);
    records.push(...first.records, ...third.records);
    logs.push(first.log, third.log);
  }, 120_000);

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('points waited on the disk while the server was dead, and nothing is left there', () => {
    expect(spooled).toBeGreaterThan(0);
    expect(readdirSync(spool)).toEqual([]);
    expect(logs[0]).toContain('points stay in the spool until the next start');
    expect(logs.join('')).not.toMatch(/refused for good|points are dropped|are lost|damaged/);
  });

  const made: [string, () => Expected[]][] = [
    ['rtp_interval', () => ofType('interval').map(expectedInterval)],
    ['rtp_stream', () => ofType('stream').map(expectedStream)],
    ['sip_call', () => ofType('call').map(expectedCall)],
    ['finding', () => ofType('finding').map(expectedFinding)],
    ['probe_status', () => ofType('status').map(expectedStatus)],
  ];

  test.each(made)(
    '%s: every record is one row with its values, and there is nothing else',
    async (name, expected) => {
      const both = compared(await server.rows(name), expected());
      expect(both.expected.length).toBeGreaterThan(0);
      expect(both.rows).toEqual(both.expected);
    },
  );

  test('fields have the types of the catalogue, tags its names, and no text made others', async () => {
    const names = await server.schema('SHOW MEASUREMENTS');
    expect(names.map(({ name }) => name).sort()).toEqual(Object.keys(MEASUREMENTS).sort());
    const typeOf = { integer: 'integer', float: 'float', flag: 'boolean', text: 'string' };
    for (const [name, entry] of Object.entries(MEASUREMENTS) as [string, MeasurementEntry][]) {
      const tags = await server.schema(`SHOW TAG KEYS FROM "${name}"`);
      expect(tags.map(({ tagKey }) => tagKey).sort()).toEqual([...entry.tags].sort());
      const fields = await server.schema(`SHOW FIELD KEYS FROM "${name}"`);
      for (const { fieldKey, fieldType } of fields) {
        expect(fieldType, `${name} ${fieldKey}`).toBe(typeOf[entry.fields[fieldKey!]!.type]);
      }
    }
  });

  test('a hostile User-Agent is the value of one tag and of one field', async () => {
    const agents = new Set((await server.rows('sip_call')).map((row) => row.caller_user_agent));
    expect([...agents].some((agent) => String(agent).startsWith('Ex"\\,= '))).toBe(true);
    const devices = new Set((await server.rows('rtp_stream')).map((row) => row.device));
    expect([...devices].some((device) => String(device).startsWith('Ex"/,= '))).toBe(true);
    expect(devices.size).toBeLessThan(6);
  });
});
