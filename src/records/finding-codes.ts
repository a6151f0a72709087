import { CAPTURE_CODES } from './capture-codes.ts';
import { IMPAIRMENT_CODES } from './impairment-codes.ts';
import { NEGOTIATION_CODES, PRESENCE_CODES } from './media-codes.ts';
import { REGISTRATION_CODES } from './registration-codes.ts';
import { SIGNALLING_CODES } from './signalling-codes.ts';

/** Who can usually do something about a finding. */
export type FindingOwner = 'network' | 'provider' | 'pbx' | 'device' | 'user' | 'capture';

/**
 * What there must be for a finding to be found in it; of calls that cannot be judged, findings that compare what is heard
 * with what a call should have say nothing.
 */
export type FoundIn = 'capture' | 'registrations' | 'calls' | 'judgedCalls' | 'streams' | 'callsOrStreams';

/** What there is to know about a finding code. */
export interface FindingCodeEntry {
  /** What the verdict of a call counts it under. */
  readonly about: 'signalling' | 'media' | 'capture';
  readonly foundIn: FoundIn;
  /** What it says, with the limits it goes by. */
  readonly meaning: string;
  /** What is usually behind it. */
  readonly usually: string;
  /** What to look at first. */
  readonly check: string;
  /** Who usually owns it, the likeliest first. */
  readonly owner: readonly FindingOwner[];
  /** The measurements that come with it. */
  readonly evidence: string;
}

/**
 * Every finding there is. The documentation (`docs/findings.md`) is made from this list, and the detectors cannot name
 * a code that is not here.
 */
export const FINDING_CODES = {
  ...SIGNALLING_CODES,
  ...REGISTRATION_CODES,
  ...PRESENCE_CODES,
  ...NEGOTIATION_CODES,
  ...IMPAIRMENT_CODES,
  ...CAPTURE_CODES,
} as const satisfies Record<string, FindingCodeEntry>;

export type FindingCode = keyof typeof FINDING_CODES;

/** The entry of a code as reports carry it: text, which an older or newer version may have written. */
export function findingEntry(code: string): FindingCodeEntry | null {
  return Object.hasOwn(FINDING_CODES, code) ? FINDING_CODES[code as FindingCode] : null;
}
