/**
 * One SIP message as an observer needs it (RFC 3261 section 7): identifiers exact, everything else as far as
 * it can be read. A user agent may reject a bad message; a probe has to say what was on the wire.
 */
import { parseSipAddress, type SipAddress } from './address.ts';
import { findSdp, mediaType } from './body.ts';
import { type HeaderSection, parseContentLength, readHeaderLines } from './header-lines.ts';
import { isListHeader, isSingleHeader } from './header-names.ts';
import { HEADER_VALUES_MAX, IDENTIFIER_MAX, MESSAGE_BYTES_MAX } from './limits.ts';
import { ProblemList, type SipProblem, type SipReason } from './problems.ts';
import { parseStartLine, type StartLine } from './start-line.ts';
import { bufferOver, decodeText, splitOutsideQuotes } from './text.ts';
import { parseVia, type SipVia } from './via.ts';

/** A message that could be read. */
export interface SipMessage {
  readonly kind: 'request' | 'response';
  /** Of a response: the method of its CSeq. */
  readonly method: string;
  readonly requestUri: string | null;
  readonly status: number | null;
  /** `''` when the status line has none. */
  readonly reasonPhrase: string | null;
  readonly callId: string;
  readonly cseq: number;
  readonly from: SipAddress | null;
  readonly to: SipAddress | null;
  /** Topmost first. */
  readonly via: readonly SipVia[];
  readonly contact: readonly SipAddress[];
  /** Values by lower-case long name, in order; comma lists split. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** As written, with parameters. */
  readonly contentType: string | null;
  /** A copy; null when there is none. */
  readonly body: Uint8Array | null;
  /** From application/sdp, or from the SDP part of a multipart. */
  readonly sdp: string | null;
  /** Fewer body bytes than announced, or than the sender sent. */
  readonly bodyTruncated: boolean;
  readonly problems: readonly SipProblem[];
}

/** A message, or why there is none and at which byte of the message that showed. */
export type SipParseResult =
  | { readonly ok: true; readonly message: SipMessage }
  | { readonly ok: false; readonly reason: SipReason; readonly at: number };

/** What the caller knows of the bytes. */
export interface SipParseOptions {
  /** The capture cut the packet short (snap length). */
  readonly truncated?: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const CSEQ = /^(\d{1,15})(?:\s+([A-Za-z0-9\-.!%*_+`'~]{1,32}))?$/;
const CSEQ_MAX = 0xffff_ffff;

const failure = (reason: SipReason, at: number): SipParseResult => ({ ok: false, reason, at });

/** Headers by name; and where each name first stood, for error offsets. */
function groupHeaders(section: HeaderSection, problems: ProblemList): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const { name, value } of section.lines) {
    const values = headers.get(name);
    if (values !== undefined && isSingleHeader(name)) {
      problems.add('duplicate_header');
      if (values[0] !== value) problems.add('duplicate_header_differs');
    }
    const list = values ?? [];
    if (values === undefined) headers.set(name, list);
    if (isListHeader(name)) {
      addAll(list, value, problems);
    } else {
      list.push(value);
    }
  }
  return headers;
}

/** Adds the values of a comma list. Most have one, which is taken as it stands. */
function addAll(list: string[], value: string, problems: ProblemList): void {
  const room = HEADER_VALUES_MAX - list.length;
  // One more than fits, so that a list that just fits is not reported.
  const single = value !== '' && room > 0 && !value.includes(',');
  const added = single ? [value] : splitOutsideQuotes(value, ',', room + 1);
  if (added.length > room) problems.add('too_many_headers');
  for (let i = 0; i < added.length && i < room; i++) list.push(added[i]!);
}

/** What identifies a message, or the reason it cannot be identified. */
type Identity = { readonly callId: string; readonly cseq: number; readonly method: string };

function identify(
  start: StartLine,
  headers: ReadonlyMap<string, readonly string[]>,
  problems: ProblemList,
): Identity | SipReason {
  const callId = headers.get('call-id')?.[0] ?? '';
  if (callId === '') return 'no_call_id';
  if (callId.length > IDENTIFIER_MAX) return 'call_id_too_long';
  const text = headers.get('cseq')?.[0];
  if (text === undefined) return 'no_cseq';
  const parts = CSEQ.exec(text);
  const cseq = parts === null ? Number.NaN : Number(parts[1]);
  if (!(cseq <= CSEQ_MAX)) return 'bad_cseq';
  if (cseq > 0x7fff_ffff) problems.add('cseq_out_of_range');
  const method = parts![2];
  if (start.kind === 'response') return method === undefined ? 'bad_cseq' : { callId, cseq, method };
  if (method === undefined) problems.add('cseq_method_missing');
  else if (method !== start.method) problems.add('cseq_method_mismatch');
  return { callId, cseq, method: start.method };
}

function readAddress(
  headers: ReadonlyMap<string, readonly string[]>,
  name: 'from' | 'to',
  problems: ProblemList,
): SipAddress | null {
  const value = headers.get(name)?.[0];
  if (value === undefined) {
    problems.add(name === 'from' ? 'no_from' : 'no_to');
    return null;
  }
  const address = parseSipAddress(value);
  if (address === null || !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(address.uri)) {
    problems.add(name === 'from' ? 'bad_from' : 'bad_to');
  }
  return address;
}

/** The values that could be read; the others are noted. */
function readAll<T>(
  values: readonly string[] | undefined,
  parse: (value: string) => T | null,
  problems: ProblemList,
  bad: SipProblem,
): T[] {
  const all: T[] = [];
  for (const value of values ?? []) {
    const parsed = parse(value);
    if (parsed === null) problems.add(bad);
    else all.push(parsed);
  }
  return all;
}

/** Where the body ends, judged by Content-Length as a datagram receiver does (RFC 3261 18.3). */
function bodyEnd(
  headers: ReadonlyMap<string, readonly string[]>,
  available: number,
  truncated: boolean,
  problems: ProblemList,
): { length: number; truncated: boolean } {
  const value = headers.get('content-length')?.[0];
  if (value === undefined) return { length: available, truncated };
  const announced = parseContentLength(value);
  if (announced === null) {
    problems.add('content_length_invalid');
    return { length: available, truncated };
  }
  if (announced > available) {
    if (!truncated) problems.add('content_length_large');
    return { length: available, truncated: true };
  }
  if (announced < available) problems.add('content_length_small');
  return { length: announced, truncated: false };
}

/** Passes over empty lines before the start line, which RFC 3261 7.5 tells receivers to ignore. */
function skipEmptyLines(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) at++;
  return at;
}

/** The start line and where it ends, or why there is none. */
function readStartLine(
  bytes: Buffer,
  at: number,
  truncated: boolean,
  problems: ProblemList,
): { start: StartLine; next: number } | SipReason {
  const lf = bytes.indexOf(LF, at);
  let end = lf < 0 ? bytes.length : lf;
  if (end > at && bytes[end - 1] === CR) end--;
  const start = parseStartLine(decodeText(bytes, at, end), problems);
  if (lf < 0 && truncated) return 'truncated';
  return typeof start === 'string' ? start : { start, next: lf < 0 ? bytes.length : lf + 1 };
}

/**
 * Parses the SIP message in `length` bytes at `offset`; the whole range belongs to it, as with a datagram or
 * a message that `SipFramer` cut out. Never throws, keeps no reference to `bytes`, and takes time linear in
 * `length`.
 *
 * @returns the message with its `problems`, or the reason nothing can be said about it: no start line, no
 *   Call-ID or CSeq, or above 64 KiB. `at` counts from `offset`.
 */
export function parseSipMessage(
  bytes: Uint8Array,
  offset: number,
  length: number,
  options: SipParseOptions = {},
): SipParseResult {
  const message = bufferOver(bytes, offset, length);
  const truncated = options.truncated === true;
  if (message.length > MESSAGE_BYTES_MAX) return failure('too_long', MESSAGE_BYTES_MAX);
  const problems = new ProblemList();
  const startAt = skipEmptyLines(message);
  if (startAt === message.length) return failure(truncated ? 'truncated' : 'empty', startAt);
  if (startAt > 0) problems.add('start_line_leading_lines');

  const first = readStartLine(message, startAt, truncated, problems);
  if (typeof first === 'string') return failure(first, startAt);
  const { start, next } = first;

  const section = readHeaderLines(message, next, truncated, problems);
  if (!section.complete && !truncated) problems.add('no_blank_line');
  const headers = groupHeaders(section, problems);
  const identity = identify(start, headers, problems);
  if (typeof identity === 'string') {
    const missing = identity === 'no_call_id' || identity === 'no_cseq';
    if (missing && truncated && !section.complete) return failure('truncated', message.length);
    const name = identity === 'bad_cseq' ? 'cseq' : 'call-id';
    return failure(identity, section.lines.find((line) => line.name === name)?.at ?? section.bodyAt);
  }
  return {
    ok: true,
    message: assemble(message, start, identity, headers, section, truncated, problems),
  };
}

function assemble(
  bytes: Buffer,
  start: StartLine,
  identity: Identity,
  headers: ReadonlyMap<string, readonly string[]>,
  section: HeaderSection,
  truncated: boolean,
  problems: ProblemList,
): SipMessage {
  const from = readAddress(headers, 'from', problems);
  const to = readAddress(headers, 'to', problems);
  const via = readAll(headers.get('via'), parseVia, problems, 'bad_via');
  if (!headers.has('via')) problems.add('no_via');
  const contact = readAll(headers.get('contact'), parseSipAddress, problems, 'bad_contact');
  const end = bodyEnd(headers, bytes.length - section.bodyAt, truncated, problems);
  const body = bytes.subarray(section.bodyAt, section.bodyAt + end.length);
  const contentType = headers.get('content-type')?.[0] ?? null;
  const description = {
    contentType,
    encoding: headers.get('content-encoding')?.[0] ?? null,
    disposition: headers.get('content-disposition')?.[0] ?? null,
  };
  const sdp = body.length === 0 ? null : findSdp(body, description, problems);
  return {
    kind: start.kind,
    method: identity.method,
    requestUri: start.kind === 'request' ? start.uri : null,
    status: start.kind === 'response' ? start.status : null,
    reasonPhrase: start.kind === 'response' ? start.reasonPhrase : null,
    callId: identity.callId,
    cseq: identity.cseq,
    from,
    to,
    via,
    contact,
    headers,
    contentType,
    // A new array, not a view: the captured bytes are overwritten by the next batch.
    body: body.length === 0 ? null : new Uint8Array(body),
    sdp,
    bodyTruncated: end.truncated,
    problems: problems.toArray(),
  };
}

/** Whether the message's own Content-Type is `type/subtype` (lower case, no parameters). */
export function hasContentType(message: SipMessage, type: string): boolean {
  return message.contentType !== null && mediaType(message.contentType) === type;
}
