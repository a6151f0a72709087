import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { AlertInput } from '../../src/alerts/input.ts';
import { prometheusRules } from '../../src/alerts/prometheus-rules.ts';
import type { RuleSet } from '../../src/alerts/rule.ts';
import { METRIC_FACTS } from '../../src/cli/metric-facts.ts';
import { Feed, interval, MONDAY_US, rules, SECOND_US, status } from '../alerts/feed.ts';

/*
 * The same traffic through the built-in evaluator and through the rules that are exported, evaluated by Prometheus' own
 * engine (promtool test rules): they have to fire at the same evaluations.
 */

const isThere = spawnSync('promtool', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'earshot-promtool-'));
afterAll(() => rmSync(folder, { recursive: true }));

function promtool(...args: string[]): string {
  const { status: code, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (code === 0) return 'ok';
  const said = `${stdout}${stderr}`;
  const differences = [...said.matchAll(/alertname: (\w+), time: (\w+)/g)].map(
    (match) => `${match[1]} ${match[2]}`,
  );
  return differences.length > 0 ? differences.join('\n') : said.trim();
}

// Prometheus does not know flapping: here nothing is damped.
const SET = rules(`
flapping: { times: 100 }
rules:
  - { name: Jitter, summary: j, signal: interval.jitterMs, measure: p95, above: 30, clear: 20, window: 5m, for: 1m, clearFor: 1m, minSamples: 40, by: [site] }
  - { name: MosLow, summary: m, signal: interval.mosLq, measure: p05, below: 3.1, clear: 3.6, window: 2m, clearFor: 30s, minSamples: 20, by: [site] }
  - { name: MosShare, summary: s, signal: interval.mosLq, measure: share, bad: 3.6, above: 0.25, clear: 0.1, window: 5m, clearFor: 0s, minSamples: 20, by: [site] }
  - { name: Loss, summary: l, signal: media.lostRatio, measure: ratio, above: 0.02, clear: 0.01, window: 5m, clearFor: 2m, minSamples: 1000, by: [site] }
  - { name: Windows, summary: w, signal: interval.jitterMs, measure: p95, above: 30, window: 1m, windows: { bad: 2, of: 3 }, clearFor: 0s, minSamples: 5, by: [site] }
`);

/** Intervals of a step: a site that drifts between good and bad, with few or many calls. */
function traffic(seed: number): (step: number) => AlertInput[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let badness = 0;
  return (step) => {
    if (step % 18 === 0) badness = random() < 0.5 ? 0 : random() * 0.3;
    const calls = step % 120 < 100 ? 8 : 1;
    return Array.from({ length: calls }, (_, i) => {
      const isBad = random() < badness;
      // Often exactly on a bound.
      const jitterMs = isBad
        ? [30, 30.5, 45, 20][Math.floor(random() * 4)]!
        : [5, 20, 25][Math.floor(random() * 3)]!;
      const mosLq = isBad
        ? [3.1, 3.05, 2.4, 3.6][Math.floor(random() * 4)]!
        : [4.2, 3.6, 3.9][Math.floor(random() * 3)]!;
      return interval({ callId: `c${i}`, jitterMs, mosLq, lost: isBad ? 20 : 0 });
    });
  };
}

/** Counters as a probe would have them at each scrape. */
class Counters {
  private readonly values = new Map<string, number>();
  private readonly history = new Map<string, number[]>();

  constructor() {
    for (const name of ['earshot_interval_jitter_seconds', 'earshot_interval_mos_lq']) {
      this.values.set(`${name}_count{site="north"}`, 0);
      for (const le of METRIC_FACTS.boundsOf(name))
        this.values.set(`${name}_bucket{site="north",le="${le}"}`, 0);
    }
    for (const name of ['lost', 'expected'])
      this.values.set(`earshot_rtp_${name}_packets_total{site="north"}`, 0);
    this.values.set('earshot_capture_trusted', 1);
    this.scrape();
  }

  private add(name: string, by = 1): void {
    this.values.set(name, this.values.get(name)! + by);
  }

  observe(record: AlertInput): void {
    if (record.type !== 'interval') return;
    this.histogram('earshot_interval_jitter_seconds', record.jitterMs! / 1000, (value, le) => value <= le);
    this.histogram('earshot_interval_mos_lq', record.mosLq!, (value, le) => value < le);
    this.add('earshot_rtp_lost_packets_total{site="north"}', record.lost);
    this.add('earshot_rtp_expected_packets_total{site="north"}', record.expected);
  }

  private histogram(name: string, value: number, isIn: (value: number, le: number) => boolean): void {
    this.add(`${name}_count{site="north"}`);
    for (const le of METRIC_FACTS.boundsOf(name)) {
      if (isIn(value, le)) this.add(`${name}_bucket{site="north",le="${le}"}`);
    }
  }

  scrape(): void {
    for (const [name, value] of this.values) {
      const values = this.history.get(name) ?? [];
      values.push(value);
      this.history.set(name, values);
    }
  }

  get series(): { series: string; values: string }[] {
    return [...this.history].map(([series, values]) => ({ series, values: values.join(' ') }));
  }
}

/** Rules without what the alert says to people: only when they fire is compared. */
function bareRules(set: RuleSet): string {
  const file = parse(prometheusRules(set, METRIC_FACTS).yaml) as {
    groups: { rules: { annotations?: unknown }[] }[];
  };
  for (const group of file.groups) for (const rule of group.rules) delete rule.annotations;
  return stringify(file, { lineWidth: 0 });
}

describe.skipIf(!isThere)('rules for Prometheus (skipped where there is no promtool)', () => {
  test('of the default pack are valid', () => {
    const root = resolve(import.meta.dirname, '../..');
    const set = rules(readFileSync(join(root, 'rules/default.yaml'), 'utf8'));
    writeFileSync(join(folder, 'default.yml'), prometheusRules(set, METRIC_FACTS).yaml);
    expect(promtool('check', 'rules', 'default.yml')).toBe('ok');
  });

  test.each([1, 2, 3])(
    'fire and end at the same evaluations as the built-in evaluator, traffic %d',
    (seed) => {
      const steps = 720;
      const make = traffic(seed);
      const feed = new Feed(SET, { labels: () => ({ site: 'north' }) });
      const counters = new Counters();
      const expected: object[] = [];
      let firings = 0;
      for (let step = 0; step < steps; step++) {
        const records = make(step);
        for (const record of records) counters.observe(record);
        counters.scrape();
        feed.run(10 * SECOND_US, () => [status(), ...records]);
        const at = `${(feed.nowUs - MONDAY_US) / SECOND_US}s`;
        for (const { name, severity, owner } of SET.rules) {
          const isFiring = feed.active.some(({ rule }) => rule === name);
          if (isFiring) firings++;
          const exp_alerts = isFiring ? [{ exp_labels: { severity, owner, site: 'north' } }] : [];
          expected.push({ eval_time: at, alertname: name, exp_alerts });
        }
      }
      expect(firings).toBeGreaterThan(100);
      expect(feed.changes.length).toBeGreaterThan(10);
      writeFileSync(join(folder, `rules-${seed}.yml`), bareRules(SET));
      const tests = {
        rule_files: [`rules-${seed}.yml`],
        evaluation_interval: '10s',
        tests: [{ interval: '10s', input_series: counters.series, alert_rule_test: expected }],
      };
      writeFileSync(join(folder, `test-${seed}.yml`), stringify(tests, { lineWidth: 0 }));
      expect(promtool('test', 'rules', `test-${seed}.yml`)).toBe('ok');
    },
  );

  test('a trunk that stops and comes back: the default rule fires and ends as the built-in one', () => {
    const text = readFileSync(join(import.meta.dirname, '../../rules/default.yaml'), 'utf8');
    const all = rules(text);
    const set: RuleSet = { ...all, rules: all.rules.filter(({ name }) => name === 'TrunkDown') };
    const stateAt = (step: number): 'up' | 'down' => (step >= 20 && step < 50 ? 'down' : 'up');
    const labels = ({ type }: AlertInput) => (type === 'trunkState' ? { trunk: 'sip.example' } : {});
    const feed = new Feed(set, { labels });
    const values = ['1'];
    const expected: object[] = [];
    for (let step = 0; step < 100; step++) {
      const state = stateAt(step);
      values.push(state === 'up' ? '1' : '0');
      feed.run(10 * SECOND_US, () => [status({ trunks: [{ name: 'sip.example', state }] })]);
      const isFiring = feed.active.length > 0;
      const exp_labels = { severity: 'critical', owner: 'provider', trunk: 'sip.example' };
      const eval_time = `${(feed.nowUs - MONDAY_US) / SECOND_US}s`;
      expected.push({ eval_time, alertname: 'TrunkDown', exp_alerts: isFiring ? [{ exp_labels }] : [] });
    }
    expect(feed.changes.length).toBeGreaterThanOrEqual(2);
    // promtool evaluates exactly on the step, where a window, closed at both ends, has one look more than anywhere else.
    const sixLooks = bareRules(set).replaceAll('[1m:10s]', '[59s999ms:10s]');
    writeFileSync(join(folder, 'trunk-rules.yml'), sixLooks);
    const input_series = [{ series: 'earshot_trunk_up{target="sip.example"}', values: values.join(' ') }];
    const tests = {
      rule_files: ['trunk-rules.yml'],
      evaluation_interval: '10s',
      tests: [{ interval: '10s', input_series, alert_rule_test: expected }],
    };
    writeFileSync(join(folder, 'trunk-test.yml'), stringify(tests, { lineWidth: 0 }));
    expect(promtool('test', 'rules', 'trunk-test.yml')).toBe('ok');
  });
});
