/**
 * Header lines: found, unfolded, named. Used for messages and for the parts of multipart bodies.
 */
import { longHeaderName } from './header-names.ts';
import { HEADER_VALUE_MAX, HEADERS_MAX } from './limits.ts';
import type { ProblemList } from './problems.ts';
import { decodeText } from './text.ts';

/** One header as it stood, unfolded. */
export interface HeaderLine {
  /** Lower-case long name. */
  readonly name: string;
  readonly value: string;
  /** Offset of its line. */
  readonly at: number;
}

/** The lines of one header section. */
export interface HeaderSection {
  readonly lines: readonly HeaderLine[];
  /** Offset of what follows the blank line; the end of the bytes when there is none. */
  readonly bodyAt: number;
  /** Whether the blank line was there. */
  readonly complete: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;
const NAME = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** The line being collected; folded lines add to it. Joined once, so that many folds cost no more. */
interface OpenLine {
  readonly parts: string[];
  readonly at: number;
  characters: number;
}

function hasControlBytes(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if ((byte < SPACE && byte !== TAB) || byte === 0x7f) return true;
  }
  return false;
}

function closeLine(open: OpenLine, lines: HeaderLine[], problems: ProblemList): void {
  const text = open.parts.length === 1 ? open.parts[0]! : open.parts.join(' ');
  const colon = text.indexOf(':');
  const name = colon < 0 ? '' : text.slice(0, colon).trimEnd();
  if (!NAME.test(name)) {
    problems.add('malformed_header');
    return;
  }
  if (lines.length >= HEADERS_MAX) {
    problems.add('too_many_headers');
    return;
  }
  const value = text.slice(colon + 1).trim();
  if (open.characters > HEADER_VALUE_MAX) {
    problems.add('header_too_long');
    return;
  }
  lines.push({ name: longHeaderName(name), value, at: open.at });
}

/**
 * Reads header lines from `from` to the blank line (RFC 3261 7.3): CRLF or bare LF, folded lines joined by
 * one space, space before the colon allowed. Lines that are no header are passed over and noted.
 *
 * With `truncated`, a last line without its end is dropped: a cut Call-ID looks like a whole one.
 */
export function readHeaderLines(
  bytes: Buffer,
  from: number,
  truncated: boolean,
  problems: ProblemList,
): HeaderSection {
  const lines: HeaderLine[] = [];
  let open: OpenLine | null = null;
  let at = from;
  while (at < bytes.length) {
    const lf = bytes.indexOf(LF, at);
    if (lf < 0 && truncated) {
      // A folded continuation may have been cut as well: then the open header is not whole either.
      if (bytes[at] === SPACE || bytes[at] === TAB) open = null;
      at = bytes.length;
      break;
    }
    let end = lf < 0 ? bytes.length : lf;
    if (end > at && bytes[end - 1] === CR) end--;
    else if (lf >= 0) problems.add('bare_lf');
    if (end === at) {
      if (open !== null) closeLine(open, lines, problems);
      return { lines, bodyAt: lf < 0 ? bytes.length : lf + 1, complete: lf >= 0 };
    }
    if (hasControlBytes(bytes, at, end)) problems.add('control_bytes');
    const first = bytes[at];
    const text = decodeText(bytes, at, end);
    if (first !== SPACE && first !== TAB) {
      if (open !== null) closeLine(open, lines, problems);
      open = { parts: [text.trimEnd()], at, characters: text.length };
    } else if (open !== null) {
      open.characters += text.length;
      if (open.characters <= HEADER_VALUE_MAX) open.parts.push(text.trim());
    } else {
      problems.add('malformed_header');
    }
    at = lf < 0 ? bytes.length : lf + 1;
  }
  if (open !== null) closeLine(open, lines, problems);
  return { lines, bodyAt: bytes.length, complete: false };
}

/**
 * The value of a Content-Length header: a number, or null for anything but 1 to 9 digits (RFC 3261 20.14).
 */
export function parseContentLength(value: string): number | null {
  const text = value.trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
