import { stringify } from 'yaml';
import { DOUBTED_EXPRESSION } from './capture-signals.ts';
import { shownValue } from './describe.ts';
import { enough, expressed, type MetricFacts, promDuration, type Quotient } from './prometheus-query.ts';
import type { Rule, RuleSet } from './rule.ts';

/** Rules for Prometheus, and what could not be said there. */
export interface PrometheusRules {
  yaml: string;
  /** Rules that were left out, and why. */
  leftOut: { rule: string; reason: string }[];
  /** Rules that say something less than the built-in evaluator. */
  notes: { rule: string; note: string }[];
}

/** Time between two looks at what a probe says of itself, us. */
const STATUS_US = 10_000_000;

interface RecordingRule {
  record: string;
  expr: string;
}

/** The same rules as recording and alerting rules of Prometheus (2.42 or later, for `keep_firing_for`). */
export function prometheusRules(set: RuleSet, facts: MetricFacts, job = 'earshot'): PrometheusRules {
  const leftOut: PrometheusRules['leftOut'] = [];
  const notes: PrometheusRules['notes'] = [];
  const records = new Map<string, RecordingRule>();
  const alerts: object[] = [];
  for (const rule of set.rules) {
    if (rule.signal.name === 'probe.status' && rule.measure.kind === 'absence') {
      // Silent for a window, as the evaluator has it: one scrape that failed is no death.
      const silent = { ...rule, forUs: rule.windowUs + rule.forUs };
      alerts.push(alertOf(silent, set, `up{job="${job}"} == 0 or absent(up{job="${job}"})`));
      continue;
    }
    const said = expressed(rule, facts);
    if (!said.ok) {
      leftOut.push({ rule: rule.name, reason: said.reason });
      continue;
    }
    for (const note of [...said.notes, ...notesOf(rule)]) notes.push({ rule: rule.name, note });
    alerts.push(alertOf(rule, set, expressionOf(rule, said.value, records)));
  }
  const interval = promDuration(set.everyUs);
  // In one group, so that alerts see what was recorded at the same moment.
  const groups = [{ name: 'earshot', interval, rules: [...records.values(), ...alerts] }];
  const head = '# Made by "earshot rules export --prometheus". Change the rules and make it again.\n';
  const missing = leftOut.map(({ rule, reason }) => `# ${rule} is left out: ${reason}.\n`).join('');
  return { yaml: `${head}${missing}${stringify({ groups }, { lineWidth: 0 })}`, leftOut, notes };
}

/** What the evaluator of Prometheus cannot know. */
function notesOf(rule: Rule): string[] {
  return [
    rule.signal.metric?.note ?? null,
    rule.minCalls > 0 ? 'minCalls: metrics do not know which calls; left out' : null,
    rule.pageIf !== 'always' ? `pageIf ${rule.pageIf}: left out` : null,
    rule.inhibitedBy.length > 0
      ? `inhibitedBy: put ${rule.inhibitedBy.join(', ')} into inhibit_rules of Alertmanager`
      : null,
    rule.deviation !== null ? 'deviation: against the mean of the weeks before, not their median' : null,
  ].filter((note) => note !== null);
}

function levelOf(rule: Rule): string {
  const where = Object.values(rule.where).map((value) => value.replace(/[^A-Za-z0-9]/g, '_'));
  return [...rule.by, ...where].join('_') || 'all';
}

/** Records an expression under a name `level:metric:operations`; the name. */
function record(
  rule: Rule,
  metric: string,
  operation: string,
  expr: string,
  records: Map<string, RecordingRule>,
): string {
  const base = `${levelOf(rule)}:${metric.replace(/_total$/, '')}:${operation}`;
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}_${i}`;
    const known = records.get(name);
    if (known !== undefined && known.expr !== expr) continue;
    records.set(name, { record: name, expr });
    return name;
  }
}

function expressionOf(rule: Rule, said: Quotient, records: Map<string, RecordingRule>): string {
  const window = promDuration(rule.windowUs);
  const kind =
    rule.measure.kind === 'count' ? 'increase' : rule.measure.kind === 'absence' ? 'bool' : 'ratio_increase';
  const value = record(rule, said.metric, `${kind}${window}`, said.value, records);
  const clear =
    said.clearValue === said.value
      ? value
      : record(rule, said.clearMetric, `${kind}${window}`, said.clearValue, records);
  const samples =
    said.samples === null
      ? null
      : record(rule, said.metric, `samples_increase${window}`, said.samples, records);
  const guard = rule.minSamples === 0 ? '' : enoughKnown(rule, said.metric, samples);
  const on = `on (${rule.by.join(', ')})`;
  const firing = `ALERTS{alertname="${rule.name}",alertstate="firing"}`;
  const trusted = rule.signal.quality ? ` unless on () ${DOUBTED_EXPRESSION} == 1` : '';
  const parts: string[] = [];
  if (Number.isFinite(said.limit)) {
    parts.push(
      `(${compared(rule, value, samples, said.comparison, said.limit)}${rule.windows.of > 1 ? '' : guard}${trusted})`,
    );
    const hasHysteresis = clear !== value || said.clearLimit !== said.limit;
    if (hasHysteresis) {
      parts.push(`(${clear} ${said.comparison} ${said.clearLimit}${guard} and ${on} ${firing})`);
    }
  }
  if (rule.deviation !== null && rule.measure.kind !== 'percentile')
    parts.push(`(${deviation(rule, value)}${guard})`);
  return parts.join(' or ');
}

/**
 * That there are as many samples as the rule asks for. Of counts that are looked up at each status, the samples are the
 * looks: the counter was there so many of them ago. Else a probe that has just started would be silent.
 */
function enoughKnown({ signal, by, minSamples }: Rule, metric: string, samples: string | null): string {
  if (samples !== null) return ` and ${samples} >= ${enough(minSamples)}`;
  if (signal.of !== 'status' || signal.kind !== 'parts') return '';
  const of = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return ` and on (${by.join(', ')}) count${of} (${metric} offset ${promDuration(minSamples * STATUS_US)})`;
}

/** Of several windows side by side so many must be bad. */
function compared(
  { windows, windowUs, minSamples }: Rule,
  value: string,
  samples: string | null,
  comparison: string,
  limit: number,
): string {
  if (windows.of === 1) return `${value} ${comparison} ${limit}`;
  const each = Array.from({ length: windows.of }, (_, i) => {
    const offset = i === 0 ? '' : ` offset ${promDuration(i * windowUs)}`;
    const guard = samples === null ? '' : ` * (${samples}${offset} >= bool ${enough(minSamples)})`;
    return `(${value}${offset} ${comparison} bool ${limit})${guard}`;
  });
  return `${each.join(' + ')} >= ${windows.bad}`;
}

function deviation({ deviation: terms, side }: Rule, value: string): string {
  const { factor, weeks, atLeast } = terms!;
  const before = Array.from({ length: weeks }, (_, i) => `${value} offset ${i + 1}w`).join(' + ');
  const sign = side === 'above' ? '>' : '<';
  const least = atLeast === null ? '' : ` and ${value} ${sign} ${atLeast}`;
  return `${value} ${sign}= ${factor} * (${before}) / ${weeks}${least}`;
}

function alertOf(rule: Rule, set: RuleSet, expr: string): object {
  const where =
    rule.by.length === 0 ? '' : ` of ${rule.by.map((label) => `${label} {{ $labels.${label} }}`).join(', ')}`;
  return {
    alert: rule.name,
    expr,
    ...(rule.forUs > 0 ? { for: promDuration(rule.forUs) } : {}),
    ...(rule.clearForUs > 0 ? { keep_firing_for: promDuration(rule.clearForUs) } : {}),
    labels: { severity: rule.severity, owner: rule.owner },
    annotations: {
      summary: rule.summary,
      description: descriptionOf(rule, where),
      runbook_url: `${set.runbooks}/${rule.runbook.replace(/(#.*)?$/, '.md$1')}`,
    },
  };
}

/** Of a percentile only the share within its threshold is known in metrics. */
function descriptionOf(
  { measure, measureText, signal, side, threshold, windowUs }: Rule,
  where: string,
): string {
  const over = `over ${promDuration(windowUs)}${where}`;
  if (measure.kind === 'absence')
    return `nothing of ${signal.name} ${over}, where there was something before.`;
  if (measure.kind !== 'percentile')
    return `${measureText} of ${signal.name} ${over}: {{ $value | humanize }}.`;
  return `${measureText} of ${signal.name} ${over} is ${side} ${shownValue(threshold ?? 0, signal.unit)}.`;
}
