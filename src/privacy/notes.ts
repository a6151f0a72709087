import type { Pseudonyms } from './pseudonyms.ts';
import { maskText } from './text.ts';

/** URIs, IPv4 addresses, and whatever stands around an `@`. */
const REFERENCES =
  /(?:sips?|tel):[^\s"',)]+|[^\s"'<>()]+@[^\s"'<>()]+|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g;
/** What may be an IPv6 address, and is mostly a time. */
const COLONS =
  /(?<![0-9A-Za-z])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![0-9A-Za-z])/g;
/** Shorter numbers in a sentence are its figures. */
const DIGITS_MIN = 5;

/** Texts of programs are of Unicode, those of the wire of octets: both give one pseudonym for one name. */
export function onOctets(text: string, mask: (octets: string) => string): string {
  // Nearly all are ASCII, which is the same in both.
  if (/^[\0-\x7f]*$/.test(text)) return mask(text);
  const octets = Buffer.from(text, 'utf8').toString('latin1');
  return Buffer.from(mask(octets), 'latin1').toString('utf8');
}

/** A sentence of ours, in which names and addresses may stand: those that were replaced before, and what reads like some. */
export function maskNote(names: Pseudonyms, note: string): string {
  return onOctets(note, (text) =>
    names.known(
      text
        .replace(REFERENCES, (reference) => maskText(names, reference, 'wire'))
        .replace(COLONS, (address) => names.ipv6(address) ?? address),
      DIGITS_MIN,
    ),
  );
}
