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

/** The Q.850 cause of a hang-up: of a Reason header, else of the headers of Asterisk and Cisco that carry it. */
export function hangupCause(message: SipMessage, reasons: readonly SipReasonHeader[]): number | null {
  const reason = reasons.find(({ protocol }) => protocol === 'Q.850');
  if (reason !== undefined) return reason.cause;
  const vendor = firstValue(message, 'x-asterisk-hangupcausecode');
  return vendor === null ? null : parseDecimal(vendor, 127);
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

/** The dialog that an INVITE takes over (RFC 3891). */
export function replacesOf(message: SipMessage): SipReplaces | null {
  const value = firstValue(message, 'replaces');
  return value === null ? null : parseReplaces(value);
}

/** Whether a REFER asks for no NOTIFYs (RFC 4488), or a NOTIFY is the last one (RFC 6665 8.2.3). */
export function endsSubscription(message: SipMessage): boolean {
  if (message.method === 'REFER') return firstValue(message, 'refer-sub')?.toLowerCase() === 'false';
  return firstValue(message, 'subscription-state')?.toLowerCase().startsWith('terminated') === true;
}

/** The `id` of an Event header: the CSeq of the REFER that a NOTIFY is about (RFC 3515 2.4.6). */
export function eventId(message: SipMessage): number | null {
  const value = firstValue(message, 'event') ?? '';
  const semicolon = value.indexOf(';');
  return semicolon < 0
    ? null
    : parseDecimal(parseParameters(value.slice(semicolon)).get('id') ?? '', UINT32_MAX);
}

/** One who diverted the call: the address, and why where it says so. */
export interface SipDiversion {
  readonly address: SipAddress;
  readonly reason: string | null;
}

/** Who diverted a call on its way, newest first, at most `limit` (RFC 5806 Diversion). */
export function diversions(message: SipMessage, limit: number): SipDiversion[] {
  const found: SipDiversion[] = [];
  for (const value of message.headers.get('diversion')?.slice(0, limit) ?? []) {
    const address = parseSipAddress(value);
    if (address !== null) found.push({ address, reason: textOrNull(address.params.get('reason')) });
  }
  return found;
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : clip(text);
}

/**
 * The targets that a call was retargeted away from (RFC 7044 History-Info): all entries but the last, which is where
 * the request goes now; newest first, at most `limit`.
 */
export function historyTargets(message: SipMessage, limit: number): SipAddress[] {
  const entries = message.headers.get('history-info') ?? [];
  return entries
    .slice(0, -1)
    .slice(-limit)
    .reverse()
    .map(parseSipAddress)
    .filter((address) => address !== null);
}

/** The text of a Warning header (RFC 3261 20.43), clipped. */
export function warningText(message: SipMessage): string | null {
  return textOrNull(message.headers.get('warning')?.[0]);
}

/** The two halves of a Session-ID (RFC 7989 5): local and remote, lower case; the nil half is left out. */
export function sessionIds(message: SipMessage): string[] {
  const value = firstValue(message, 'session-id');
  if (value === null) return [];
  const [local = '', ...rest] = value.split(';', 8);
  const remote = parseParameters(rest.join(';')).get('remote') ?? '';
  return [local.trim(), remote]
    .map((id) => id.toLowerCase())
    .filter((id) => /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id));
}

/** Whether a request answers a challenge: it carries credentials (RFC 3261 22). */
export function hasCredentials(message: SipMessage): boolean {
  return message.headers.has('authorization') || message.headers.has('proxy-authorization');
}

/** Whether a challenge only says that the nonce was too old, not that the password was wrong (RFC 7616 3.3). */
export function isStaleChallenge(message: SipMessage): boolean {
  const challenge = firstValue(message, 'www-authenticate') ?? firstValue(message, 'proxy-authenticate');
  return challenge !== null && /\bstale\s*=\s*"?true/i.test(challenge);
}

/** Whether the message says where its sender is (RFC 6442 Geolocation, or a PIDF-LO body). Not where. */
export function tellsLocation(message: SipMessage): boolean {
  if (message.headers.has('geolocation') || message.headers.has('p-access-network-info')) return true;
  return (
    message.contentType !== null &&
    /pidf\+xml|multipart\//i.test(message.contentType) &&
    holdsLocation(message)
  );
}

function holdsLocation({ body }: SipMessage): boolean {
  return body !== null && Buffer.from(body.buffer, body.byteOffset, body.length).includes('pidf+xml');
}

const SOS = /^urn:service:sos(?:$|[.;])/i;

/**
 * The emergency service that a URI calls: one of `numbers`, dialled as such or behind a prefix for an outside line
 * (`0`, `9`), or an emergency URN (RFC 5031). Null for any other URI.
 */
export function emergencyService(
  uri: string,
  user: string | null,
  numbers: readonly string[],
): string | null {
  if (SOS.test(uri)) return clip(uri.toLowerCase());
  if (user === null) return null;
  const digits = user.replace(/[-. ()]/g, '');
  return (
    numbers.find((number) => digits === number || digits === `0${number}` || digits === `9${number}`) ?? null
  );
}
