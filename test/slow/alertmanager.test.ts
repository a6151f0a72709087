import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AlertChange } from '../../src/alerts/alert.ts';
import { Notifier } from '../../src/notify/notifier.ts';
import { postJson } from '../../src/notify/post.ts';
import { badInterval, Feed, interval, MINUTE_US, rules, status } from '../alerts/feed.ts';

/* The Alertmanager of Debian, told by the notifier; what it tells a webhook is what people would get. */

const PROGRAM = 'prometheus-alertmanager';
const isThere = spawnSync(PROGRAM, ['--version']).status === 0;

interface Told {
  status: string;
  groupLabels: Record<string, string>;
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
}

/** How long it is down in the test of that: EARSHOT_OUTAGE_S=600 for ten minutes. */
const OUTAGE_S = Number(process.env.EARSHOT_OUTAGE_S ?? 5);

const folder = mkdtempSync(join(tmpdir(), 'earshot-alertmanager-'));
const told: Told[] = [];
let hook: Server;
let manager: ChildProcess | null = null;
let port = 0;

beforeAll(async () => {
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      told.push(JSON.parse(body) as Told);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const { port: hookPort } = hook.address() as AddressInfo;
  writeFileSync(
    join(folder, 'am.yml'),
    `route: { receiver: hook, group_by: [site], group_wait: 1s, group_interval: 1s, repeat_interval: 1h }
receivers: [{ name: hook, webhook_configs: [{ url: "http://127.0.0.1:${hookPort}/", send_resolved: true }] }]
`,
  );
  // A port that was free a moment ago.
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  port = (free.address() as AddressInfo).port;
  await new Promise((resolve) => free.close(resolve));
});

afterEach(async () => {
  await stop();
  told.length = 0;
});

afterAll(() => {
  hook.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  manager = spawn(
    PROGRAM,
    [
      `--config.file=${join(folder, 'am.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  );
  for (let i = 0; i < 200; i++) {
    const ready = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
    if (ready?.ok === true) return;
    await pause(100);
  }
  throw new Error('Alertmanager does not start');
}

async function stop(): Promise<void> {
  const running = manager;
  manager = null;
  if (running === null) return;
  const over = new Promise((resolve) => running.once('exit', resolve));
  running.kill();
  await over;
}

/** Alerts of two sites as they begin now, and the same when they have ended. */
function episodes(): { raised: AlertChange[]; resolved: AlertChange[] } {
  const set = rules(`
rules:
  - { name: JitterHigh, summary: uneven, signal: interval.jitterMs, measure: p95, above: 30, window: 1m, by: [site], minSamples: 1, clearFor: 0s }
`);
  const startUs = (Date.now() - 300_000) * 1000;
  const sites = ['north', 'south'];
  const feed = new Feed(set, {
    startUs,
    labels: (record) => ('callId' in record ? { site: record.callId ?? '' } : {}),
  });
  feed.run(MINUTE_US, () => [status(), ...sites.map((callId) => badInterval({ callId }))]);
  feed.run(3 * MINUTE_US, () => [status(), ...sites.map((callId) => interval({ callId }))]);
  const of = (change: string): AlertChange[] => feed.changes.filter((each) => each.change === change);
  return { raised: of('raised'), resolved: of('resolved') };
}

function notifierOf(): Notifier {
  return new Notifier({
    receivers: [{ kind: 'alertmanager', url: `http://127.0.0.1:${port}`, token: null }],
    probe: 'core-1',
    redactNumbers: true,
    repeatMs: 2000,
    groupBy: [],
    post: postJson,
    nowMs: () => Date.now(),
    said: () => {},
  });
}

/** Lets the notifier work until `done`. */
async function until(notifier: Notifier, done: () => boolean, seconds = 30): Promise<void> {
  for (let i = 0; i < seconds * 5 && !done(); i++) {
    await notifier.tick();
    await pause(200);
  }
}

const firing = (): string[] =>
  told.flatMap(({ alerts }) =>
    alerts.filter((each) => each.status === 'firing').map(({ labels }) => labels.site!),
  );
const ended = (): string[] =>
  told.flatMap(({ alerts }) =>
    alerts.filter((each) => each.status === 'resolved').map(({ labels }) => labels.site!),
  );

describe.skipIf(!isThere)('Alertmanager (skipped where it is not installed)', () => {
  test('receives alerts, groups them by site, and resolves them', async () => {
    await start();
    const notifier = notifierOf();
    const { raised, resolved } = episodes();
    expect(raised).toHaveLength(2);
    notifier.take(
      raised,
      raised.map(({ alert }) => alert),
    );
    await until(notifier, () => told.length >= 2);
    expect(told.map(({ groupLabels }) => groupLabels.site).sort()).toEqual(['north', 'south']);
    expect(told[0]!.alerts[0]).toMatchObject({
      labels: { alertname: 'JitterHigh', severity: 'warning', probe: 'core-1' },
      annotations: { summary: 'uneven', threshold: '30 ms', runbook_url: 'docs/runbooks/jitter-high.md' },
    });
    // Longer than it would fire without being told again: eight seconds.
    await until(notifier, () => ended().length > 0, 10);
    expect(ended()).toEqual([]);
    notifier.take(resolved, []);
    await until(notifier, () => ended().length >= 2);
    expect(ended().sort()).toEqual(['north', 'south']);
  });

  test(
    'that is down while an alert begins and ends is told both, and tells people both',
    async () => {
      const notifier = notifierOf();
      const { raised, resolved } = episodes();
      notifier.take(
        raised,
        raised.map(({ alert }) => alert),
      );
      await until(notifier, () => false, OUTAGE_S * 0.6);
      notifier.take(resolved, []);
      await until(notifier, () => false, OUTAGE_S * 0.4);
      const counts = Object.values(notifier.counts())[0]!;
      expect(counts.failed).toBeGreaterThan(0);
      expect(counts.waiting).toBe(4);
      await start();
      await until(notifier, () => ended().length >= 2, 40);
      expect(firing().length).toBeGreaterThanOrEqual(2);
      expect(ended().sort()).toEqual(['north', 'south']);
      expect(Object.values(notifier.counts())[0]).toMatchObject({ waiting: 0, dropped: 0 });
    },
    90_000 + OUTAGE_S * 1000,
  );
});
