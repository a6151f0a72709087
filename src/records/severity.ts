import type { Severity } from './types.ts';

const GRAVEST_FIRST: readonly Severity[] = ['critical', 'warning', 'info'];

/** The gravest severity among findings; null without any. */
export function gravest(findings: readonly { severity: Severity }[]): Severity | null {
  return GRAVEST_FIRST.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null;
}
