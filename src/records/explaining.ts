import type { FindingCode } from './finding-codes.ts';
import type { FindingRecord } from './types.ts';

/** Findings about several calls, streams or registrations at once, which have findings of their own for it. */
const OF_SEVERAL: ReadonlySet<string> = new Set<FindingCode>([
  'registrations_lost_together',
  'shared_onset',
  'sip_scan',
  'state_timeout',
]);
/** Those that are so by their evidence only. */
const BY_EVIDENCE: ReadonlySet<string> = new Set<FindingCode>(['registration_failed']);

/**
 * Whether a finding says what is behind others: it is to be read before them, however grave they are.
 * @param evidence asked for where the code alone does not tell
 */
export function explainsOthers(code: string, evidence: () => FindingRecord['evidence']): boolean {
  return OF_SEVERAL.has(code) || (BY_EVIDENCE.has(code) && evidence().bruteForce === true);
}
