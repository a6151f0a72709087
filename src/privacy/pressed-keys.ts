import { placesOf } from './frame-places.ts';
import { amendChecksum, latin1, putLatin1, wordSum } from './octets.ts';

/** No message with a body is shorter. */
const MESSAGE_LEAST = 120;
/** Bodies that tell which keys were pressed: INFO (RFC 6086 and the practice before it) and KPML (RFC 4730). */
export const KEYS_TYPE = /dtmf|digits|kpml|audio\/telephone-event/i;
const TYPE_HEADER = /^(?:content-type|c)[ \t]*:[ \t]*([^\r\n]*)/gim;
const LENGTH_HEADER = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})/im;
/** The line of a body whose headers are in the segment before. */
const KEY_LINE = /^Signal[ \t]*=[^\r\n]*/gim;

const TCP = 6;
const UDP = 17;

/** A line about keys that were pressed: which ones is nobody's business, how long is. */
export function maskKeys(line: string): string {
  if (/^Duration ?= ?\d{1,6}$/i.test(line)) return line;
  // Of a document the values: it stays one.
  if (line.includes('<')) return line.replace(/"[^"]*"/g, (value) => value.replace(/[^"\s]/g, 'x'));
  const value = line.indexOf('=') + 1;
  return line.slice(0, value) + line.slice(value).replace(/\S/g, 'x');
}

/** Any text with SIP messages in it, or pieces of them, without the keys that they tell; as long as it was. */
export function withoutKeys(text: string): string {
  if (!KEYS_TYPE.test(text) && text.search(KEY_LINE) < 0) return text;
  let masked = text;
  for (const type of text.matchAll(TYPE_HEADER)) {
    if (!KEYS_TYPE.test(type[1]!)) continue;
    const blank = text.slice(type.index).search(/\r?\n\r?\n/);
    if (blank < 0) continue;
    const start = type.index + blank + (text[type.index + blank] === '\r' ? 4 : 2);
    const end = endOfBody(text, type.index, start);
    const body = text.slice(start, end).replace(/[^\r\n]+/g, maskKeys);
    masked = masked.slice(0, start) + body + masked.slice(end);
  }
  return masked.replace(KEY_LINE, maskKeys);
}

/** One past a body that begins at `start`, by the length in its head, the next part, or the end of all. */
function endOfBody(text: string, typeAt: number, start: number): number {
  const headStart = Math.max(text.lastIndexOf('\n\r\n', typeAt), text.lastIndexOf('\n\n', typeAt), 0);
  const length = LENGTH_HEADER.exec(text.slice(headStart, start))?.[1];
  if (length !== undefined) return Math.min(text.length, start + Number(length));
  const next = text.slice(start).search(/^--/m);
  return next < 0 ? text.length : start + next;
}

/**
 * Masks the keys that were pressed in a frame with SIP, in place; checksums are amended. They are PINs often enough, and
 * of no use in a capture.
 */
export function maskPressedKeys(bytes: Uint8Array, start: number, octets: number, linkType: number): void {
  if (octets < MESSAGE_LEAST) return;
  const text = latin1(bytes, start, start + octets);
  const masked = withoutKeys(text);
  if (masked === text) return;
  const frame = bytes.subarray(start, start + octets);
  const places = placesOf(frame, octets, linkType);
  const transport = places === null || places.isFragment ? octets : places.transport;
  const before = wordSum(frame, transport, octets);
  putLatin1(frame, 0, masked);
  const at = transport + (places?.protocol === TCP ? 16 : 6);
  if (at + 2 > octets || (places?.protocol !== TCP && places?.protocol !== UDP)) return;
  // Zero means that there is none.
  if (places.protocol === UDP && frame[at] === 0 && frame[at + 1] === 0) return;
  amendChecksum(frame, at, before, wordSum(frame, transport, octets));
}
