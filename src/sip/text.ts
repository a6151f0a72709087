/**
 * From wire bytes to text, and the quoting rules of header values (RFC 3261 25.1).
 */
import { PARAMETERS_MAX } from './limits.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The text of bytes `start`..`end`: UTF-8 where it is valid, else Latin-1, so that no byte is ever lost and
 * nothing throws. Each call makes a string of its own: a kept Call-ID must not keep its whole message alive.
 */
export function decodeText(bytes: Buffer, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if (bytes[i]! < 0x80) continue;
    const text = utf8.decode(bytes.subarray(start, end));
    return text.includes('\ufffd') ? bytes.toString('latin1', start, end) : text;
  }
  return bytes.toString('latin1', start, end);
}

/** A `Buffer` over the same memory, clamped to what exists. */
export function bufferOver(bytes: Uint8Array, offset: number, length: number): Buffer {
  const start = Math.min(Math.max(0, offset), bytes.length);
  const end = Math.min(Math.max(start, offset + length), bytes.length);
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LEFT_ANGLE = 0x3c;
const RIGHT_ANGLE = 0x3e;

/**
 * Splits at `separator` (one character) outside quoted strings and outside `<>`; parts are trimmed, empty
 * ones left out, and splitting stops after `limit` parts. An unclosed quote or bracket reaches to the end.
 */
export function splitOutsideQuotes(text: string, separator: ',' | ';', limit: number): string[] {
  const wanted = separator.charCodeAt(0);
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  let angled = false;
  for (let i = 0; i < text.length && parts.length < limit; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === LEFT_ANGLE) angled = true;
    else if (code === RIGHT_ANGLE) angled = false;
    else if (code === wanted && !angled) {
      const part = text.slice(from, i).trim();
      if (part !== '') parts.push(part);
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  if (last !== '' && parts.length < limit) parts.push(last);
  return parts;
}

/** Where the first `wanted` lies outside quoted strings, or -1. */
export function indexOutsideQuotes(text: string, wanted: '<' | ';'): number {
  const code = wanted.charCodeAt(0);
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const at = text.charCodeAt(i);
    if (quoted) {
      if (at === BACKSLASH) i++;
      else if (at === QUOTE) quoted = false;
    } else if (at === QUOTE) quoted = true;
    else if (at === code) return i;
  }
  return -1;
}

/** The content of a quoted string with its escapes undone; any other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\(.)/gs, '$1') : inner;
}

/**
 * `;name=value;flag;text="a;b"` as a map: lower-case names, values unquoted, `''` for a flag. The first of
 * repeated names wins; at most 64 are kept.
 */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of splitOutsideQuotes(text, ';', PARAMETERS_MAX)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '' || parameters.has(name)) continue;
    parameters.set(name, equals < 0 ? '' : unquote(part.slice(equals + 1).trim()));
  }
  return parameters;
}

/** An unsigned decimal number up to `max`, or null for anything else. */
export function parseDecimal(text: string, max: number): number | null {
  if (!/^\d{1,15}$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}
