import type { Labels } from './input.ts';
import type { Rule } from './rule.ts';

/** What takes most of the score, or what answered most of the calls. */
export interface Driver {
  name: string;
  text: string;
}

/** One of the worst calls of an alert. */
export interface WorstCall {
  callId: string | null;
  streamId: string | null;
  value: number;
  timeUs: number;
  /** Caller and callee, once the call is over. They are for nobody but who may see numbers. */
  parties: readonly string[];
  link: string | null;
}

/** An alert as it stands, or stood when it ended. */
export interface Alert {
  rule: string;
  summary: string;
  severity: Rule['severity'];
  labels: Labels;
  state: 'firing' | 'resolved';
  /** Since when the rule held; when it began to fire; when it ended. */
  sinceUs: number;
  startUs: number;
  endUs: number | null;
  signal: string;
  measure: string;
  unit: string;
  cause: 'threshold' | 'deviation' | 'absence';
  /** The worst value while it fired, beside the threshold and what is usual. */
  value: number | null;
  threshold: number | null;
  clear: number | null;
  usual: number | null;
  windowUs: number;
  samples: number;
  /** Calls touched; `callsMore` when there were more than are counted. Users, as far as calls named them. */
  calls: number;
  callsMore: boolean;
  users: number | null;
  driver: Driver | null;
  worst: readonly WorstCall[];
  /** It comes and goes: it is kept until it stays away. */
  flapping: boolean;
  /** Why nothing can be said of it at the moment; null when it can. */
  held: string | null;
  /** Why it is information only; null when it is not. */
  informationOnly: string | null;
  /** What is known, in a line or two. */
  text: string;
  owner: Rule['owner'];
  runbook: string;
}

/** Something happened to an alert. */
export interface AlertChange {
  change: 'raised' | 'resolved';
  timeUs: number;
  alert: Alert;
}

/** An alert that was not raised, and why. */
export interface HeldBack {
  rule: string;
  labels: Labels;
  reason: HoldReason;
  text: string;
  startUs: number;
  endUs: number | null;
}

export type HoldReason =
  | 'capture_in_doubt'
  | 'probe_silent'
  | 'too_few_samples'
  | 'too_few_calls'
  | 'outside_hours'
  | 'inhibited';

/** What makes two alerts the same: rule, severity and group. */
export function identityOf({ rule, severity, labels }: Pick<Alert, 'rule' | 'severity' | 'labels'>): string {
  return JSON.stringify([rule, severity, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
