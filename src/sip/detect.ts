/**
 * Is this payload SIP? Asked of every UDP datagram and TCP segment, so nothing here allocates.
 *
 * What decides is the first line: HTTP, RTSP and SSDP look alike until its last word.
 */

/** How far the end of the first line is looked for. */
const FIRST_LINE_MAX = 2048;
/** The longest method accepted; the longest registered one has 9 letters. */
const METHOD_MAX = 32;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** RFC 3261 25.1 `token` alphabet, one flag per byte value. */
const TOKEN = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~") {
  TOKEN[character.charCodeAt(0)] = 1;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const STATUS_PREFIX = ascii('SIP/2.0 ');
const VERSION_SUFFIX = ascii(' SIP/2.0');
const SCHEMES = ['sip:', 'sips:', 'tel:', 'urn:'].map(ascii);
const KNOWN_METHODS = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'OPTIONS',
  'INFO',
  'PRACK',
  'UPDATE',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'MESSAGE',
  'PUBLISH',
].map(ascii);

function startsWith(bytes: Uint8Array, at: number, end: number, wanted: Uint8Array): boolean {
  if (end - at < wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

/** A status code of three digits, 1xx to 6xx, as far as it was captured. */
function isStatusCode(bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = 0; i < 3 && at + i < end; i++) {
    const digit = bytes[at + i]! - 0x30;
    if (digit < (i === 0 ? 1 : 0) || digit > (i === 0 ? 6 : 9)) return false;
  }
  return at < end;
}

function isKnownMethod(bytes: Uint8Array, start: number, methodEnd: number): boolean {
  for (const method of KNOWN_METHODS) {
    if (method.length === methodEnd - start && startsWith(bytes, start, methodEnd, method)) return true;
  }
  return false;
}

/** A known method, then a scheme that only SIP uses: all a cut first line can show. */
function isKnownRequest(bytes: Uint8Array, start: number, methodEnd: number, end: number): boolean {
  if (!isKnownMethod(bytes, start, methodEnd)) return false;
  for (const scheme of SCHEMES) if (startsWith(bytes, methodEnd + 1, end, scheme)) return true;
  return false;
}

/**
 * Whether `length` bytes at `offset` begin with a SIP start line (RFC 3261 7.1, 7.2).
 *
 * A request needs a method of token characters and ` SIP/2.0` at the end of the line, which excludes HTTP,
 * RTSP and SSDP; when the line is cut (snap length) or longer than 2 KiB, only a registered method followed
 * by a SIP, tel or urn URI counts. Never throws; a range outside `bytes` is no SIP.
 */
export function looksLikeSip(bytes: Uint8Array, offset: number, length: number): boolean {
  const available = Math.min(offset + length, bytes.length);
  if (offset < 0 || available - offset < 9) return false;
  if (startsWith(bytes, offset, available, STATUS_PREFIX)) return isStatusCode(bytes, offset + 8, available);

  const methodLimit = Math.min(available, offset + METHOD_MAX + 1);
  let methodEnd = offset;
  while (methodEnd < methodLimit && TOKEN[bytes[methodEnd]!] === 1) methodEnd++;
  if (methodEnd === offset || methodEnd >= methodLimit || bytes[methodEnd] !== SPACE) return false;

  const scanLimit = Math.min(available, offset + FIRST_LINE_MAX);
  let lineEnd = methodEnd + 1;
  while (lineEnd < scanLimit) {
    const byte = bytes[lineEnd]!;
    if (byte === CR || byte === LF) break;
    if (byte < SPACE && byte !== TAB) return false;
    lineEnd++;
  }
  let textEnd = lineEnd;
  while (textEnd > methodEnd && (bytes[textEnd - 1] === SPACE || bytes[textEnd - 1] === TAB)) textEnd--;
  const suffixAt = textEnd - VERSION_SUFFIX.length;
  if (suffixAt > methodEnd + 1 && startsWith(bytes, suffixAt, textEnd, VERSION_SUFFIX)) return true;
  return lineEnd === scanLimit && isKnownRequest(bytes, offset, methodEnd, available);
}

/**
 * Whether what `looksLikeSip` accepted begins with a status line or a registered method. Where the bytes
 * before are missing, `VITE sip:...` would be accepted too.
 */
export function hasKnownStart(bytes: Uint8Array, offset: number, length: number): boolean {
  const end = Math.min(offset + length, bytes.length);
  if (startsWith(bytes, offset, end, STATUS_PREFIX)) return true;
  let methodEnd = offset;
  while (methodEnd < end && TOKEN[bytes[methodEnd]!] === 1) methodEnd++;
  return isKnownMethod(bytes, offset, methodEnd);
}

/**
 * Whether a whole payload is a keep-alive of a SIP peer: CRLF or CRLFCRLF (RFC 5626 4.4.1), one zero byte,
 * or the `jaK` that some user agents send.
 */
export function isSipKeepAlive(bytes: Uint8Array, offset: number, length: number): boolean {
  if (offset < 0 || offset + length > bytes.length) return false;
  if (length === 1) return bytes[offset] === 0;
  if (length === 3) {
    return bytes[offset] === 0x6a && bytes[offset + 1] === 0x61 && bytes[offset + 2] === 0x4b;
  }
  if (length !== 2 && length !== 4) return false;
  for (let i = 0; i < length; i += 2) {
    if (bytes[offset + i] !== CR || bytes[offset + i + 1] !== LF) return false;
  }
  return true;
}
