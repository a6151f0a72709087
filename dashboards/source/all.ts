import { readFileSync } from 'node:fs';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { prometheusRules } from '../../src/alerts/prometheus-rules.ts';
import { readRules } from '../../src/alerts/read-rules.ts';
import type { RuleSet } from '../../src/alerts/rule.ts';
import { METRIC_FACTS } from '../../src/cli/metric-facts.ts';
import { alertmanagerConfig } from './alertmanager.ts';
import { dashboardOf } from './dashboard.ts';
import { findings } from './findings.ts';
import { influxOverview } from './influx-overview.ts';
import { Limits } from './limits.ts';
import { overview } from './overview.ts';
import { dashboardsPage } from './page.ts';
import { probe } from './probe.ts';
import { signalling } from './signalling.ts';
import { sites } from './sites.ts';
import type { DashboardSpec } from './spec.ts';
import { streams } from './streams.ts';

/** The rules that limits come from. @throws when they are wrong */
export function rulesOf(file: string): RuleSet {
  const read = readRules(readFileSync(file, 'utf8'), {});
  if (!read.ok) throw new Error(`${file}: ${read.problems.map(({ text }) => text).join('; ')}`);
  return read.set;
}

/** All dashboards as data, in the order in which people use them. */
export function specsOf(rules: RuleSet): DashboardSpec[] {
  const limits = new Limits(rules);
  return [overview, sites, streams, signalling, findings, probe, influxOverview].map((make) => make(limits));
}

/** Every file that is made of code, by its path below the root. */
export function generatedFiles(rulesFile: string): Map<string, string> {
  const rules = rulesOf(rulesFile);
  const specs = specsOf(rules);
  const files = new Map<string, string>();
  for (const spec of specs) files.set(`dashboards/${spec.uid}.json`, jsonOf(dashboardOf(spec)));
  files.set('dashboards/prometheus/rules.yml', prometheusRules(rules, METRIC_FACTS).yaml);
  files.set('dashboards/alertmanager/alertmanager.yml', alertmanagerConfig(rules));
  files.set('docs/dashboards.md', dashboardsPage(specs));
  return files;
}

function jsonOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
