import { CAPTURE_CODES } from './capture-codes.ts';
import type { FindingWords } from './finding-words.ts';
import { IMPAIRMENT_CODES } from './impairment-codes.ts';
import { NEGOTIATION_CODES, PRESENCE_CODES } from './media-codes.ts';

/**
 * Every finding there is: what it says, and which measurements come with it. The documentation (`docs/findings.md`) is
 * made from this list, and the detectors cannot name a code that is not here.
 */
export const FINDING_CODES = {
  setup_failed: {
    meaning:
      'The service failed to set the call up (403, 404, 5xx, ...). Busy, declined, cancelled and unanswered calls are not failures.',
    evidence: 'finalCode, afterMs',
  },
  setup_timeout: {
    meaning: 'An INVITE got no answer at all within 32 s (RFC 3261 timer B).',
    evidence: 'waitedMs',
  },
  codec_negotiation_failed: {
    meaning: 'The two sides found no media they share: refused with 415, 488 or 606.',
    evidence: 'finalCode, afterMs',
  },
  ...PRESENCE_CODES,
  ...NEGOTIATION_CODES,
  ...IMPAIRMENT_CODES,
  ...CAPTURE_CODES,
} as const satisfies Record<string, FindingWords>;

export type FindingCode = keyof typeof FINDING_CODES;

/** The codes in words, for everything that explains a finding. A code of a later version has none. */
export function findingWords(code: string): FindingWords | null {
  const codes: Readonly<Record<string, FindingWords>> = FINDING_CODES;
  return Object.hasOwn(codes, code) ? codes[code]! : null;
}
