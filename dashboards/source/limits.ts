import type { Rule, RuleSet } from '../../src/alerts/rule.ts';

/** One step of a panel's colours: from `value` on; null is where they begin. */
export interface Step {
  value: number | null;
  color: string;
}

/** Where an alert begins and ends, as a panel shows it. */
export interface Limit {
  rule: string;
  /** As PromQL has it, such as 5m. */
  windowUs: number;
  steps: readonly Step[];
  /** In words, for people. */
  text: string;
}

const GOOD = 'green';
const BETWEEN = 'yellow';
const COLOR_OF = { critical: 'red', warning: 'orange', info: 'blue' } as const satisfies Record<
  Rule['severity'],
  string
>;

/**
 * The limits of the rules of a set, in the units of metrics: what colours a panel is what raises the alert. Between
 * the clearing threshold and the threshold an alert that fires goes on, and none begins.
 */
export class Limits {
  private readonly rules: ReadonlyMap<string, Rule>;

  constructor(set: RuleSet) {
    this.rules = new Map(set.rules.map((rule) => [rule.name, rule]));
  }

  /**
   * In the unit of the metric, or of the signal itself (ms where metrics have seconds).
   *
   * @throws when there is no such rule, or it goes by nothing that a panel can show
   */
  of(name: string, unit: 'metric' | 'signal' = 'metric'): Limit {
    const rule = this.rule(name);
    const scale = unit === 'metric' ? scaleOf(rule) : 1;
    const threshold = shown(rule, rule.threshold, scale);
    if (threshold === null) throw new Error(`${name} has no threshold`);
    const clear = shown(rule, rule.clear, scale) ?? threshold;
    const { windowUs, side, measureText, signal } = rule;
    const text = `${name}: ${measureText} of ${signal.name} ${side} ${rule.threshold}${unitOf(rule)} over ${spanText(windowUs)}`;
    return { rule: name, windowUs, steps: stepsOf(rule, threshold, clear), text };
  }

  /** @throws when there is no such rule */
  rule(name: string): Rule {
    const rule = this.rules.get(name);
    if (rule === undefined) throw new Error(`there is no rule ${name}`);
    return rule;
  }

  /** What is bad about a sample of a `share` rule, in the unit of its metric. */
  bad(name: string): number {
    const rule = this.rule(name);
    if (rule.bad === null) throw new Error(`${name} has no "bad"`);
    return rounded(rule.bad * scaleOf(rule));
  }

  /** The window of a rule as PromQL has it. */
  window(name: string): string {
    return spanText(this.rule(name).windowUs);
  }
}

/** Shares and counts have no unit; a percentile has that of its signal. */
function shown(rule: Rule, value: number | null, scale: number): number | null {
  if (value === null) return null;
  // More than 0 is at least 1: a step colours what it equals.
  if (rule.measure.kind === 'count') return rule.side === 'above' ? Math.floor(value) + 1 : value;
  return rounded(rule.measure.kind === 'percentile' ? value * scale : value);
}

function scaleOf({ signal }: Rule): number {
  return signal.metric !== undefined && 'histogram' in signal.metric ? signal.metric.scale : 1;
}

function stepsOf({ side, severity }: Rule, threshold: number, clear: number): Step[] {
  const bad = COLOR_OF[severity];
  if (side === 'below') {
    const end = { value: clear, color: GOOD };
    if (clear === threshold) return [{ value: null, color: bad }, end];
    return [{ value: null, color: bad }, { value: threshold, color: BETWEEN }, end];
  }
  const begin = { value: threshold, color: bad };
  if (clear === threshold) return [{ value: null, color: GOOD }, begin];
  return [{ value: null, color: GOOD }, { value: clear, color: BETWEEN }, begin];
}

function unitOf({ measure, signal }: Rule): string {
  return measure.kind !== 'percentile' || ['', 'ratio', 'MOS', 'R'].includes(signal.unit)
    ? ''
    : ` ${signal.unit}`;
}

function spanText(us: number): string {
  const minutes = us / 60_000_000;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

function rounded(value: number): number {
  return Number(value.toFixed(9));
}
