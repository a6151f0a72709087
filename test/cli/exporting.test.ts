import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { Exporting } from '../../src/cli/exporting.ts';
import { exportingPlan } from '../../src/cli/exporting-plan.ts';
import { readEarshotConfig } from '../../src/config/earshot-schema.ts';
import { Log } from '../../src/live/log.ts';
import { folder } from '../delivery/folder.ts';
import { callTold, findingTold, intervalTold, statusTold, streamTold } from '../metrics/records.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function database(): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      lines.push(...gunzipSync(Buffer.concat(pieces)).toString('utf8').trimEnd().split('\n'));
      response.writeHead(204).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

async function exporting(yaml: string, redactNumbers = false): Promise<{ made: Exporting; log: string[] }> {
  const checked = readEarshotConfig(yaml, {});
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const parts = { redactNumbers, log: new Log({ level: 'info', plain: true, redactNumbers, write }) };
  return { made: await Exporting.open(exportingPlan(checked.config)!, parts), log };
}

const none = { cidr: [], vlan: [], userAgent: [], header: null, value: '*' };

test('two servers get what is theirs, in the groups of the moment; what cannot be delivered waits in its spool', async () => {
  const [all, calls] = [await database(), await database()];
  const directory = folder();
  const { made, log } = await exporting(`
probe: {name: core-1}
influxdb:
  - {name: all, url: "${all.url}", database: d}
  - {name: calls, url: "${calls.url}", database: d, measurements: [sip_call, finding]}
  - {name: away, url: "http://127.0.0.1:9", database: d, spool: {directory: "${directory}"}}
`);
  made.records([intervalTold(), statusTold(1)]);
  made.regroup({ sites: [{ ...none, name: 'Berlin', cidr: ['10.1.0.0/16'] }], trunks: [], devices: [] });
  made.records([intervalTold(), streamTold(), findingTold(), callTold()]);
  await made.close();
  const names = (lines: string[]): string[] => lines.map((line) => line.split(',', 1)[0]!).sort();
  expect(names(all.lines)).toEqual(
    ['finding', 'probe_status', 'rtp_interval', 'rtp_interval', 'rtp_stream', 'sip_call'].sort(),
  );
  expect(names(calls.lines)).toEqual(['finding', 'sip_call']);
  const intervals = all.lines.filter((line) => line.startsWith('rtp_interval'));
  expect(intervals[0]).toContain('probe=core-1,site=none');
  expect(intervals[1]).toContain('probe=core-1,site=Berlin');
  expect(made.failing()).toEqual({
    ...{ all: { isFailing: false }, calls: { isFailing: false }, away: { isFailing: true } },
  });
  expect(made.counts().map(({ target, written, waiting }) => [target, written, waiting])).toEqual([
    ['all', 6, 0],
    ['calls', 2, 0],
    ['away', 0, 6],
  ]);
  expect(log.join('')).toContain('away: points stay in the spool until the next start (points 6)');
  const again = await exporting(`
influxdb: [{name: away, url: "${calls.url}", database: d, spool: {directory: "${directory}"}}]
`);
  await again.made.close();
  expect(again.made.counts()[0]).toMatchObject({ written: 6, waiting: 0 });
  expect(calls.lines).toHaveLength(8);
});

test('numbers are left out where they are to be, and a record without time is counted', async () => {
  const { url, lines } = await database();
  const { made } = await exporting(`influxdb: [{url: "${url}", database: d}]`, true);
  const call = callTold({ from: 'sip:+4930123456@example.com', callId: 'one@example.com' });
  made.records([call, statusTold(1, { time: null })]);
  await made.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('call_id="one@example.com"');
  expect(lines[0]).toContain('caller="sip:…456@example.com"');
  expect(made.counts()[0]!.dropped).toMatchObject({ no_time: 1 });
});

test('a spool that cannot be is said before anything is measured', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const yaml = `influxdb: [{url: "http://127.0.0.1:9", database: d, spool: {directory: "${file}/spool"}}]`;
  await expect(exporting(yaml)).rejects.toThrow(`the spool ${file}/spool cannot be used: ENOTDIR`);
});
