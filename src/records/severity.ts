import type { Severity } from './types.ts';

/** The gravest first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/** The gravest severity among findings; null without any. */
export function gravest(findings: readonly { severity: Severity }[]): Severity | null {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null;
}

/** Orders by severity, the gravest first. */
export function byGravity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}
