import { ipv4Text, ipv6Text } from './address-text.ts';
import { AddressPseudonyms } from './addresses.ts';
import { type Keyed, Remembered } from './keyed.ts';
import { Learned } from './learned.ts';
import { NumberPseudonyms } from './numbers.ts';
import { HOST_ENDS, NOBODY, VOCABULARY } from './vocabulary.ts';

/** Without vowels nothing turns into a word. */
const CONSONANTS = 'bcdfghjklmnpqrstvwxz';

export interface PseudonymOptions {
  /** IP addresses and host names, too. */
  addresses: boolean;
  /** For a run without end: names that are not met any more are looked for no longer. */
  forgets?: boolean;
}

/**
 * How a text is taken. In `names` no word belongs to the protocols; in `wire` and `quoted` those do. What is replaced in
 * names, and in texts that findings quote, is also looked for elsewhere; not so what stands in tags and Call-IDs.
 */
export type Strictness = 'names' | 'wire' | 'quoted';

/**
 * Pseudonyms of the tokens of a text. Each is as long as what it stands for, and the same wherever that is met. What was
 * replaced once is remembered, so that it is also found where nobody expects it.
 */
export class Pseudonyms {
  readonly addressesToo: boolean;
  readonly addresses: AddressPseudonyms;
  readonly numbers: NumberPseudonyms;
  /** The first digits of what the key makes of a fixed text: tells two keys apart, and nothing about either. */
  readonly keyName: string;
  private readonly words: Remembered<string>;
  private readonly learned: Learned;

  constructor(keyed: Keyed, { addresses, forgets = false }: PseudonymOptions) {
    this.addressesToo = addresses;
    this.learned = new Learned({ forgets });
    this.addresses = new AddressPseudonyms((text) => keyed(`address|${text}`));
    this.numbers = new NumberPseudonyms((text) => keyed(`number|${text}`));
    this.words = new Remembered((word) => wordOf(keyed, word));
    this.keyName = Array.from(keyed('key').subarray(0, 4), (octet) =>
      octet.toString(16).padStart(2, '0'),
    ).join('');
  }

  /** Octets as letters and digits: a name, or a part of one. */
  word(text: string, strictness: Strictness): string {
    const lower = text.toLowerCase();
    if ((strictness === 'names' ? NOBODY : VOCABULARY).has(lower)) return text;
    if (/^\d+$/.test(text)) return this.number(text, false, strictness);
    // The cookie of RFC 3261 says that a branch is unique; what follows may say of whom it is.
    if (lower.startsWith('z9hg4bk'))
      return text.slice(0, 7) + (text.length > 7 ? this.word(text.slice(7), 'names') : '');
    if (strictness === 'names' || (strictness === 'quoted' && lower.length > 3)) this.learn(lower);
    return inCaseOf(text, this.words.get(lower));
  }

  /** The digits of a number. */
  number(digits: string, international: boolean, strictness: Strictness): string {
    if (strictness !== 'wire' && (international || !this.numbers.isService(digits))) {
      this.learn(digits);
      this.learn(this.numbers.subscriberOf(digits, international));
    }
    return this.numbers.number(digits, international);
  }

  /** A host name with dots. */
  host(text: string): string {
    const labels = text.split('.');
    return labels
      .map((label, i) => {
        if (!this.addressesToo) return this.known(label, 4);
        const isEnd = i === labels.length - 1 && HOST_ENDS.has(label.toLowerCase());
        return isEnd ? label : label.replace(/[A-Za-z0-9\x80-\xff]+/g, (part) => this.word(part, 'names'));
      })
      .join('.');
  }

  /** An IPv4 address as text; null where it is none. */
  ipv4(text: string): string | null {
    return this.addressesToo ? ipv4Text(this.addresses, text) : text;
  }

  /** An IPv6 address as text; null where it is none. */
  ipv6(text: string): string | null {
    const changed = ipv6Text(this.addresses, text);
    return this.addressesToo || changed === null ? changed : text;
  }

  /**
   * A text that is kept, but for what was replaced elsewhere.
   *
   * @param digitsMin how long a number must be at least: shorter ones are more likely to be figures
   */
  known(text: string, digitsMin: number): string {
    return text.replace(/[A-Za-z0-9\x80-\xff]+/g, (word) => {
      const lower = word.toLowerCase();
      if (!this.learned.has(lower)) return word;
      if (!/^\d+$/.test(word)) return inCaseOf(word, this.words.get(lower));
      return word.length < digitsMin ? word : this.numbers.number(word, false);
    });
  }

  private learn(word: string): void {
    // A word of the protocol stays one, whoever is called by it.
    if (!VOCABULARY.has(word)) this.learned.add(word);
  }
}

function wordOf(keyed: Keyed, word: string): string {
  let letters = '';
  for (let block = 0; letters.length < word.length; block++)
    for (const octet of keyed(`word|${block}|${word}`)) letters += CONSONANTS[octet % CONSONANTS.length];
  return letters.slice(0, word.length);
}

function inCaseOf(text: string, letters: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const letter = letters[i]!;
    const isUpper = text[i]! >= 'A' && text[i]! <= 'Z';
    out += isUpper ? letter.toUpperCase() : letter;
  }
  return out;
}
