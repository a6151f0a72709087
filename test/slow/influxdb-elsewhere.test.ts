import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Delivery, type WriteOutcome } from '../../src/delivery/delivery.ts';
import { writeToInflux } from '../../src/delivery/influx-endpoint.ts';
import { Spool } from '../../src/delivery/spool.ts';
import { Groups } from '../../src/metrics/groups/groups.ts';
import { lineOf } from '../../src/metrics/influx/line-protocol.ts';
import { Points } from '../../src/metrics/influx/points.ts';
import { UniqueTimes } from '../../src/metrics/influx/unique-times.ts';
import { isoMicros } from '../../src/report/iso-time.ts';
import { intervalTold } from '../metrics/records.ts';
import { freePort } from './influxdb/server.ts';
import { titled, whyNot } from './lab/lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-elsewhere-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function deliveryTo(url: string, spool: Spool | null): Delivery {
  const endpoint = {
    ...{ url, api: '1' as const, database: 'earshot', retentionPolicy: null, username: null, password: null },
    ...{ bucket: null, org: null, token: null, timeoutMs: 10_000 },
  };
  return new Delivery({
    ...{ spool, batchPoints: 100, flushMs: 100, queueBytesMax: 1 << 20, said: () => {} },
    write: (batch, signal) => writeToInflux(endpoint, batch, signal),
    nowMs: () => performance.now(),
  });
}

/** A line for each of so many streams that began in one microsecond. */
function lines(streams: number, us: number): string[] {
  const points = new Points({ probe: 'p', groups: new Groups() });
  const times = new UniqueTimes();
  const records = Array.from({ length: streams }, (_, i) => {
    const record = intervalTold({ streamId: `s${i}`, callId: `"c ${i}",=\\`, jitterMs: 2.5 });
    return { ...record, startTime: isoMicros(us), packets: i };
  });
  return points.of(records).map((point) => lineOf(point, times)!);
}

const noServer = whyNot(['victoria-metrics']);

describe.skipIf(noServer !== null)(titled('VictoriaMetrics takes the same', noServer), () => {
  let url: string;
  let server: ChildProcess;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const args = [`-storageDataPath=${join(folder, 'data')}`, `-httpListenAddr=127.0.0.1:${port}`];
    server = spawn('victoria-metrics', [...args, '-retentionPeriod=100y', '-loggerLevel=ERROR'], {
      stdio: 'ignore',
    });
    for (let tries = 0; tries < 200; tries++) {
      if ((await fetch(`${url}/health`).catch(() => null))?.ok === true) return;
      await sleep(50);
    }
    throw new Error('VictoriaMetrics does not start');
  });

  afterAll(async () => {
    const over = once(server, 'exit');
    server.kill('SIGKILL');
    await over;
  });

  test('every point is there', async () => {
    const delivery = deliveryTo(url, null);
    const us = Date.now() * 1000 - 60_000_000;
    // It keeps milliseconds: points of one series that are closer than that are one to it.
    for (let i = 0; i < 50; i++) for (const line of lines(1, us + i * 1000)) delivery.add(line);
    await delivery.finish(10_000);
    expect(delivery.counts()).toMatchObject({ written: 50, waiting: 0, requests: { failed: 0, refused: 0 } });
    await fetch(`${url}/internal/force_flush`);
    const answer = await fetch(
      `${url}/api/v1/export?match[]=${encodeURIComponent('rtp_interval_jitter_ms')}`,
    );
    const series = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(series).toHaveLength(1);
    expect(series[0].metric).toMatchObject({ probe: 'p', codec: 'PCMA', scale: 'NB' });
    expect(series[0].values).toEqual(Array.from({ length: 50 }, () => 2.5));
  });
});

const disk = join(folder, 'disk');
spawnSync('mkdir', ['-p', disk]);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status === 0;
const noDisk = mounted ? null : 'no right to mount a small disk';

describe.skipIf(!mounted)(titled('a disk that is full', noDisk), () => {
  afterAll(() => spawnSync('umount', [disk]));

  test('is survived: points go on in memory, and every one is delivered or counted', async () => {
    let lost = 0;
    const spool = await Spool.open({
      directory: join(disk, 'spool'),
      bytesMax: 1 << 20,
      lost: (_, n) => (lost += n),
    });
    let isDown = true;
    const got = new Set<string>();
    const delivery = new Delivery({
      ...{ spool, batchPoints: 100, flushMs: 100, queueBytesMax: 64 << 20, said: () => {} },
      write: async ({ body }): Promise<WriteOutcome> => {
        if (isDown) return { kind: 'failed', error: 'down', retryAfterMs: null };
        const { gunzipSync } = await import('node:zlib');
        for (const line of gunzipSync(body).toString('utf8').trimEnd().split('\n')) got.add(line);
        return { kind: 'taken', rejected: 0, error: null };
      },
      nowMs: () => performance.now(),
    });
    const all: string[] = [];
    for (let round = 0; round < 60; round++) {
      const made = lines(100, 1_700_000_000_000_000 + round * 1_000_000);
      all.push(...made);
      for (const line of made) delivery.add(line);
      await delivery.settled();
    }
    expect(delivery.counts().spoolFailures).toBeGreaterThan(0);
    expect(spool.bytes).toBeGreaterThan(20_000);
    isDown = false;
    await delivery.finish(20_000);
    expect(lost).toBe(0);
    expect(delivery.counts()).toMatchObject({ written: 6000, waiting: 0 });
    expect([...got].sort()).toEqual([...all].sort());
  });
});
