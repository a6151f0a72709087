import { stringify } from 'yaml';
import { expressed } from '../../src/alerts/prometheus-query.ts';
import type { Rule, RuleSet } from '../../src/alerts/rule.ts';
import { METRIC_FACTS } from '../../src/cli/metric-facts.ts';

interface InhibitRule {
  source_matchers: string[];
  target_matchers: string[];
  equal: string[];
}

/** What Prometheus cannot say of rules, and Alertmanager can: which alert explains which. */
export function inhibitRules({ rules }: RuleSet): InhibitRule[] {
  const exported = new Map(rules.filter(isExported).map((rule) => [rule.name, rule]));
  return [...exported.values()].flatMap((target) =>
    target.inhibitedBy.flatMap((name) => {
      const source = exported.get(name);
      if (source === undefined) return [];
      return {
        source_matchers: [`alertname = ${name}`],
        target_matchers: [`alertname = ${target.name}`],
        equal: target.by.filter((label) => source.by.includes(label)),
      };
    }),
  );
}

function isExported(rule: Rule): boolean {
  return rule.signal.name === 'probe.status' || expressed(rule, METRIC_FACTS).ok;
}

/** Alertmanager of the trial: it shows alerts, and tells nobody until a receiver is given. */
export function alertmanagerConfig(set: RuleSet): string {
  const head =
    '# Made of rules/default.yaml by "npm run dashboards". Whom to tell is for you to add: receivers, and routes to them.\n';
  const config = {
    route: {
      receiver: 'nobody',
      group_by: ['alertname', 'site', 'trunk'],
      group_wait: '10s',
      group_interval: '1m',
      repeat_interval: '4h',
    },
    receivers: [{ name: 'nobody' }],
    inhibit_rules: inhibitRules(set),
  };
  return `${head}${stringify(config, { lineWidth: 0 })}`;
}
