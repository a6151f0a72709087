/**
 * Questions the call layer asks of a parsed message, beyond its common fields. Pure; null when the header is
 * absent or says nothing usable.
 */
import { parseSipAddress, type SipAddress } from './address.ts';
import { hasContentType, type SipMessage } from './message.ts';
import { parseDecimal, parseParameters, splitOutsideQuotes } from './text.ts';

const UINT32_MAX = 0xffff_ffff;
/** Text for people to read, kept with a record. */
const TEXT_MAX = 256;

const firstValue = (message: SipMessage, name: string): string | null =>
  message.headers.get(name)?.[0] ?? null;

const clip = (text: string): string => (text.length <= TEXT_MAX ? text : text.slice(0, TEXT_MAX));

/** A number at the start of a header value, before any parameter. */
function leadingNumber(value: string | null, max: number): number | null {
  return value === null ? null : parseDecimal(value.split(';', 1)[0]!.trim(), max);
}

/** One value of a Reason header. */
export interface SipReasonHeader {
  /** Upper case: `Q.850`, `SIP`, `FREESWITCH`, ... */
  readonly protocol: string;
  readonly cause: number | null;
  readonly text: string | null;
}

/**
 * The Reason values of a message (RFC 3326), such as `Q.850;cause=16;text="Terminated"`. Values without a
 * protocol are left out.
 */
export function parseReasonHeader(values: readonly string[]): SipReasonHeader[] {
  const reasons: SipReasonHeader[] = [];
  for (const value of values) {
    const [protocol = '', ...rest] = splitOutsideQuotes(value, ';', 16);
    if (protocol === '' || protocol.includes('=')) continue;
    const params = parseParameters(rest.join(';'));
    const text = params.get('text') ?? '';
    reasons.push({
      protocol: clip(protocol.toUpperCase()),
      cause: parseDecimal(params.get('cause') ?? '', 65_535),
      text: text === '' ? null : clip(text),
    });
  }
  return reasons;
}

/** The dialog that a Replaces names. */
export interface SipReplaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly earlyOnly: boolean;
}

/** Reads a Replaces value (RFC 3891 6.1). Null without Call-ID or without both tags. */
export function parseReplaces(value: string): SipReplaces | null {
  const end = value.indexOf(';');
  if (end <= 0) return null;
  const callId = value.slice(0, end).trim();
  const params = parseParameters(value.slice(end));
  const toTag = params.get('to-tag');
  const fromTag = params.get('from-tag');
  if (callId === '' || !toTag || !fromTag) return null;
  return { callId, toTag, fromTag, earlyOnly: params.has('early-only') };
}

/** Where a REFER points, and the dialog it wants replaced there (attended transfer). */
export interface SipReferTarget {
  readonly address: SipAddress;
  readonly replaces: SipReplaces | null;
}

function unescapeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The Refer-To of a message with the Replaces embedded in its URI (RFC 3515, RFC 3891 section 4). */
export function referTo(message: SipMessage): SipReferTarget | null {
  const value = firstValue(message, 'refer-to');
  const address = value === null ? null : parseSipAddress(value);
  if (address === null) return null;
  const question = address.uri.indexOf('?');
  const headers = question < 0 ? [] : address.uri.slice(question + 1).split('&', 64);
  const embedded = headers.find((header) => /^replaces=/i.test(header));
  const replaces =
    embedded === undefined ? null : parseReplaces(unescapeUri(embedded.slice('replaces='.length)));
  return { address, replaces };
}

/** Session-Expires: seconds, and who refreshes (RFC 4028 section 4). */
export function sessionExpires(
  message: SipMessage,
): { readonly seconds: number; readonly refresher: 'uac' | 'uas' | null } | null {
  const value = firstValue(message, 'session-expires');
  const seconds = leadingNumber(value, UINT32_MAX);
  if (value === null || seconds === null) return null;
  const semicolon = value.indexOf(';');
  const refresher =
    semicolon < 0 ? '' : (parseParameters(value.slice(semicolon)).get('refresher') ?? '').toLowerCase();
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null };
}

/** Max-Forwards, 0 to 255 (RFC 3261 20.22). */
export function maxForwards(message: SipMessage): number | null {
  return leadingNumber(firstValue(message, 'max-forwards'), 255);
}

/** User-Agent, or Server in a response, clipped to 256 characters (RFC 3261 20.41, 20.35). */
export function userAgent(message: SipMessage): string | null {
  const text = firstValue(message, 'user-agent') ?? firstValue(message, 'server');
  return text === null || text === '' ? null : clip(text);
}

/** RSeq of a reliable provisional response (RFC 3262 7.1). */
export function rseq(message: SipMessage): number | null {
  return leadingNumber(firstValue(message, 'rseq'), UINT32_MAX);
}

/** RAck of a PRACK: which response it acknowledges (RFC 3262 7.2). */
export function rack(
  message: SipMessage,
): { readonly rseq: number; readonly cseq: number; readonly method: string } | null {
  const parts = /^(\d{1,10})\s+(\d{1,10})\s+(\S{1,32})$/.exec(firstValue(message, 'rack') ?? '');
  if (parts === null) return null;
  const [, response, cseq, method] = parts;
  const numbers = [Number(response), Number(cseq)] as const;
  if (numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX) return null;
  return { rseq: numbers[0], cseq: numbers[1], method: method! };
}

function hasOption(message: SipMessage, header: string, tag: string): boolean {
  const wanted = tag.toLowerCase();
  return message.headers.get(header)?.some((value) => value.toLowerCase() === wanted) === true;
}

/** Whether Require names the option tag, such as `100rel` (RFC 3261 20.32). */
export function requires(message: SipMessage, tag: string): boolean {
  return hasOption(message, 'require', tag);
}

/** Whether Supported names the option tag (RFC 3261 20.37). */
export function supports(message: SipMessage, tag: string): boolean {
  return hasOption(message, 'supported', tag);
}

/** The Expires header in seconds (RFC 3261 20.19). */
export function expires(message: SipMessage): number | null {
  return leadingNumber(firstValue(message, 'expires'), UINT32_MAX);
}

/** The `expires` parameter of one Contact; it outranks the Expires header (RFC 3261 10.2.1.1). */
export function contactExpires(contact: SipAddress): number | null {
  return parseDecimal(contact.params.get('expires') ?? '', UINT32_MAX);
}

/** Retry-After in seconds, comment and parameters left out (RFC 3261 20.33). */
export function retryAfter(message: SipMessage): number | null {
  const parts = /^(\d{1,10})(?:[\s;(]|$)/.exec(firstValue(message, 'retry-after') ?? '');
  return parts === null || Number(parts[1]) > UINT32_MAX ? null : Number(parts[1]);
}

/** The caller as the network vouches for it: P-Asserted-Identity (RFC 3325 9.1). */
export function assertedIdentity(message: SipMessage): SipAddress | null {
  const value = firstValue(message, 'p-asserted-identity');
  return value === null ? null : parseSipAddress(value);
}

/** The event package of SUBSCRIBE, NOTIFY, PUBLISH in lower case, without parameters (RFC 6665 8.2.1). */
export function eventPackage(message: SipMessage): string | null {
  const value = (firstValue(message, 'event') ?? '').split(';', 1)[0]!.trim().toLowerCase();
  return value === '' ? null : clip(value);
}

/** The status that a NOTIFY of a transfer reports in its message/sipfrag body (RFC 3420, RFC 3515 2.4.5). */
export function sipfragStatus(message: SipMessage): number | null {
  if (message.body === null || !hasContentType(message, 'message/sipfrag')) return null;
  const head = Buffer.from(message.body.subarray(0, 32)).toString('latin1');
  const status = /^\s*SIP\/2\.0[ \t]+([1-6]\d\d)(?!\d)/i.exec(head);
  return status === null ? null : Number(status[1]);
}
