import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import type { ExportCounts } from '../../src/metrics/export-metrics.ts';
import { Groups } from '../../src/metrics/groups/groups.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { metricsPage } from '../../src/metrics/metrics-page.ts';
import { signalling } from '../report/records.ts';
import {
  callTold,
  findingTold,
  intervalTold,
  samplesOf,
  startTold,
  statusTold,
  streamTold,
  sumOf,
  textOf,
} from './records.ts';

/** Metrics whose clock the test turns. */
function metrics(options: Partial<ConstructorParameters<typeof Metrics>[0]> = {}) {
  let nowMs = 0;
  const made = new Metrics({
    version: '1.2.3',
    probe: 'test',
    wallMs: () => 1_700_000_000_000,
    pacing: { nowMs: () => nowMs, pause: () => Promise.resolve() },
    ...options,
  });
  const text = async (): Promise<string> => {
    nowMs += 2000;
    return textOf(await made.render('text'));
  };
  return {
    made,
    text,
    samples: async () => samplesOf(await text()),
    take: (...records: LiveRecord[]) => made.records(records),
  };
}

const COUNTERS = new Set(
  Object.entries(METRICS).flatMap(([name, { type }]) =>
    type === 'gauge' ? [] : type === 'counter' ? [name] : [`${name}_bucket`, `${name}_sum`, `${name}_count`],
  ),
);

describe('exports', () => {
  test('are counted by server, and go on between scrapes', async () => {
    const { made, samples } = metrics();
    const counts: ExportCounts = {
      ...{ target: 'main', written: 10, waiting: 3, isFailing: true, spoolFailures: 0 },
      ...{ dropped: { spool_full: 2 }, requests: { taken: 1, failed: 4 } },
      ...{ queue: { used: 5, max: 100 }, spool: { used: 7, max: 200 } },
    };
    const none = { recentCalls: 0, evictedCalls: 0, requests: new Map(), alerts: {} };
    made.follow(() => ({ ...none, exports: [counts] }));
    await samples();
    counts.written = 12;
    const found = await samples();
    expect(found.get('earshot_export_points_total{target="main"}')).toBe(12);
    expect(found.get('earshot_export_points_dropped_total{target="main",reason="spool_full"}')).toBe(2);
    expect(found.get('earshot_export_requests_total{target="main",outcome="failed"}')).toBe(4);
    expect(found.get('earshot_export_waiting_bytes{target="main",place="spool"}')).toBe(7);
    expect(found.get('earshot_export_waiting_limit_bytes{target="main",place="memory"}')).toBe(100);
    expect(found.get('earshot_export_failing{target="main"}')).toBe(1);
  });
});

describe('what capture agents (HEP) send', () => {
  test('and is refused before it is opened is counted with what the engine discards', async () => {
    const { samples, take } = metrics();
    const [source] = statusTold(1).sources;
    const details = { malformed: 2, unauthenticated: 3, tooLong: 0, connections: 9, openConnections: 9 };
    const hep = { ...source!, engine: 'hep' as const, name: 'udp:127.0.0.1:9060', details };
    const sources = [source!, hep, { ...hep, details: { malformed: 1 } }];
    take(startTold(1), statusTold(1, { sources, discarded: { hep_malformed: 10 } }));
    const found = await samples();
    expect(sumOf(found, 'earshot_capture_discarded_total', 'hep_malformed')).toBe(13);
    expect(sumOf(found, 'earshot_capture_discarded_total', 'hep_unauthenticated')).toBe(3);
    expect(sumOf(found, 'earshot_capture_discarded_total')).toBe(16);
  });
});

describe('deliveries of alerts', () => {
  test('are counted by receiver, go on with other rules, and end with the receiver', async () => {
    const { made, samples } = metrics();
    const hook = {
      ...{ sent: 3, dropped: 1, waiting: 2, isFailing: true },
      requests: { taken: 3, refused: 1, failed: 7 },
    };
    const name = 'webhook "a\\b"\n{evil="1"} 0';
    const label = 'receiver="webhook \\"a\\\\b\\"?{evil=\\"1\\"} 0"';
    let alerts: Record<string, typeof hook> = { [name]: hook };
    const none = { recentCalls: 0, evictedCalls: 0, requests: new Map(), exports: [] };
    made.follow(() => ({ ...none, alerts }));
    await samples();
    // Rules were read again: counts begin anew.
    alerts = { [name]: { ...hook, sent: 1, requests: { taken: 1, refused: 0, failed: 0 } } };
    const found = await samples();
    const deliveries = (outcome: string): number | undefined =>
      found.get(`earshot_alert_deliveries_total{${label},outcome="${outcome}"}`);
    expect(['taken', 'refused', 'failed'].map(deliveries)).toEqual([4, 1, 7]);
    expect(found.get(`earshot_alert_changes_total{${label},outcome="sent"}`)).toBe(4);
    expect(found.get(`earshot_alert_changes_total{${label},outcome="dropped"}`)).toBe(1);
    expect(found.get(`earshot_alert_changes_waiting{${label}}`)).toBe(2);
    expect(found.get(`earshot_alert_receiver_failing{${label}}`)).toBe(1);
    alerts = {};
    expect((await samples()).get(`earshot_alert_receiver_failing{${label}}`)).toBe(0);
  });
});

describe('the catalogue', () => {
  test('docs/metrics.md is what the code says (npm run docs)', () => {
    expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
  });

  test('everything in it is exposed, and nothing else', async () => {
    const { text } = metrics();
    const types = [...(await text()).matchAll(/^# TYPE (\S+) (\w+)$/gm)].map((found) => [found[1], found[2]]);
    expect(types).toEqual(Object.entries(METRICS).map(([name, { type }]) => [name, type]));
  });

  test('names end as Prometheus expects', () => {
    for (const [name, { type, unit }] of Object.entries(METRICS)) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      if (unit === 'seconds' || unit === 'bytes') expect(name).toMatch(new RegExp(`_${unit}(_total)?$`));
      if (unit === 'ratio') expect(name).toMatch(/_ratio$/);
    }
  });

  test('queries name only metrics that there are', () => {
    for (const { query } of Object.values(METRICS)) {
      for (const [name] of query.matchAll(/\b(?:earshot|process)_\w+/g)) {
        const base = name.replace(/_(bucket|sum|count)$/, '');
        expect(name in METRICS || base in METRICS ? 'known' : name).toBe('known');
      }
    }
  });
});

describe('packets of streams', () => {
  const totals = { packets: 700, expected: 750, lost: 50, duplicates: 3, reordered: 2 };

  test('are counted while the stream runs, and in the end as the stream says', async () => {
    const { samples, take } = metrics();
    take(intervalTold({ packets: 250, expected: 250, duplicates: 1 }));
    expect(sumOf(await samples(), 'earshot_rtp_packets_total')).toBe(250);
    take(streamTold(totals));
    const end = await samples();
    expect(sumOf(end, 'earshot_rtp_packets_total')).toBe(700);
    expect(sumOf(end, 'earshot_rtp_expected_packets_total')).toBe(750);
    expect(sumOf(end, 'earshot_rtp_lost_packets_total')).toBe(50);
    expect(sumOf(end, 'earshot_rtp_duplicate_packets_total')).toBe(3);
    expect(sumOf(end, 'earshot_rtp_reordered_packets_total')).toBe(2);
    expect(sumOf(end, 'earshot_interval_jitter_seconds_count')).toBe(0);
    expect(sumOf(end, 'earshot_stream_loss_ratio_count')).toBe(1);
  });

  test('intervals that were dropped on the way are made up for', async () => {
    const { samples, take } = metrics();
    take(streamTold(totals));
    expect(sumOf(await samples(), 'earshot_rtp_expected_packets_total')).toBe(750);
  });

  test('after a restart of measuring the same ids are other streams', async () => {
    const { samples, take } = metrics();
    take(startTold(1), intervalTold({ packets: 250, expected: 250 }));
    take(startTold(2), intervalTold({ packets: 100, expected: 100 }), streamTold(totals));
    expect(sumOf(await samples(), 'earshot_rtp_packets_total')).toBe(250 + 700);
  });

  test('more streams than can be followed are counted when they are over, and dead ones make room', async () => {
    const streamsMax = 20;
    const { samples, take } = metrics({ streamsMax });
    const told = intervalTold({ packets: 1, expected: 1, lost: 0 });
    for (let i = 0; i < streamsMax; i++) take({ ...told, streamId: `x${i}` });
    take(intervalTold({ packets: 250, expected: 250 }));
    expect(sumOf(await samples(), 'earshot_rtp_packets_total')).toBe(streamsMax);
    expect(sumOf(await samples(), 'earshot_untracked_intervals_total')).toBe(1);
    take(streamTold(totals));
    expect(sumOf(await samples(), 'earshot_rtp_packets_total')).toBe(streamsMax + 700);
    for (let i = 0; i < 721; i++) take(statusTold(1));
    take(intervalTold({ streamId: 's9', packets: 250, expected: 250 }));
    const now = await samples();
    expect(sumOf(now, 'earshot_rtp_packets_total')).toBe(streamsMax + 950);
    expect(now.get('earshot_table_entries{table="streams_in_metrics"}')).toBe(1);
  });

  test('an interval that tells more than its stream takes nothing away', async () => {
    const { samples, take } = metrics();
    take(intervalTold({ packets: 900, expected: 900 }), streamTold(totals));
    expect(sumOf(await samples(), 'earshot_rtp_packets_total')).toBe(900);
  });
});

describe('counters', () => {
  test('never fall: over restarts, full tables, other groups', async () => {
    const { made, samples, take } = metrics({ labelSets: 12 });
    let before = new Map<string, number>();
    let seed = 7;
    const random = (n: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return (seed >>> 12) % n;
    };
    let packets = 0;
    for (let step = 0; step < 60; step++) {
      if (step % 15 === 0) {
        packets = 0;
        take(startTold(step / 15 + 1));
      }
      packets += random(1000);
      const id = `s${random(20)}`;
      const ip = `10.${random(40)}.0.1`;
      const end = { ip, port: 4000 };
      take(
        intervalTold({
          streamId: id,
          src: end,
          codec: ['PCMU', 'OPUS', 'x\n"'][random(3)]!,
          packets: random(300),
        }),
        ...(step % 3 === 0 ? [streamTold({ id, src: end, packets: random(900) })] : []),
        findingTold({ code: 'burst_loss', callId: 'abc@pbx' }),
        callTold({ callId: 'abc@pbx', verdict: step % 2 === 0 ? 'media' : 'healthy' }),
        statusTold(packets),
      );
      if (step === 20) made.regroup(new Groups(sites(['10.0.0.0/11', '10.32.0.0/11'])));
      const now = await samples();
      const fallen = [...before].filter(
        ([key, value]) => COUNTERS.has(key.split('{')[0]!) && (now.get(key) ?? -1) < value,
      );
      expect(fallen).toEqual([]);
      before = now;
    }
    expect(sumOf(before, 'earshot_measuring_restarts_total')).toBe(3);
    expect(sumOf(before, 'earshot_rtp_packets_total', 'site="site 1"')).toBeGreaterThan(0);
    expect(sumOf(before, 'earshot_rtp_packets_total', 'site="other"')).toBeGreaterThan(0);
    expect(sumOf(before, 'earshot_label_overflow_total', 'media')).toBeGreaterThan(0);
  });

  test('of emergency calls say which of them failed', async () => {
    const { samples, take } = metrics();
    const emergency = { service: '112', location: false };
    const call = (findings: string[], state: 'answered' | 'failed' | 'ringing') =>
      callTold({ findings, state, signalling: signalling({ emergency }) });
    take(call([], 'answered'), call(['one_way_media'], 'answered'), call([], 'failed'), call([], 'ringing'));
    take(callTold({ findings: ['one_way_media'] }));
    const now = await samples();
    expect(sumOf(now, 'earshot_emergency_calls_total')).toBe(3);
    expect(sumOf(now, 'earshot_emergency_calls_failed_total')).toBe(2);
  });

  test('of the capture go on where measuring began anew', async () => {
    const { samples, take } = metrics();
    take(startTold(1), statusTold(1000), statusTold(1500));
    take(startTold(2), statusTold(200));
    const now = await samples();
    expect(sumOf(now, 'earshot_capture_packets_total', 'interface="eth1"')).toBe(1700);
    expect(sumOf(now, 'earshot_capture_discarded_total', 'rtp_table_full')).toBe(170);
    expect(sumOf(now, 'earshot_sip_requests_total', 'INVITE')).toBe(1700);
    expect(sumOf(now, 'earshot_registrations_total', 'failed')).toBe(2);
  });
});

function sites(cidrs: readonly string[]) {
  const rule = { vlan: [], userAgent: [], header: null, value: '*' };
  return {
    sites: cidrs.map((cidr, i) => ({ ...rule, name: `site ${i}`, cidr: [cidr] })),
    trunks: [],
    devices: [],
  };
}

describe('hostile values', () => {
  const NUMBER = '-?\\d+(\\.\\d+)?(e[+-]?\\d+)?';
  const VALUE = '"([^"\\\\\\n]|\\\\["\\\\n])*"';
  const LINE = new RegExp(`^[a-z0-9_]+(\\{[a-z_]+=${VALUE}(,[a-z_]+=${VALUE})*\\})? ${NUMBER}$`);

  test('in codecs, user agents, headers, codes and names of sources leave every line well-formed', async () => {
    const rule = { cidr: [], vlan: [], value: '*' };
    const groups = new Groups({
      sites: [{ ...rule, name: '$1', header: 'X-Site', userAgent: [] }],
      trunks: [],
      devices: [{ ...rule, name: 'phone $1', header: null, userAgent: ['*'] }],
    });
    const { text, take } = metrics({ groups });
    const hostile = ['a"b\\c\nd\re', '\ud800', 'x'.repeat(10_000), '\u202e\u0000', '{le="1"} 5 # {', ' '];
    for (const [i, value] of hostile.entries()) {
      const sender = { userAgent: value, headers: { 'x-site': value } };
      take(
        intervalTold({ streamId: `s${i}`, codec: value, sender }),
        streamTold({ id: `s${i}`, codec: value }),
        findingTold({ code: value, callId: null }),
        statusTold(i, {
          discarded: { [value]: i },
          trust: { verdict: 'degraded', reasons: [{ code: value, text: '' }] },
        }),
      );
    }
    const lines = (await text()).trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('# ') && !LINE.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes('device="phone a\\"b'))).toBe(true);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(700);
  });
});

describe('the rest', () => {
  test('findings of a call have its groups, those of nobody none', async () => {
    const { made, samples, take } = metrics();
    made.regroup(new Groups(sites(['192.0.2.0/24'])));
    take(findingTold({ code: 'burst_loss', callId: 'abc@pbx' }), callTold({ callId: 'abc@pbx' }));
    take(
      findingTold({ code: 'high_jitter', callId: null }),
      findingTold({ code: 'no_media', callId: 'gone' }),
    );
    take(statusTold(1));
    const now = await samples();
    const of = (code: string): string[] =>
      [...now.keys()].filter((key) => key.startsWith('earshot_findings_total') && key.includes(code));
    expect(of('burst_loss')[0]).toContain('site="site 0"');
    expect(of('high_jitter')[0]).toContain('site="none"');
    expect(of('no_media')[0]).toContain('site="none"');
  });

  test('what is not known yet is absent, and trust has three steps', async () => {
    const { samples, take } = metrics();
    expect((await samples()).has('earshot_capture_trusted')).toBe(false);
    const reasons = [{ code: 'capture_drops', text: 'x' }];
    take(statusTold(1, { trust: { verdict: 'degraded', reasons } }));
    const doubted = await samples();
    expect(doubted.get('earshot_capture_trusted')).toBe(0.5);
    expect(doubted.get('earshot_capture_doubt{reason="capture_drops"}')).toBe(1);
    take(statusTold(2));
    const trusted = await samples();
    expect(trusted.get('earshot_capture_trusted')).toBe(1);
    expect(trusted.get('earshot_capture_doubt{reason="capture_drops"}')).toBe(0);
  });

  test('a scale is never mixed with another, and a score on its bound is not below it', async () => {
    const { samples, take } = metrics();
    take(intervalTold({ scale: 'NB', mosLq: 3.6, rFactor: 70 }), intervalTold({ scale: 'FB', mosLq: 3.599 }));
    const now = await samples();
    const below = (scale: string): number =>
      sumOf(now, 'earshot_interval_mos_lq_bucket', `scale="${scale}",le="3.6"`);
    expect([below('NB'), below('FB')]).toEqual([0, 1]);
    expect(sumOf(now, 'earshot_interval_r_factor_bucket', 'scale="NB",le="70"')).toBe(0);
  });

  test('R below 0 takes nothing from the sum', async () => {
    const { samples, take } = metrics();
    take(intervalTold({ rFactor: 50 }), intervalTold({ rFactor: -30 }));
    const now = await samples();
    expect(sumOf(now, 'earshot_interval_r_factor_sum')).toBe(50);
    expect(sumOf(now, 'earshot_interval_r_factor_bucket', 'le="10"')).toBe(1);
  });

  test('OpenMetrics carries exemplars with a reference of the call, and names counters without _total', async () => {
    const { made, take } = metrics();
    take(intervalTold({ callId: 'secret-call@pbx' }), statusTold(1));
    const text = textOf(await made.render('openmetrics'));
    expect(text).toContain(`# {call="${callRef('secret-call@pbx')}"} `);
    expect(text).not.toContain('secret-call');
    expect(text).toContain('# TYPE earshot_rtp_packets counter\n');
    expect(text).toMatch(/^earshot_rtp_packets_total\{/m);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(textOf(await made.render('text'))).not.toContain(' # {');
  });

  test('OpenMetrics has each name of a family once', async () => {
    const { made, take } = metrics();
    take(callTold(), statusTold(1));
    const text = textOf(await made.render('openmetrics'));
    const families = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name, type]) => ({ name, type }));
    const names = families.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(families).toContainEqual({ name: 'earshot_calls', type: 'gauge' });
    expect(families).toContainEqual({ name: 'earshot_calls_total', type: 'unknown' });
    expect(families).toContainEqual({ name: 'earshot_registrations_total', type: 'unknown' });
  });

  test('who asks within a second gets the same', async () => {
    let nowMs = 0;
    const { made, take } = metrics({ pacing: { nowMs: () => nowMs, pause: () => Promise.resolve() } });
    const first = await made.render('text');
    take(intervalTold());
    nowMs = 900;
    expect(await made.render('text')).toBe(first);
    nowMs = 1100;
    expect(await made.render('text')).not.toBe(first);
  });
});
