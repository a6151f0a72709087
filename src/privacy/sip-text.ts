import { KEYS_TYPE, maskKeys } from './pressed-keys.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { maskSdp } from './sdp-text.ts';
import { maskText } from './text.ts';

/** What could not be masked safely, and was blanked. */
export interface Blanked {
  bodies: number;
}

/** Short forms of header names (RFC 3261 7.3.3 and others). */
const LONG_NAMES: Readonly<Record<string, string>> = {
  f: 'from',
  t: 'to',
  m: 'contact',
  c: 'content-type',
  l: 'content-length',
  e: 'content-encoding',
  o: 'event',
  u: 'allow-events',
  k: 'supported',
  x: 'session-expires',
  r: 'refer-to',
  b: 'referred-by',
};

/** Figures of the protocol are not looked at. */
const NO_DIGITS = Number.POSITIVE_INFINITY;
const NUMBER = /^\d{1,10}$/;

/** Values that are kept when they look as they should. */
const KEPT: Readonly<Record<string, RegExp>> = {
  cseq: /^\d{1,10}\s+[A-Z]{2,12}$/,
  'max-forwards': NUMBER,
  'content-length': NUMBER,
  expires: NUMBER,
  'min-expires': NUMBER,
  'min-se': /^\d{1,10}(?:;\w+)?$/,
  'session-expires': /^\d{1,10}(?:\s*;\s*refresher=(?:uac|uas))?$/i,
  rseq: NUMBER,
  rack: /^\d{1,10}\s+\d{1,10}\s+[A-Z]{2,12}$/,
  timestamp: /^[\d.]{1,20}(?:\s+[\d.]{1,12})?$/,
  'retry-after': /^\d{1,10}(?:;duration=\d{1,10})?$/,
  'mime-version': /^\d\.\d$/,
  date: /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  allow: /^[A-Z]{2,12}(?:\s*,\s*[A-Z]{2,12})*$/,
  'content-type': /^[a-z]{1,16}\/[A-Za-z0-9.+-]{1,64}(?:\s*;\s*charset="?[A-Za-z0-9-]{1,16}"?)?$/i,
  'subscription-state': /^[a-z]{1,16}(?:;(?:expires|retry-after)=\d{1,10}|;reason=[a-z]{1,16})*$/,
};

/** Headers of the program, and not of who uses it. */
const AGENTS = new Set(['user-agent', 'server']);

/** Headers whose values name a party: what is in quotes, or before the `<`, is a name whatever it reads like. */
export const PARTIES: ReadonlySet<string> = new Set([
  ...['from', 'to', 'contact', 'refer-to', 'referred-by', 'reply-to', 'remote-party-id', 'diversion'],
  ...['p-asserted-identity', 'p-preferred-identity', 'p-called-party-id', 'p-associated-uri', 'history-info'],
  ...['call-info', 'alert-info', 'error-info', 'subject', 'organization', 's'],
]);

/** A SIP message, one character an octet, masked; as long as it was. */
export function maskSip(names: Pseudonyms, text: string, blanked: Blanked): string {
  const blank = /\r?\n\r?\n/.exec(text);
  const headEnd = blank === null ? text.length : blank.index + blank[0].length;
  const head = maskHead(names, text.slice(0, headEnd));
  if (headEnd === text.length) return head.text;
  return head.text + maskBody(names, text.slice(headEnd), head.contentType, blanked);
}

function maskHead(names: Pseudonyms, text: string): { text: string; contentType: string } {
  let name = '';
  let contentType = '';
  let isFirst = true;
  const lines = text.replace(/[^\r\n]+/g, (line) => {
    if (isFirst) {
      isFirst = false;
      return maskStartLine(names, line);
    }
    // A folded line goes on with the header before it.
    if (/^[ \t]/.test(line)) return maskValue(names, name, line);
    const colon = line.indexOf(':');
    if (colon < 0) return maskText(names, line, 'wire');
    const written = line.slice(0, colon);
    const lower = written.trim().toLowerCase();
    name = LONG_NAMES[lower] ?? lower;
    const value = line.slice(colon + 1);
    if (name === 'content-type') contentType = value.trim();
    return `${maskText(names, written, 'wire')}:${maskValue(names, name, value)}`;
  });
  return { text: lines, contentType };
}

function maskStartLine(names: Pseudonyms, line: string): string {
  const status = /^SIP\/2\.0 \d{3}/.exec(line)?.[0];
  if (status !== undefined) return status + maskText(names, line.slice(status.length), 'wire');
  const request = /^([A-Z]{2,20}) (.*) (SIP\/2\.0)$/.exec(line);
  if (request === null) return maskText(names, line, 'wire');
  return `${names.known(request[1]!, NO_DIGITS)} ${maskText(names, request[2]!, 'wire')} ${request[3]}`;
}

/**
 * The value of a header.
 *
 * @param name its long name, in lower case
 */
export function maskValue(names: Pseudonyms, name: string, value: string): string {
  if (Object.hasOwn(KEPT, name) && KEPT[name]!.test(value.trim())) return names.known(value, NO_DIGITS);
  if (AGENTS.has(name)) return agentText(names, value);
  if (name === 'reason' || name === 'warning') return reasonText(names, value);
  return PARTIES.has(name) ? partyText(names, value) : maskText(names, value, 'wire');
}

/** What programs call themselves: serial numbers and hardware addresses in it tell whose they are. */
export function agentText(names: Pseudonyms, text: string): string {
  return names
    .known(text, 4)
    .replace(/\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b/g, (mac) => maskText(names, mac, 'names'))
    .replace(/[A-Za-z0-9\x80-\xff]+/g, (word) => {
      return /^\d{5,}$/.test(word) || /^(?=.*\d)[0-9A-Fa-f]{8,}$/.test(word)
        ? names.word(word, 'names')
        : word;
    })
    .replace(/\S+@\S+|\d{1,3}(?:\.\d{1,3}){3}/g, (found) => maskText(names, found, 'wire'));
}

/** Codes stay, texts are masked. */
function reasonText(names: Pseudonyms, value: string): string {
  const code = /^\s*\d{3}(?= )/.exec(value)?.[0] ?? '';
  return code + maskText(names, value.slice(code.length), 'wire');
}

/** A value with names of people in it. */
export function partyText(names: Pseudonyms, value: string): string {
  let out = '';
  // Quoted names, unquoted ones before an address, and the rest.
  const pieces = /"(?:[^"\\]|\\.)*"|[^"<>,;]+(?=<)|[^"<>]+|[\s\S]/g;
  let inside = false;
  for (const [piece] of value.matchAll(pieces)) {
    if (piece === '<') inside = true;
    else if (piece === '>') inside = false;
    const isName = !inside && (piece.startsWith('"') || value[out.length + piece.length] === '<');
    out += maskText(names, piece, isName ? 'names' : 'wire');
  }
  return out;
}

const TEXTS =
  /^(?:text\/|message\/sipfrag|multipart\/|application\/(?:[a-z0-9.-]+\+)?(?:xml|json)\b|application\/simple-message-summary|application\/vq-rtcpxr|application\/media_control)/i;
function maskBody(names: Pseudonyms, body: string, contentType: string, blanked: Blanked): string {
  if (/^application\/sdp\b/i.test(contentType)) return maskSdp(names, body);
  if (KEYS_TYPE.test(contentType)) return body.replace(/[^\r\n]+/g, maskKeys);
  if (/^multipart\//i.test(contentType)) return maskParts(names, body, blanked);
  if (TEXTS.test(contentType)) return maskText(names, body, 'names');
  if (/^[\r\n]*$/.test(body)) return body;
  blanked.bodies++;
  return 'x'.repeat(body.length);
}

/** Parts of a body, each by its own type. The boundary is masked like any other word, in the header as here. */
function maskParts(names: Pseudonyms, body: string, blanked: Blanked): string {
  const pieces = body.split(/(^--[^\r\n]*(?:\r?\n|$))/m);
  return pieces
    .map((piece, i) => {
      if (i % 2 === 1) return maskText(names, piece, 'wire');
      const blank = /^\r?\n|\r?\n\r?\n/.exec(piece);
      if (blank === null) return maskText(names, piece, 'names');
      const end = blank.index + blank[0].length;
      const type = /^content-type\s*:\s*([^\r\n]*)/im.exec(piece.slice(0, end))?.[1] ?? 'text/plain';
      const head = piece.slice(0, end).replace(/[^\r\n]+/g, (line) => maskPartHeader(names, line));
      return head + maskBody(names, piece.slice(end), type.trim(), blanked);
    })
    .join('');
}

function maskPartHeader(names: Pseudonyms, line: string): string {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
  if (colon < 0) return maskText(names, line, 'wire');
  return `${maskText(names, line.slice(0, colon), 'wire')}:${maskValue(names, name, line.slice(colon + 1))}`;
}
