import { isIP } from 'node:net';

/** Whether a party of the wire (`sip:+4930471100@pbx.example`) is the one a reader named. */
export type PartyMatch = (party: string | null) => boolean;

/** Numbers shorter than this are extensions: nothing is taken off them, and they are no part of a longer number. */
const NATIONAL_MIN = 7;

/**
 * Reads a party as people name it: a number or the end of one (`4711`, `+49 (30) 4711-00`, `0049304711`), or a part of a
 * name or host. Numbers are compared by their digits from the right; the prefixes `+`, `00` and `0` make no difference
 * to numbers of seven digits and more. Null for an empty text.
 */
export function parseParty(text: string): PartyMatch | null {
  const wanted = text.trim();
  if (wanted === '') return null;
  const digits = isIP(wanted) === 0 ? dialled(wanted) : null;
  if (digits !== null) return (party) => party !== null && sameNumber(digits, userOf(party));
  const fragment = wanted.toLowerCase();
  return (party) => party?.toLowerCase().includes(fragment) ?? false;
}

/** What stands in place of numbers and words where names are covered. */
export interface PartyCover {
  /** Letters for the digits of a number, without its country code or trunk prefix. */
  number(digits: string, international: boolean): string;
  word(text: string): string;
}

/**
 * Reads a party that a reader names by its real number or name, to be found by its pseudonym. Only whole numbers and words
 * have one: ends of numbers and parts of names do not.
 */
export function parseCoveredParty(text: string, cover: PartyCover): PartyMatch {
  const wanted = text.trim();
  const digits = isIP(wanted) === 0 ? dialled(wanted) : null;
  if (digits !== null && /^\+?\d+$/.test(digits)) {
    const letters = cover.number(digits.replace('+', ''), digits.startsWith('+'));
    return (party) => {
      if (party === null) return false;
      const user = userOf(party);
      // What is left of a prefix stands before them.
      return user.endsWith(letters) && /^\+?\d*$/.test(user.slice(0, user.length - letters.length));
    };
  }
  const fragment = wanted.replace(/[A-Za-z0-9\x80-\xff]+/g, (word) => cover.word(word)).toLowerCase();
  return (party) => party?.toLowerCase().includes(fragment) ?? false;
}

/** The user part of a party, escapes undone; the whole of it where it has none. */
function userOf(party: string): string {
  const text = party.replace(/^(?:sips?|tel):/i, '');
  const at = text.lastIndexOf('@');
  // Parameters of a number, and what follows a party where signalling says more: `4711;phone-context=x`, `4711 (busy)`.
  const user = (at < 0 ? text : text.slice(0, at)).split(/[;\s]/, 1)[0]!;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** What somebody would dial: digits, `*` and `#`, a leading `+` kept; null where the text is no number. */
function dialled(text: string): string | null {
  const bare = text.replace(/[\s().\-/\u00a0]/g, '');
  return /^\+?[\d*#]*\d[\d*#]*$/.test(bare) ? bare : null;
}

function sameNumber(wanted: string, user: string): boolean {
  // A name may end in the number: `agent4711`.
  const number = dialled(user) ?? /[\d*#]+$/.exec(user.replace(/[().-]/g, ''))?.[0];
  if (number === undefined) return false;
  if (number.replace('+', '').endsWith(wanted.replace('+', ''))) return true;
  const [long, short] = [significant(wanted), significant(number)];
  if (long === null || short === null) return false;
  return long.endsWith(short) || short.endsWith(long);
}

/** A number without its international or national prefix; null for what is too short to have one. */
function significant(number: string): string | null {
  const digits = number.replace(/^\+/, '').replace(/^0+/, '');
  return digits.length < NATIONAL_MIN ? null : digits;
}
