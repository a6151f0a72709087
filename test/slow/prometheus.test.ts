import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { boundsOf } from '../../src/metrics/metric-set.ts';
import { SCHEMA } from '../../src/report/contract.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { presetScenario } from '../../src/synth/presets.ts';
import { build, earshot } from '../cli/earshot.ts';
import { hasProgram, titled } from './lab/lab.ts';
import { checkedByPromtool, Prometheus, type Served, served, withTimeAfter } from './metrics/served.ts';

const missing = ['prometheus', 'promtool'].filter((name) => !hasProgram(name));
const reason = missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;

/** Longer than two statuses, which come every ten seconds. */
const SETTLED_MS = 22_000;

interface Report {
  streams: Record<'packets' | 'expected' | 'lost' | 'duplicates' | 'reordered', number>[];
  calls: { verdict: string; callId: string }[];
  findings: unknown[];
  signalling: { attempts: number; answered: number };
  capture: { packets: number; decoded: Record<string, number> };
}

describe.skipIf(reason !== null)(titled('Prometheus scrapes a probe that measures', reason), () => {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-scraped-'));
  let probe: Served;
  let prometheus: Prometheus;
  let report: Report;

  beforeAll(async () => {
    build();
    // All calls are over, judged and told before the pipe ends: what is scraped is complete.
    const pcap = withTimeAfter(buildScenario(presetScenario('demo', 3)!).pcap, 400);
    writeFileSync(join(folder, 'demo.pcap'), pcap);
    report = JSON.parse(earshot(['replay', join(folder, 'demo.pcap'), '--json']).stdout) as Report;
    probe = await served();
    prometheus = await Prometheus.start(probe.address);
    await probe.feed(pcap, 12_000);
    await sleep(SETTLED_MS);
  }, 120_000);

  afterAll(async () => {
    await prometheus?.stop();
    await probe?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('promtool finds nothing to say', async () => {
    const text = await (await fetch(`${probe.address}/metrics`)).text();
    expect(checkedByPromtool(text)).toEqual({ status: 0, said: '' });
  });

  test('every scrape succeeded, in OpenMetrics', async () => {
    expect(await prometheus.number('min_over_time(up[10m])')).toBe(1);
    expect(await prometheus.number('count_over_time(up[10m])')).toBeGreaterThan(10);
  });

  test.each(['packets', 'expected', 'lost', 'duplicates', 'reordered'] as const)(
    '%s are those of the report',
    async (name) => {
      const part = {
        packets: '',
        expected: 'expected_',
        lost: 'lost_',
        duplicates: 'duplicate_',
        reordered: 'reordered_',
      };
      const counted = await prometheus.number(`sum(earshot_rtp_${part[name]}packets_total)`);
      expect(counted).toBe(report.streams.reduce((sum, stream) => sum + stream[name], 0));
    },
  );

  test('calls, findings and packets are those of the report', async () => {
    expect(await prometheus.number('sum(earshot_calls_total)')).toBe(report.calls.length);
    const bad = report.calls.filter(({ verdict }) => verdict === 'media').length;
    expect(await prometheus.number('sum(earshot_calls_total{verdict="media"})')).toBe(bad);
    expect(await prometheus.number('sum(earshot_findings_total)')).toBe(report.findings.length);
    expect(await prometheus.number('sum(earshot_call_attempts_total)')).toBe(report.signalling.attempts);
    expect(await prometheus.number('sum(earshot_calls_answered_total)')).toBe(report.signalling.answered);
    expect(await prometheus.number('sum(earshot_capture_packets_total)')).toBe(report.capture.packets);
    const rtp = 'sum(earshot_capture_decoded_packets_total{protocol="rtp"})';
    expect(await prometheus.number(rtp)).toBe(report.capture.decoded.rtp);
  });

  test('no counter ever fell', async () => {
    const counters = Object.entries(METRICS).flatMap(([name, { type }]) =>
      type === 'counter' ? [name] : type === 'histogram' ? [`${name}_count`, `${name}_bucket`] : [],
    );
    for (const name of counters) {
      expect(await prometheus.query(`resets(${name}[10m]) > 0`), name).toEqual([]);
    }
  });

  test.each([
    ['earshot_interval_jitter_seconds', 0.95],
    ['earshot_interval_mos_lq', 0.05],
    ['earshot_interval_loss_ratio', 0.95],
  ] as const)('the percentile of %s lies in the bucket of the exact one', async (name, q) => {
    const intervals = probe.records.filter((record) => record.type === 'interval');
    const values = intervals.flatMap((record) => {
      if (name === 'earshot_interval_mos_lq') return record.mosLq === null ? [] : [record.mosLq];
      if (name === 'earshot_interval_jitter_seconds')
        return record.jitterMs === null ? [] : [record.jitterMs / 1000];
      return record.expected > 0 ? [record.lost / record.expected] : [];
    });
    const exact = [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1]!;
    const found = await prometheus.number(`histogram_quantile(${q}, sum by (le) (${name}_bucket))`);
    const bounds = [0, ...boundsOf(name)];
    const isScore = name === 'earshot_interval_mos_lq';
    const upper = bounds.findIndex((bound) => (isScore ? exact < bound : exact <= bound));
    expect(await prometheus.number(`sum(${name}_count)`)).toBe(values.length);
    expect(found).toBeGreaterThanOrEqual(bounds[Math.max(0, upper - 1)]!);
    expect(found).toBeLessThanOrEqual(bounds[upper]!);
  });

  test('every query of docs/metrics.md is understood', async () => {
    for (const { query } of Object.values(METRICS)) await prometheus.query(query);
  });

  test('from an exemplar it is one step to the call', async () => {
    const now = Date.now() / 1000;
    const query = encodeURIComponent('earshot_stream_mos_lq_bucket');
    const found = (await prometheus.ask(
      `/api/v1/query_exemplars?query=${query}&start=${now - 600}&end=${now}`,
    )) as { exemplars: { labels: { call: string } }[] }[];
    const call = found[0]!.exemplars[0]!.labels.call;
    const answer = await fetch(`${probe.address}/api/calls/${call}`);
    const told = (await answer.json()) as { schema: string; calls: { callId: string }[]; streams: unknown[] };
    expect(told.schema).toBe(SCHEMA);
    expect(report.calls.map(({ callId }) => callId)).toContain(told.calls[0]!.callId);
    expect(told.streams.length).toBeGreaterThan(0);
  });
});
