import type { Pseudonyms, Strictness } from './pseudonyms.ts';

/*
 * Texts of the wire, octet by octet (one character an octet). Everything is replaced but the words of the protocols,
 * punctuation, and what is told by its place: ports, small numbers of parameters, host names. What comes out is as long
 * as what went in.
 */

const PORT = String.raw`(?::\d{1,5}(?!\d))?`;
const HOST = String.raw`[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*\.?`;

/** Tried in this order at every place. */
const RULES: readonly (readonly [RegExp, (rest: Piece) => string | null])[] = [
  [/SIP\/2\.0/y, ({ text }) => text],
  [/[;?&](?:rport|expires|ttl|q|cause|reg-id|oc|index)=[0-9.]{1,7}(?![\w.])/gy, ({ text }) => text],
  [/sips?:|tels?:|im:|pres:|mailto:|xmpp:|h323:|acct:/iy, scheme],
  [
    /(?<![0-9A-Za-z])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![0-9A-Za-z])/y,
    ipv6,
  ],
  [/\]:\d{1,5}(?!\d)/y, ({ text }) => text],
  [new RegExp(String.raw`(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]\d)${PORT}`, 'y'), ipv4],
  [new RegExp(`@${HOST}${PORT}`, 'y'), host],
  [new RegExp(String.raw`(?<=[Ss][Ii][Pp][Ss]?:|SIP/2\.0/[A-Za-z-]{1,8}\s{1,4})${HOST}${PORT}`, 'y'), host],
  [/\+?\d(?:[-.() ]{0,2}\d){5,}(?![0-9A-Za-z])/y, number],
  [/\+\d{2,}(?![A-Za-z])/y, number],
  [/[A-Za-z0-9\x80-\xff]+/y, word],
];

/** A piece of a text that a rule is about. */
interface Piece {
  text: string;
  whole: string;
  /** Where it ends in the whole. */
  end: number;
  strictness: Strictness;
  names: Pseudonyms;
}

/** Replaces what a text says of people and, where asked for, of addresses. */
export function maskText(names: Pseudonyms, text: string, strictness: Strictness): string {
  const escapes = escapesOf(text);
  if (escapes === null) return masked(names, text, strictness);
  const changed = masked(names, escapes.plain, strictness);
  return escapes.written(changed);
}

function masked(names: Pseudonyms, whole: string, strictness: Strictness): string {
  let out = '';
  for (let at = 0; at < whole.length; ) {
    const found = atRule(names, whole, at, strictness);
    out += found ?? whole[at]!;
    at = out.length;
  }
  return out;
}

function atRule(names: Pseudonyms, whole: string, at: number, strictness: Strictness): string | null {
  for (const [pattern, replace] of RULES) {
    pattern.lastIndex = at;
    const text = pattern.exec(whole)?.[0] ?? '';
    if (text === '') continue;
    // What stands inside a word is a part of it.
    const changed = replace({ text, whole, end: at + text.length, strictness, names });
    if (changed !== null) return changed;
  }
  return null;
}

/** A scheme, and the user that follows it up to the `@`. */
function scheme({ text, whole, end, names }: Piece): string | null {
  const before = whole[end - text.length - 1];
  if (before !== undefined && /[A-Za-z0-9]/.test(before)) return null;
  const user = /[^@\s<>",]{1,256}(?=@)/y;
  user.lastIndex = end;
  const found = user.exec(whole)?.[0] ?? (/^tels?:$/i.test(text) ? numberAt(whole, end) : undefined);
  return found === undefined ? text : text + userOf(names, found);
}

/** The number of a telephone URI. */
function numberAt(whole: string, at: number): string | undefined {
  const pattern = /\+?[\d().-]*\d/y;
  pattern.lastIndex = at;
  return pattern.exec(whole)?.[0];
}

/** A user, as it stands before the `@`: no word of it belongs to the protocol, but for the parameters of a number. */
export function userOf(names: Pseudonyms, user: string): string {
  const [first = '', ...parameters] = user.split(';');
  const isNumber = /^\+?[\d().-]*\d[\d().-]*$/.test(first);
  const masked = isNumber ? numberText(names, first, 'names') : maskPlain(names, first);
  return [masked, ...parameters.map((parameter) => maskText(names, parameter, 'wire'))].join(';');
}

function maskPlain(names: Pseudonyms, text: string): string {
  return maskText(names, text, 'names');
}

/** A number with its separators where they were. */
function numberText(names: Pseudonyms, text: string, strictness: Strictness): string {
  const digits = text.replace(/\D/g, '');
  const letters = names.number(digits, text.startsWith('+'), strictness);
  let next = 0;
  return text.replace(/\d/g, () => letters[next++]!);
}

function number({ text, strictness, names }: Piece): string {
  return numberText(names, text, strictness);
}

function word({ text, strictness, names }: Piece): string {
  return names.word(text, strictness);
}

function host({ text, names }: Piece): string {
  const parts = /^(@?)(.*?)((?::\d+)?)$/.exec(text)!;
  return `${parts[1]}${names.host(parts[2]!)}${parts[3]}`;
}

function ipv4({ text, names }: Piece): string | null {
  const colon = text.indexOf(':');
  const address = colon < 0 ? text : text.slice(0, colon);
  const changed = names.ipv4(address);
  return changed === null ? null : changed + text.slice(address.length);
}

function ipv6({ text, names }: Piece): string | null {
  return names.ipv6(text);
}

/** Percent-escapes of a text: what they stand for, and how to write something else in their place. */
function escapesOf(text: string): { plain: string; written(plain: string): string } | null {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return null;
  const units = text.match(/%[0-9A-Fa-f]{2}|[\s\S]/g) ?? [];
  const plain = units.map((unit) =>
    unit.length === 3 ? String.fromCharCode(Number.parseInt(unit.slice(1), 16)) : unit,
  );
  return {
    plain: plain.join(''),
    written: (changed) =>
      units
        .map((unit, i) => {
          if (unit.length !== 3) return changed[i]!;
          const code = changed.charCodeAt(i).toString(16).padStart(2, '0');
          return changed[i] === plain[i] ? unit : `%${/[a-f]/.test(unit) ? code : code.toUpperCase()}`;
        })
        .join(''),
  };
}
