import { type Keyed, keyedNumber, Remembered, shuffle } from './keyed.ts';

/*
 * Pseudonyms of digits: as many letters, the same for the same digits, different for different ones. Letters, because a
 * pseudonym that looks like a number would be somebody's number.
 */

const LETTERS = 'ghjkmnpqrs';
/** Halves stay exact as numbers, and below what one keyed number spans. */
const DIGITS_MAX = 28;
const ROUNDS = 8;

/** Numbers that name a service and nobody: they are told as they are. */
const SERVICES = new Set(
  '000 100 101 102 103 108 110 111 112 113 114 115 116 117 118 119 120 122 123 144 147 190 191 192 193 194 195 197 198 199 911 988 991 992 993 995 996 997 998 999'.split(
    ' ',
  ),
);

/** Country codes of one and two digits (ITU-T E.164); all others have three. */
const ONE_DIGIT = /^[17]/;
const TWO_DIGITS = /^(?:20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** Digits to show of a number: what tells its class and country, and how many they are. */
function prefixOf(digits: string, international: boolean): number {
  const after = international ? 0 : /^00[1-9]/.test(digits) && digits.length >= 9 ? 2 : -1;
  if (after >= 0) {
    const rest = digits.slice(after);
    const country = ONE_DIGIT.test(rest) ? 1 : TWO_DIGITS.test(rest) ? 2 : 3;
    return digits.length - after - country >= 3 ? after + country : 0;
  }
  return digits.startsWith('0') && digits.length >= 6 ? 1 : 0;
}

/** Pseudonyms of numbers. */
export class NumberPseudonyms {
  private readonly keyed: Keyed;
  private readonly whole: Remembered<string>;

  constructor(keyed: Keyed) {
    this.keyed = keyed;
    this.whole = new Remembered((digits) => this.compute(digits));
  }

  /** Whether digits name a service, such as an emergency number. */
  isService(digits: string): boolean {
    return SERVICES.has(digits);
  }

  /** The digits of a number that nobody can be told by: without its country code or trunk prefix. */
  subscriberOf(digits: string, international: boolean): string {
    return digits.slice(prefixOf(digits, international));
  }

  /**
   * The pseudonym of a telephone number, as long as it: its prefix (`49` of `+4930...`, `0049`, `0`), then letters. The
   * letters are those of the subscriber, so that one number is known again in every way it is written.
   *
   * @param international whether a plus stands before it
   */
  number(digits: string, international: boolean): string {
    if (!international && SERVICES.has(digits)) return digits;
    const prefix = prefixOf(digits, international);
    return digits.slice(0, prefix) + this.digits(digits.slice(prefix));
  }

  /** Letters for digits, as many of them. */
  digits(digits: string): string {
    return this.whole.get(digits);
  }

  private compute(digits: string): string {
    if (digits.length > DIGITS_MAX) {
      return this.digits(digits.slice(0, DIGITS_MAX)) + this.digits(digits.slice(DIGITS_MAX));
    }
    return Array.from(this.permuted(digits), (digit) => LETTERS[Number(digit)]).join('');
  }

  /** A permutation of all numbers of that length: a Feistel network of unequal halves, as in NIST SP 800-38G. */
  private permuted(digits: string): string {
    const length = digits.length;
    if (length === 1) {
      const order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
      shuffle(this.keyed, 'digit', order, false);
      return String(order[Number(digits)]);
    }
    const sizes = [length >> 1, length - (length >> 1)] as const;
    let left = Number(digits.slice(0, sizes[0]));
    let right = Number(digits.slice(sizes[0]));
    for (let round = 0; round < ROUNDS; round++) {
      const range = 10 ** sizes[round % 2 === 0 ? 0 : 1]!;
      const added = keyedNumber(this.keyed, `number|${length}|${round}|${right}`) % range;
      const next = (left + added) % range;
      left = right;
      right = next;
    }
    const text = (value: number, size: number): string => String(value).padStart(size, '0');
    return text(left, sizes[0]) + text(right, sizes[1]);
  }
}
