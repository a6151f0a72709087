import { describe, expect, test } from 'vitest';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { presetScenario } from '../../src/synth/presets.ts';
import { replayed } from '../engine/replayed.ts';
import { samplesOf, sumOf, textOf } from './records.ts';
import { told } from './told.ts';

async function samplesAfter(records: readonly LiveRecord[]): Promise<Map<string, number>> {
  const metrics = new Metrics({ version: '1', probe: 'test' });
  metrics.records(records);
  return samplesOf(textOf(await metrics.render('text')));
}

const PRESETS = ['demo', 'loss', 'burst', 'failed', 'dtx'] as const;

describe.each(PRESETS)('metrics of %s', (name) => {
  const { pcap } = buildScenario(presetScenario(name, 3)!);
  const { streams, calls, findings, signalling } = replayed(pcap);
  const sum = (of: (stream: (typeof streams)[number]) => number): number =>
    streams.reduce((total, stream) => total + of(stream), 0);

  test.each([
    ['with all intervals', () => false],
    ['without every third interval', (n: number) => n % 3 === 0],
  ])('%s their sums are those of the report', async (_, loses) => {
    const samples = await samplesAfter(told(pcap, 200, loses));
    const total = (metric: string, labels = ''): number => sumOf(samples, metric, labels);
    expect(total('earshot_rtp_packets_total')).toBe(sum(({ packets }) => packets));
    expect(total('earshot_rtp_expected_packets_total')).toBe(sum(({ expected }) => expected));
    expect(total('earshot_rtp_lost_packets_total')).toBe(sum(({ lost }) => lost));
    expect(total('earshot_rtp_duplicate_packets_total')).toBe(sum(({ duplicates }) => duplicates));
    expect(total('earshot_rtp_reordered_packets_total')).toBe(sum(({ reordered }) => reordered));
    expect(total('earshot_rtp_discarded_packets_total')).toBe(
      sum(({ intervals }) => {
        let discarded = 0;
        for (let i = 0; i < intervals.length; i++) discarded += intervals.at(i).discarded;
        return discarded;
      }),
    );
    expect(total('earshot_rtp_streams_finished_total')).toBe(streams.length);
    expect(total('earshot_stream_longest_loss_run_packets_sum')).toBe(
      sum(({ burst }) => burst.longestLossRun),
    );
    expect(total('earshot_stream_longest_loss_run_packets_bucket', 'le="9"')).toBe(
      streams.filter(({ burst }) => burst.longestLossRun <= 9).length,
    );
    expect(total('earshot_calls_total')).toBe(calls.length);
    expect(total('earshot_findings_total')).toBe(findings.length);
  });

  test('signalling counts as RFC 6076 and the report do', async () => {
    const samples = await samplesAfter(told(pcap, 1000));
    const total = (metric: string): number => sumOf(samples, metric);
    const { ratios } = signalling;
    expect(total('earshot_call_attempts_total')).toBe(signalling.attempts);
    expect(total('earshot_calls_unresolved_total')).toBe(signalling.unresolved);
    expect(total('earshot_calls_of_scans_total')).toBe(signalling.ofScans);
    const attempts = total('earshot_call_attempts_total') - total('earshot_calls_redirected_total');
    expect([total('earshot_calls_answered_total'), attempts]).toEqual([
      ratios.ser.numerator,
      ratios.ser.denominator,
    ]);
    expect(total('earshot_calls_effective_total')).toBe(ratios.seer.numerator);
    expect(total('earshot_calls_ineffective_total')).toBe(ratios.isa.numerator);
    expect(total('earshot_calls_completed_total')).toBe(ratios.scr.numerator);
    expect(signalling.attempts - total('earshot_calls_unfinished_total')).toBe(ratios.scr.denominator);
    expect([total('earshot_calls_network_effective_total'), attempts]).toEqual([
      ratios.ner.numerator,
      ratios.ner.denominator,
    ]);
    expect(total('earshot_call_bids_total')).toBe(ratios.abr.denominator);
    expect(total('earshot_post_dial_delay_seconds_count')).toBe(signalling.delays.pdd.count);
    expect(total('earshot_session_disconnect_delay_seconds_count')).toBe(signalling.delays.sdd.count);
    const { completed, died } = signalling.sessions;
    expect(total('earshot_call_duration_seconds_count')).toBe(completed.count + died.count);
    expect(total('earshot_call_requests_total')).toBe(signalling.retransmissions.requests);
  });

  test('each interval, stream and call is one sample', async () => {
    const records = told(pcap, 200);
    const samples = await samplesAfter(records);
    const intervals = records.filter((record) => record.type === 'interval');
    const due = intervals.filter(({ expected }) => expected > 0);
    expect(sumOf(samples, 'earshot_interval_loss_ratio_count')).toBe(due.length);
    const scored = intervals.filter(({ mosLq }) => mosLq !== null);
    expect(sumOf(samples, 'earshot_interval_mos_lq_count')).toBe(scored.length);
    const heard = streams.filter(({ quality }) => quality !== null);
    expect(sumOf(samples, 'earshot_stream_mos_lq_count')).toBe(heard.length);
  });
});
