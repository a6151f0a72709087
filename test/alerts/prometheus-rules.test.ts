import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { promDuration } from '../../src/alerts/prometheus-query.ts';
import { prometheusRules } from '../../src/alerts/prometheus-rules.ts';
import { METRIC_FACTS } from '../../src/cli/metric-facts.ts';
import { MINUTE_US, rules } from './feed.ts';

const SET = rules(`
rules:
  - { name: Slow, summary: s, signal: call.postDialDelayMs, measure: p95, above: 6000, window: 15m, minCalls: 3 }
  - { name: Silent, summary: s, signal: call.any, measure: absence, window: 30m, by: [trunk], minSamples: 60 }
  - { name: Far, summary: s, signal: call.roundTripMs, measure: p95, above: 600, window: 15m }
`);

test('what is exported says where it means other calls, and what is left out', () => {
  const { notes, leftOut, yaml } = prometheusRules(SET, METRIC_FACTS);
  expect(notes).toContainEqual({
    rule: 'Slow',
    note: expect.stringContaining('answered or refused without ringing'),
  });
  expect(notes).toContainEqual({ rule: 'Slow', note: expect.stringContaining('minCalls') });
  expect(leftOut).toEqual([{ rule: 'Far', reason: 'no metric holds call.roundTripMs' }]);
  // All calls, as the built-in evaluator counts them, not only attempts with a known outcome.
  const calls = 'sum by (trunk)(increase(earshot_calls_total[30m]';
  const before = [30, 60, 90].map(
    (m) => ` * (${calls} offset ${promDuration(m * MINUTE_US)})) >= bool 59.5)`,
  );
  expect(yaml).toContain(`(${calls})) == bool 0)${before.join('')}`);
  expect(notes.some(({ rule }) => rule === 'Silent')).toBe(false);
});

test('shares of calls with a finding are exported by the findings that are counted, and say so', () => {
  const { notes, leftOut, yaml } = prometheusRules(
    rules(`
rules:
  - { name: OneWay, summary: s, signal: call.one_way_media, measure: ratio, by: [site], above: 0.05, window: 30m, minSamples: 10 }
  - { name: Emergency, summary: s, signal: call.emergencyFailed, measure: count, above: 0, window: 10m }
`),
    METRIC_FACTS,
  );
  expect(leftOut).toEqual([]);
  expect(notes).toContainEqual({ rule: 'OneWay', note: expect.stringContaining('several') });
  expect(yaml).toContain(
    'sum by (site)(increase(earshot_findings_total{code="one_way_media"}[30m])) / sum by (site)(increase(earshot_calls_total[30m]))',
  );
  expect(yaml).toContain('sum(increase(earshot_emergency_calls_failed_total[10m]))');
});

test('one failed scrape is no death, and a probe that has just started is not silent', () => {
  const { yaml } = prometheusRules(
    rules(`
rules:
  - { name: Dead, summary: s, signal: probe.status, measure: absence, window: 1m }
  - { name: Deaf, summary: s, signal: capture.packets, measure: count, below: 1, window: 5m, minSamples: 20 }
`),
    METRIC_FACTS,
  );
  const alerts = (parse(yaml) as { groups: { rules: Record<string, string>[] }[] }).groups[0]!.rules;
  const dead = alerts.find(({ alert }) => alert === 'Dead')!;
  expect(dead.for).toBe('1m');
  const deaf = alerts.find(({ alert }) => alert === 'Deaf')!;
  // Twenty looks, one every ten seconds: the counter was there when the first of them was taken.
  expect(deaf.expr).toBe(
    '(all:earshot_capture_packets:increase5m < 1 and on () count (earshot_capture_packets_total offset 200s))',
  );
});

test('quality is not judged while the mirror loses packets, as the built-in evaluator has it', () => {
  const { yaml, notes } = prometheusRules(
    rules(`
rules:
  - { name: Loss, summary: s, signal: interval.lossRatio, measure: p95, above: 0.03, window: 5m, minSamples: 60 }
  - { name: Doubt, summary: s, signal: capture.untrusted, measure: ratio, above: 0.5, window: 2m }
`),
    METRIC_FACTS,
  );
  expect(notes).toContainEqual({ rule: 'Loss', note: expect.stringContaining('fewer than 50 packets') });
  const doubted =
    'max((earshot_capture_trusted == bool 0) or earshot_capture_doubt{reason=~"mirror_oversubscribed|capture_thinned|probe_behind"})';
  expect(yaml).toContain(` unless on () ${doubted} == 1`);
  expect(yaml).toContain(`avg_over_time((${doubted})[2m:10s])`);
  expect(notes).toContainEqual({ rule: 'Doubt', note: expect.stringContaining('clocks') });
});
