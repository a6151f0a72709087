import { InvalidArgumentError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { type PartyMatch, parseParty } from '../report/search/party.ts';
import { parseSymptom, type Symptom } from '../report/search/symptoms.ts';
import { parseTimeZone, type TimeZone } from '../report/search/time-zone.ts';
import { sentence } from './sentence.ts';

/* Values of options that ask for calls; each throws `InvalidArgumentError` for what it cannot read. */

/** What --time-zone names. */
export function timeZone(text: string): TimeZone {
  const zone = parseTimeZone(text);
  if (zone === null)
    throw new InvalidArgumentError('expected +02:00, UTC, local or a name as Europe/Berlin.');
  return zone;
}

/** Whom --party means. */
export function party(text: string): { text: string; match: PartyMatch } {
  const match = parseParty(text);
  if (match === null) throw new InvalidArgumentError('it is empty; give a number or a name.');
  return { text, match };
}

/** What --symptom means. */
export function symptom(text: string): Symptom {
  const parsed = parseSymptom(text, nearest);
  if (!parsed.ok) throw new InvalidArgumentError(sentence(parsed.message));
  return parsed.symptom;
}
