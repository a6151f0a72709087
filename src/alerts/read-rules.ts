import { nearest } from '../config/nearest.ts';
import type { ConfigProblem } from '../config/problem.ts';
import { type Environment, readConfig } from '../config/read.ts';
import { minutesOf, WEEKDAYS } from './hours.ts';
import { measureOf } from './measure.ts';
import { pageOf, type Rule, type RuleSet } from './rule.ts';
import { contradictionsOf, type Saying } from './rule-sense.ts';
import { RULES_SCHEMA, type RuleFile, type WrittenRule } from './rules-schema.ts';
import { SIGNALS } from './signals.ts';

/** Rules that may be used, with what is odd about them; or all that is wrong. */
export type CheckedRules =
  | { ok: true; set: RuleSet; notify: RuleFile['notify']; warnings: readonly ConfigProblem[] }
  | { ok: false; problems: readonly ConfigProblem[] };

/** Reads a rule file. Everything wrong is told at once, each with line, column, value and what was expected. */
export function readRules(source: string, environment: Environment): CheckedRules {
  const { value, problems, placeOf } = readConfig(source, RULES_SCHEMA, environment);
  const file = value as unknown as RuleFile;
  if (problems.length > 0) return { ok: false, problems };
  const placed = ({ path, text }: Saying): ConfigProblem => ({ ...placeOf(path), path, text });
  const said = [...fileProblems(file), ...file.rules.flatMap((rule, i) => signalProblems(rule, i))];
  if (said.length > 0) return { ok: false, problems: said.map(placed) };
  const senses = file.rules.map((rule, i) =>
    contradictionsOf(rule, SIGNALS.get(rule.signal)!, `rules[${i}]`),
  );
  const wrong = senses.flatMap((sense) => sense.problems);
  if (wrong.length > 0) return { ok: false, problems: wrong.map(placed) };
  const warnings = senses.flatMap((sense) => sense.warnings).map(placed);
  return { ok: true, set: ruleSet(file), notify: file.notify, warnings };
}

function fileProblems(file: RuleFile): Saying[] {
  const found: Saying[] = [];
  if (!isTimeZone(file.timeZone)) {
    const text = `expected the name of a time zone such as Europe/Berlin, got "${file.timeZone}"`;
    found.push({ path: 'timeZone', text });
  }
  const { from, to } = file.businessHours;
  if (minutesOf(from) >= minutesOf(to)) {
    found.push({ path: 'businessHours.to', text: `expected a time after ${from}, got "${to}"` });
  }
  const names = file.rules.map(({ name }) => name);
  for (const [i, rule] of file.rules.entries()) {
    const first = names.indexOf(rule.name);
    if (first < i)
      found.push({ path: `rules[${i}].name`, text: `"${rule.name}" is rules[${first}] already` });
    for (const [j, other] of rule.inhibitedBy.entries()) {
      if (names.includes(other) && other !== rule.name) continue;
      const near = nearest(other, names);
      const help =
        near === null || near === rule.name ? 'expected the name of another rule' : `did you mean ${near}?`;
      found.push({ path: `rules[${i}].inhibitedBy[${j}]`, text: `no such rule "${other}"; ${help}` });
    }
  }
  const circle = circleIn(file.rules);
  if (found.length === 0 && circle !== null) {
    const path = `rules[${names.indexOf(circle)}].inhibitedBy`;
    found.push({ path, text: `"${circle}" is inhibited by what it inhibits itself` });
  }
  return found;
}

function signalProblems(rule: WrittenRule, i: number): Saying[] {
  if (SIGNALS.has(rule.signal)) return [];
  const near = nearest(rule.signal, [...SIGNALS.keys()]);
  const help = near === null ? '"earshot rules signals" lists them' : `did you mean ${near}?`;
  return [{ path: `rules[${i}].signal`, text: `no such signal "${rule.signal}"; ${help}` }];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A rule that is part of a circle of inhibitions; null when there is none. */
function circleIn(rules: readonly WrittenRule[]): string | null {
  return inOrder(rules).circle;
}

/** Rules behind those that inhibit them, otherwise as they were written. */
function inOrder<R extends Pick<WrittenRule, 'name' | 'inhibitedBy'>>(
  rules: readonly R[],
): { rules: R[]; circle: string | null } {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const done = new Set<string>();
  const under = new Set<string>();
  const ordered: R[] = [];
  let circle: string | null = null;
  const visit = (rule: R): void => {
    if (done.has(rule.name)) return;
    if (under.has(rule.name)) {
      circle ??= rule.name;
      return;
    }
    under.add(rule.name);
    for (const other of rule.inhibitedBy) {
      const found = byName.get(other);
      if (found !== undefined) visit(found);
    }
    under.delete(rule.name);
    done.add(rule.name);
    ordered.push(rule);
  };
  for (const rule of rules) visit(rule);
  return { rules: ordered, circle };
}

function ruleSet(file: RuleFile): RuleSet {
  const { days, from, to } = file.businessHours;
  const written = inOrder(file.rules.filter(({ enabled }) => enabled)).rules;
  return {
    everyUs: file.every * 1000,
    timeZone: file.timeZone,
    businessHours: {
      days: days.map((day) => (WEEKDAYS as readonly string[]).indexOf(day)),
      fromMinute: minutesOf(from),
      toMinute: minutesOf(to),
    },
    flapping: {
      times: file.flapping.times,
      withinUs: file.flapping.within * 1000,
      quietUs: file.flapping.quiet * 1000,
    },
    runbooks: file.runbooks.replace(/\/+$/, ''),
    callLink: file.links.call,
    rules: written.map(ruleOf),
  };
}

function ruleOf(written: WrittenRule): Rule {
  const signal = SIGNALS.get(written.signal)!;
  const measure = measureOf(written.measure, signal);
  const { factor, weeks, atLeast } = written.deviation;
  const threshold = written.above ?? written.below;
  const isLow = written.below !== null || (threshold === null && signal.worse === 'low');
  return {
    name: written.name,
    summary: written.summary,
    signal,
    measureText: written.measure,
    measure,
    side: isLow ? 'below' : 'above',
    threshold,
    clear: written.clear ?? threshold,
    bad: written.bad,
    windowUs: written.window * 1000,
    forUs: written.for * 1000,
    clearForUs: written.clearFor * 1000,
    windows: written.windows,
    by: written.by,
    where: written.where,
    minSamples: written.minSamples ?? defaultSamples(measure),
    minCalls: written.minCalls,
    deviation: factor === null ? null : { factor, weeks, atLeast },
    severity: written.severity,
    pageIf: written.pageIf,
    inhibitedBy: written.inhibitedBy,
    hours: written.hours,
    owner: written.owner,
    runbook: written.runbook ?? pageOf(written.name),
  };
}

/** Below this a percentile is one sample; a share or ratio, chance. */
function defaultSamples(measure: ReturnType<typeof measureOf>): number {
  switch (measure.kind) {
    case 'percentile': {
      const { numerator, denominator } = measure.tail;
      return numerator === 0 ? 1 : Math.ceil((2 * denominator) / numerator);
    }
    case 'share':
    case 'ratio':
      return 20;
    case 'absence':
      return 1;
    default:
      return 0;
  }
}
