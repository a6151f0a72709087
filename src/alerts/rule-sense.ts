import { durationText } from '../config/duration.ts';
import { measureOf } from './measure.ts';
import type { WrittenRule } from './rules-schema.ts';
import type { Signal } from './signal.ts';
import { labelsOfSignal, labelsText } from './signal-labels.ts';

/** Something about a place of the rule file. */
export interface Saying {
  path: string;
  text: string;
}

/** What cannot be meant in a rule whose parts are each well formed, and what is odd. */
export function contradictionsOf(
  rule: WrittenRule,
  signal: Signal,
  path: string,
): { problems: Saying[]; warnings: Saying[] } {
  const problems: Saying[] = [];
  const warnings: Saying[] = [];
  const say = (name: string, text: string): void => {
    problems.push({ path: `${path}.${name}`, text });
  };
  kindSense(rule, signal, say);
  tailSense(rule, signal, say);
  thresholdSense(rule, signal, say);
  labelSense(rule, signal, say);
  if (rule.windows.bad > rule.windows.of) {
    say('windows.bad', `expected at most windows.of, which is ${rule.windows.of}, got "${rule.windows.bad}"`);
  }
  if (rule.pageIf !== 'always' && signal.of !== 'interval') {
    say(
      'pageIf',
      `"${rule.pageIf}" goes by scores, which only signals of intervals have; got ${signal.name}`,
    );
  }
  if (rule.minCalls > 0 && (signal.of === 'status' || signal.of === 'trunkState')) {
    say('minCalls', `${signal.name} is not about calls: expected 0, got "${rule.minCalls}"`);
  }
  const measure = measureOf(rule.measure, signal);
  if (measure.kind === 'percentile' && rule.minSamples !== null && measure.tail.numerator > 0) {
    const needed = Math.ceil(measure.tail.denominator / measure.tail.numerator);
    if (rule.minSamples < needed) {
      const text = `${rule.measure} of fewer than ${needed} samples is the worst one alone; got "${rule.minSamples}"`;
      warnings.push({ path: `${path}.minSamples`, text });
    }
  }
  if (rule.deviation.factor !== null && rule.above === null && rule.below === null) {
    const text = `goes by what is usual alone, and is silent for ${durationText(rule.deviation.weeks * 7 * 86_400_000)}`;
    warnings.push({ path: `${path}.deviation`, text });
  }
  return { problems, warnings };
}

type Say = (name: string, text: string) => void;

/** Samples that lack a label are one series, whatever was meant. */
function labelSense({ by, where }: WrittenRule, signal: Signal, say: Say): void {
  const has = (label: string): boolean => labelsOfSignal(signal).some((each) => each === label);
  for (const [i, label] of by.entries())
    if (!has(label)) say(`by[${i}]`, `${labelsText(signal)}; got "${label}"`);
  for (const label of Object.keys(where))
    if (!has(label)) say(`where.${label}`, `${labelsText(signal)}; got "${label}"`);
}

/** Does the measure go with the kind of the signal? */
function kindSense({ measure, bad }: WrittenRule, { kind, name }: Signal, say: Say): void {
  const isPercentile = measure.startsWith('p');
  if (isPercentile && kind !== 'value') {
    const other = kind === 'event' ? 'ratio or count' : 'ratio';
    say('measure', `${name} has no percentiles: expected ${other}, got "${measure}"`);
  }
  if (measure === 'ratio' && kind === 'value') {
    say('measure', `${name} is a value: expected a percentile, or share with bad, got "ratio"`);
  }
  if (measure === 'share' && kind !== 'value') {
    say('measure', `${name} is no value: expected ratio, got "share"`);
  }
  const needsBad = kind === 'value' && (measure === 'share' || measure === 'count');
  if (needsBad && bad === null) say('bad', `has to be given: from where on is a sample of ${name} bad?`);
  if (!needsBad && bad !== null)
    say('bad', `is for share and count of values, not for ${measure} of ${name}`);
}

/** Which tail is the bad one? */
function tailSense({ measure }: WrittenRule, signal: Signal, say: Say): void {
  if (!measure.startsWith('p') || signal.kind !== 'value') return;
  const percent = Number(measure.slice(1));
  const mirrored = String(Math.round((100 - percent) * 100) / 100).padStart(2, '0');
  if (signal.worse === 'low' && percent > 50) {
    say(
      'measure',
      `${measure} of ${signal.name} is that of the best ${signal.about}, for it is bad when it is low: expected p${mirrored}, got "${measure}"`,
    );
  }
  if (signal.worse === 'high' && percent < 50) {
    say(
      'measure',
      `${measure} of ${signal.name} is that of the best ${signal.about}, for it is bad when it is high: expected p${mirrored}, got "${measure}"`,
    );
  }
}

function thresholdSense(rule: WrittenRule, signal: Signal, say: Say): void {
  const { measure, above, below, clear, deviation } = rule;
  if (measure === 'absence') {
    const given = above !== null ? 'above' : below !== null ? 'below' : null;
    if (given !== null) say(given, 'absence has no threshold: leave it out');
    if (deviation.factor !== null) say('deviation.factor', 'absence has none: leave it out');
    return;
  }
  if (above !== null && below !== null) say('below', 'expected above or below, got both');
  if (above === null && below === null && deviation.factor === null) {
    say('name', 'has no threshold: expected above, below or deviation.factor');
  }
  const isPercentile = measure.startsWith('p') && signal.kind === 'value';
  if (isPercentile && signal.worse === 'low' && above !== null) {
    say('above', `${signal.name} is bad when it is low: expected below, got above`);
  }
  if (isPercentile && signal.worse === 'high' && below !== null) {
    say('below', `${signal.name} is bad when it is high: expected above, got below`);
  }
  if (clear !== null && above !== null && clear > above) {
    say('clear', `expected at most ${above}, the value above which it fires, got "${clear}"`);
  }
  if (clear !== null && below !== null && clear < below) {
    say('clear', `expected at least ${below}, the value below which it fires, got "${clear}"`);
  }
  if (clear !== null && above === null && below === null) say('clear', 'needs above or below');
  const kind = isPercentile ? 'percentile' : measure;
  for (const [name, value] of Object.entries({ above, below, clear })) {
    if (value !== null && isBeyondParts(kind, signal, value)) say(name, partText(measure, signal, value));
  }
  if (rule.bad !== null && isBeyondParts('percentile', signal, rule.bad)) {
    say('bad', partText('bad', signal, rule.bad));
  }
  if (deviation.factor !== null) {
    const isLow = below !== null || (above === null && signal.worse === 'low');
    if (isLow && deviation.factor >= 1) {
      say('deviation.factor', `expected a part of the usual below 1, got "${deviation.factor}"`);
    }
    if (!isLow && deviation.factor <= 1) {
      say('deviation.factor', `expected more than 1 times the usual, got "${deviation.factor}"`);
    }
  }
}

/** Is that a value which a part of something, from 0 to 1, never has? */
export function isBeyondParts(measure: string, { unit, kind }: Signal, value: number): boolean {
  const isPart =
    measure === 'share' ||
    (measure === 'ratio' && (unit === 'ratio' || kind === 'event')) ||
    (measure === 'percentile' && unit === 'ratio');
  return isPart && (value < 0 || value > 1);
}

/** What to write instead. */
export function partText(measure: string, { name }: Signal, value: number): string {
  const what = measure === 'share' || measure === 'ratio' ? `a ${measure}` : name;
  return `${what} is from 0 to 1: expected ${value / 100} for ${value} %, got "${value}"`;
}
