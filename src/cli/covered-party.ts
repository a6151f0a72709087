import type { ReportPrivacy } from '../report/contract.ts';
import { type PartyMatch, parseCoveredParty } from '../report/search/party.ts';
import { type PseudonymOptions, pseudonymsOf } from './pseudonym-options.ts';

/** Who is looked for in a history whose names may be covered. */
export interface SoughtParty {
  match: PartyMatch;
  /** Which key their pseudonyms are looked for with; null for none. */
  keyName: string | null;
}

/**
 * A party by its name as it is, and by its pseudonym where a key was given: a history that covers names has no others.
 *
 * @throws {CaptureError} when there is no usable key in the file
 */
export function soughtParty(
  { text, match }: { text: string; match: PartyMatch },
  { pseudonymKeyFile }: Pick<PseudonymOptions, 'pseudonymKeyFile'>,
  env: NodeJS.ProcessEnv,
): SoughtParty {
  const keyed = pseudonymKeyFile === undefined ? {} : { pseudonymKeyFile };
  const chosen = pseudonymsOf({ pseudonymise: true, ...keyed }, env);
  if (chosen === null || !chosen.isLasting) return { match, keyName: null };
  const { names } = chosen;
  const covered = parseCoveredParty(text, {
    number: (digits, international) =>
      names.numbers.digits(names.numbers.subscriberOf(digits, international)),
    word: (word) => names.word(word, 'names'),
  });
  return { match: (party) => match(party) || covered(party), keyName: names.keyName };
}

/** Why nobody is found by a real name in a history that covers names; empty where it does not. */
export function whyNobody({ keyName }: SoughtParty, privacy: ReportPrivacy | null): string {
  if (privacy === null || privacy.pseudonyms.length === 0) return '';
  const are = 'the numbers and names in it are pseudonyms';
  if (privacy.key === null) return `${are} of a key that is gone; ask by --at instead`;
  if (keyName === null)
    return `${are} (key ${privacy.key}); give that key by --pseudonym-key-file to look for a whole number or name`;
  if (keyName !== privacy.key) return `${are} of key ${privacy.key}, and the key given is ${keyName}`;
  return `${are}, and only whole numbers and names have one`;
}
