import type { Labels } from './input.ts';
import type { Measure } from './measure.ts';
import type { WrittenRule } from './rules-schema.ts';
import type { Signal } from './signal.ts';

/** A rule that may be used. */
export interface Rule {
  name: string;
  summary: string;
  signal: Signal;
  /** As it was written: `p95`. */
  measureText: string;
  measure: Measure;
  /** On which side of the threshold it fires. */
  side: 'above' | 'below';
  /** Null for rules that go by what is usual, or by absence, alone. */
  threshold: number | null;
  clear: number | null;
  bad: number | null;
  windowUs: number;
  forUs: number;
  clearForUs: number;
  windows: { bad: number; of: number };
  by: WrittenRule['by'];
  where: Labels;
  minSamples: number;
  minCalls: number;
  deviation: { factor: number; weeks: number; atLeast: number | null } | null;
  severity: WrittenRule['severity'];
  pageIf: WrittenRule['pageIf'];
  inhibitedBy: readonly string[];
  hours: WrittenRule['hours'];
  owner: WrittenRule['owner'];
  runbook: string;
}

/** All rules of a file in the order of evaluation, and what holds for all of them. */
export interface RuleSet {
  everyUs: number;
  timeZone: string;
  businessHours: { days: readonly number[]; fromMinute: number; toMinute: number };
  flapping: { times: number; withinUs: number; quietUs: number };
  runbooks: string;
  callLink: string | null;
  rules: readonly Rule[];
}

/** What decides which samples a rule counts: panes made under other terms must not be gone on with. */
export function termsOf(rule: Rule): string {
  const { signal, measureText, side, threshold, clear, bad, windowUs, windows, by, where } = rule;
  return JSON.stringify([
    signal.name,
    measureText,
    side,
    threshold,
    clear,
    bad,
    windowUs,
    windows,
    by,
    where,
    rule.deviation !== null,
  ]);
}

/** `JitterHighFast` is on the page `jitter-high-fast`. */
export function pageOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}
