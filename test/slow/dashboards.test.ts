import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { build, ROOT } from '../cli/earshot.ts';
import { told } from '../metrics/told.ts';
import { openMetrics, type Scrape, STEP_S, scrapes } from './dashboards/history.ts';
import { influxFilledIn, influxQueries } from './dashboards/influx-queries.ts';
import { bucketOf, exactPercentile, shownPercentiles } from './dashboards/percentiles.ts';
import {
  asked,
  dashboards,
  EVERYTHING,
  filledIn,
  hasNumber,
  linksOf,
  panelQueries,
} from './dashboards/queries.ts';
import { GROUPS, traffic } from './dashboards/traffic.ts';
import { TroubledProbe } from './dashboards/troubled.ts';
import { InfluxServer } from './influxdb/server.ts';
import { hasProgram, titled, whyNot } from './lab/lab.ts';
import { Prometheus, type Served, served, withTimeAfter } from './metrics/served.ts';

const noInflux = whyNot(['influxd']);
const missing = ['prometheus', 'promtool'].filter((name) => !hasProgram(name));
const reason = missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;

/** How links name the address of the probe. */
const PROBE = `$\{probe_url:raw}`;
const DAY_S = 86_400;
/** The past is scraped from so long before this moment of each day. */
const BEFORE_S = 600;
const FIRING = 'ALERTS{alertstate="firing"}';
const UNTRUSTED = 'avg_over_time((min(earshot_capture_trusted) == bool 0)[2m:10s])';
const SOURCE_DOWN = 'max(avg_over_time((min by (interface) (earshot_capture_source_up) == bool 0)[1m:10s]))';
const LABELS = { job: 'earshot', instance: 'core' };
/** Statuses come every ten seconds: one while it is fed, and one when all is over. */
const SETTLED_MS = 12_000;

describe('files of the trial', () => {
  const checked = (program: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
    return status === 0 ? 'valid' : `${stdout}${stderr}`;
  };

  test.skipIf(!hasProgram('promtool'))('are right for Prometheus', () => {
    expect(checked('promtool', 'check', 'config', 'dashboards/prometheus/prometheus.yml')).toBe('valid');
  });

  test.skipIf(!hasProgram('amtool'))('are right for Alertmanager', () => {
    expect(checked('amtool', 'check-config', 'dashboards/alertmanager/alertmanager.yml')).toBe('valid');
  });
});

describe.skipIf(reason !== null)(titled('Prometheus answers every query of the dashboards', reason), () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-dashboards-'));
  const startS = Math.floor(Date.now() / 1000);
  let past: Scrape[];
  let probe: Served;
  let troubled: TroubledProbe;
  let prometheus: Prometheus;
  let influx: InfluxServer | null = null;

  beforeAll(async () => {
    build();
    const { pcap } = buildScenario(traffic(7), { secrets: 'beside' });
    past = await scrapes(told(pcap, 500));
    influx = noInflux === null ? await InfluxServer.start() : null;
    const influxdb = influx === null ? [] : [{ url: influx.url, database: 'earshot', flush: '200ms' }];
    writeFileSync(join(folder, 'earshot.yaml'), JSON.stringify({ groups: GROUPS, influxdb }));
    const kept = ['--keep', '1h', '--keep-in', join(folder, 'kept')];
    probe = await served(['--config', join(folder, 'earshot.yaml'), '--hep', 'udp:127.0.0.1:0', ...kept]);
    troubled = await TroubledProbe.start();
    prometheus = await Prometheus.start({
      job: 'earshot',
      targets: [
        { host: new URL(probe.address).host, instance: 'core' },
        { host: troubled.host, instance: 'edge' },
        // Nobody is there: a probe that is down.
        { host: '127.0.0.1:9', instance: 'lost' },
      ],
      rules: rulesWithoutWait(),
      history: weekOf(past),
    });
    await probe.feed(withTimeAfter(pcap, 400), 12_000);
    await sleep(SETTLED_MS);
    // Rules are evaluated every ten seconds, the first time when it pleases; so is the time without trust looked at, and
    // that without a source: by then it may have been looked at only while the source was up.
    await until(async () => (await prometheus.query(FIRING)).length > 0);
    await until(async () => (await prometheus.number(UNTRUSTED)) > 0);
    await until(async () => (await prometheus.number(SOURCE_DOWN)) > 0);
    troubled.recover();
    await until(async () => (await prometheus.number('min(earshot_capture_trusted)')) > 0);
  }, 120_000);

  afterAll(async () => {
    await prometheus?.stop();
    await probe?.stop();
    await troubled?.stop();
    await influx?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The rules of the trial; a probe that is down is told at once, so that nobody waits a minute here. */
  function rulesWithoutWait(): string {
    const file = join(folder, 'rules.yml');
    const rules = readFileSync(join(ROOT, 'dashboards/prometheus/rules.yml'), 'utf8');
    writeFileSync(file, rules.replace(/(alert: ProbeDown\n.*\n) *for: 1m\n/, '$1'));
    return file;
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; waited < 30 && !(await isSo()); waited++) await sleep(1000);
  }

  /** The same hour of each of the last seven days; of all but the first of them what the heat map shows. */
  function weekOf(found: readonly Scrape[]): string[] {
    return [1, 2, 3, 4, 5, 6, 7].map((days) => {
      const file = join(folder, `day-${days}`);
      const isWanted = (sample: string): boolean =>
        days === 7 || sample.startsWith('earshot_interval_mos_lq');
      writeFileSync(file, openMetrics(found, LABELS, startS - days * DAY_S - BEFORE_S, isWanted));
      return file;
    });
  }

  test('with data', async () => {
    const silent: string[] = [];
    const still: string[] = [];
    const troubledOnly: string[] = [];
    for (const query of panelQueries()) {
      const name = `${query.dashboard} / ${query.panel} / ${query.refId}`;
      const series = await asked(prometheus, query);
      if (!hasNumber(series)) silent.push(`${name}: ${query.expr}`);
      if (series.every(({ values }) => values.every((value) => value === 0 || Number.isNaN(value))))
        still.push(name);
      if (!hasNumber(await asked(prometheus, query, { ...EVERYTHING, instance: 'core' })))
        troubledOnly.push(name);
    }
    expect(silent).toEqual([]);
    // Nothing is only ever 0, either.
    expect(still).toEqual([]);
    // A probe that is well, and reads a pipe, has nothing to say here.
    expect(troubledOnly).toEqual([
      'earshot-findings / Held back / A',
      'earshot-probe / Dropped packets / A',
      'earshot-probe / Not used, by reason / A',
      'earshot-probe / Fullest hold / A',
      'earshot-probe / Records dropped / A',
      // Nor does one that tells nobody of alerts.
      'earshot-probe / Exports that fail / B',
      'earshot-probe / Deliveries of alerts / A',
      'earshot-probe / Deliveries of alerts / B',
      'earshot-probe / Deliveries of alerts / C',
    ]);
  });

  test('of the chosen site alone', async () => {
    const chosen = { ...EVERYTHING, site: 'north|nobody' };
    const sites = new Set<string>();
    for (const query of panelQueries()) {
      if (!query.expr.includes('site=~"$site"')) continue;
      for (const { metric } of await asked(prometheus, query, chosen))
        if (metric.site !== undefined) sites.add(metric.site);
    }
    expect([...sites]).toEqual(['north']);
  });

  test('with percentiles that are the exact ones, within a bucket', async () => {
    // Scrapes of the last five minutes before the end of what is known of the day a week ago.
    const last = past.length - 1;
    const atS = startS - 7 * DAY_S - BEFORE_S + last * STEP_S + 1;
    const inWindow = Math.floor((300 - 1) / STEP_S);
    const records = past.slice(last - inWindow + 1).flatMap((scrape) => [...scrape.told]);
    let compared = 0;
    let same = 0;
    for (const shown of shownPercentiles()) {
      const query = encodeURIComponent(filledIn(shown.expr, { ...EVERYTHING, instance: 'core' }, 5));
      const { result } = (await prometheus.ask(`/api/v1/query?query=${query}&time=${atS}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      expect(result.length, shown.expr).toBeGreaterThan(0);
      for (const { metric, value } of result) {
        const exact = exactPercentile(records, shown, metric);
        if (exact === null) {
          expect(Number(value[1]), `${shown.expr} of nothing`).toBeNaN();
          continue;
        }
        const away = bucketOf(shown.histogram, Number(value[1])) - bucketOf(shown.histogram, exact.value);
        expect(
          Math.abs(away),
          `${shown.expr} ${JSON.stringify(metric)}: ${value[1]}, exactly ${exact.value}`,
        ).toBeLessThanOrEqual(1);
        compared++;
        if (away === 0) same++;
      }
    }
    expect(compared).toBeGreaterThan(40);
    // Windows do not end where scrapes do; hardly ever that matters.
    expect(same / compared).toBeGreaterThan(0.9);
  });

  test('with exemplars that lead to calls', async () => {
    const now = Date.now() / 1000;
    let led = 0;
    for (const { panel, expr } of panelQueries().filter(({ exemplar }) => exemplar)) {
      const query = encodeURIComponent(filledIn(expr, { ...EVERYTHING, instance: 'core' }, 5));
      const found = (await prometheus.ask(
        `/api/v1/query_exemplars?query=${query}&start=${now - 600}&end=${now}`,
      )) as { exemplars: { labels: { call: string } }[] }[];
      expect(found.length, panel).toBeGreaterThan(0);
      const page = await fetch(`${probe.address}/calls/${found[0]!.exemplars[0]!.labels.call}`);
      expect(page.status, panel).toBe(200);
      led++;
    }
    expect(led).toBeGreaterThan(8);
  });

  test('with links that lead to pages of the probe', async () => {
    const urls = new Set<string>();
    for (const url of linksOf(dashboards())) {
      if (!url.startsWith(PROBE)) continue;
      const labels: Record<string, string> = { code: 'burst_loss', verdict: 'media' };
      const filled = url
        .replace(PROBE, probe.address)
        .replace(/\$\{__(?:field\.labels|data\.fields)\.(\w+)\}/, (_, name: string) => labels[name] ?? '');
      urls.add(filled);
    }
    expect(urls.size).toBeGreaterThan(3);
    for (const url of urls) {
      const answer = await fetch(url);
      expect(answer.status, url).toBe(200);
      if (url.includes('/api/'))
        expect(((await answer.json()) as { calls: unknown[] }).calls.length, url).toBeGreaterThan(0);
    }
  });

  test('for what can be chosen, and for what is marked', async () => {
    for (const { uid, templating, annotations } of dashboards()) {
      for (const { name, type, query } of templating.list) {
        if (type !== 'query') continue;
        const text = typeof query === 'string' ? query : query!.query;
        const { match, label } = /^label_values\((?<match>.*), (?<label>\w+)\)$/.exec(text)!.groups!;
        const path = `/api/v1/label/${label}/values?match[]=${encodeURIComponent(filledIn(match!, EVERYTHING, 5))}`;
        const values = (await prometheus.ask(path)) as string[];
        const wanted = { job: 'earshot', instance: 'core', site: 'south', trunk: 'carrier-b' }[name];
        expect(values, `${uid} ${name}`).toContain(wanted);
      }
      for (const { name, expr } of annotations.list) {
        if (expr === undefined) continue;
        expect(await prometheus.query(filledIn(expr, EVERYTHING, 5)), `${uid} ${name}`).not.toEqual([]);
      }
    }
    const firing = await prometheus.query(FIRING);
    expect(firing.map(({ metric }) => metric.alertname)).toContain('ProbeDown');
  });

  describe.skipIf(noInflux !== null)(titled('and InfluxDB those of its own', noInflux), () => {
    /** The calls, on the clock of the capture; and what the clock of statuses shows last. */
    const times = (): { from: string; to: string; now: string } => {
      const begins = probe.records.flatMap((record) =>
        record.type === 'interval' && record.startTime !== null ? [Date.parse(record.startTime)] : [],
      );
      const statuses = probe.records.flatMap((record) => (record.type === 'status' ? [record.time] : []));
      return {
        from: new Date(Math.min(...begins) - 60_000).toISOString(),
        to: new Date(Math.max(...begins) + 600_000).toISOString(),
        now: statuses.at(-1)!,
      };
    };
    const rows = (query: string, site?: string) => influx!.schema(influxFilledIn(query, times(), site));
    const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

    test('with data', async () => {
      for (const { panel, query } of influxQueries()) {
        const found = await rows(query);
        expect(
          found.some((row) => Object.values(row).some(isNumber)),
          `${panel}: ${query}`,
        ).toBe(true);
      }
    });

    test('of the chosen site alone', async () => {
      const { query } = influxQueries().find(({ panel }) => panel.startsWith('Sites by MOS'))!;
      expect((await rows(query)).map(({ site }) => site)).toEqual(['north', 'south']);
      expect((await rows(query, '(north)')).map(({ site }) => site)).toEqual(['north']);
    });

    test('with percentiles that are the exact ones', async () => {
      const { query } = influxQueries().find(({ panel }) => panel.startsWith('Sites by MOS'))!;
      const shown = { q: 0.05, histogram: 'earshot_interval_mos_lq', expr: query, scale: 'NB' } as const;
      const found = await rows(query);
      expect(found).toHaveLength(2);
      for (const row of found) {
        const exact = exactPercentile(probe.records, shown, { site: row.site! }, Math.round)!;
        expect(exact.samples).toBeGreaterThan(50);
        expect(Number(row.percentile)).toBe(exact.value);
      }
    });

    test('with references that lead to calls', async () => {
      const { query } = influxQueries().find(({ panel }) => panel.startsWith('Worst streams'))!;
      const found = await rows(query);
      expect(found).toHaveLength(20);
      const refs = found.flatMap(({ call_ref: ref }) => (ref === null || ref === undefined ? [] : [ref]));
      expect(refs.length).toBeGreaterThan(10);
      for (const ref of refs) expect((await fetch(`${probe.address}/calls/${ref}`)).status).toBe(200);
    });
  });
});
