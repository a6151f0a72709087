import type { Alert } from './alert.ts';
import type { Rule, RuleSet } from './rule.ts';

/** Something that is known to have happened. */
export interface Incident {
  name: string;
  startUs: number;
  endUs: number;
}

/** How the alerts of a rule compare with what happened. */
export interface Comparison {
  firings: number;
  hits: Incident[];
  misses: Incident[];
  /** Incidents after everything that was looked at: nothing can be said of them. */
  beyond: Incident[];
  /** Alerts during which nothing is known to have happened. */
  falseAlarms: Alert[];
}

/** An alert that follows an incident this much later is still about it. */
const GRACE_US = 900_000_000;

/** Steps of a threshold that are tried unless others are named. */
const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** Thresholds around that of a rule. */
export function thresholdsAround({ threshold }: Rule): number[] {
  return threshold === null ? [] : STEPS.map((step) => Number((threshold * step).toPrecision(6)));
}

/** The rules with another threshold for one of them; its clearing threshold keeps its proportion. */
export function withThreshold(set: RuleSet, name: string, threshold: number): RuleSet {
  const rules = set.rules.map((rule) => {
    if (rule.name !== name || rule.threshold === null) return rule;
    const part = rule.threshold === 0 ? 1 : (rule.clear ?? rule.threshold) / rule.threshold;
    return { ...rule, threshold, clear: rule.threshold === 0 ? threshold : threshold * part };
  });
  return { ...set, rules };
}

/** Which incidents the alerts hit, which they missed, and which alerts were about nothing. */
export function compare(
  alerts: readonly Alert[],
  known: readonly Incident[],
  untilUs: number | null,
): Comparison {
  const lastUs = untilUs ?? Number.POSITIVE_INFINITY;
  const isAbout = (alert: Alert, { startUs, endUs }: Incident): boolean =>
    alert.startUs <= endUs + GRACE_US && (alert.endUs ?? lastUs) >= startUs;
  const incidents = known.filter(({ startUs }) => startUs <= lastUs);
  const hits = incidents.filter((incident) => alerts.some((alert) => isAbout(alert, incident)));
  return {
    firings: alerts.length,
    hits,
    misses: incidents.filter((incident) => !hits.includes(incident)),
    beyond: known.filter((incident) => !incidents.includes(incident)),
    falseAlarms: alerts.filter((alert) => !incidents.some((incident) => isAbout(alert, incident))),
  };
}
