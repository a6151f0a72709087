/**
 * What is known of header names: their short forms, which are lists, and which may stand only once.
 */

/** Compact forms: RFC 3261 7.3.3 and the IANA SIP header registry. */
const COMPACT_FORMS: ReadonlyMap<string, string> = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['d', 'request-disposition'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['j', 'reject-contact'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['n', 'identity-info'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
  ['y', 'identity'],
]);

/**
 * Headers whose value is a comma list. The rest is never split: dates, subjects and challenges have commas
 * of their own.
 */
const LISTS: ReadonlySet<string> = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'history-info',
  'in-reply-to',
  'p-asserted-identity',
  'p-preferred-identity',
  'path',
  'proxy-require',
  'reason',
  'record-route',
  'reject-contact',
  'require',
  'route',
  'service-route',
  'supported',
  'unsupported',
  'via',
  'warning',
]);

/** Headers a second copy of which is an error, of those that decide how a message is understood. */
const SINGLES: ReadonlySet<string> = new Set([
  'call-id',
  'content-length',
  'content-type',
  'cseq',
  'from',
  'max-forwards',
  'rack',
  'refer-to',
  'replaces',
  'rseq',
  'session-expires',
  'to',
]);

/** The lower-case long name of a header as written on the wire. */
export function longHeaderName(name: string): string {
  const lower = name.toLowerCase();
  return lower.length === 1 ? (COMPACT_FORMS.get(lower) ?? lower) : lower;
}

/** Whether the header's value is a comma-separated list (RFC 3261 7.3.1). */
export function isListHeader(longName: string): boolean {
  return LISTS.has(longName);
}

/** Whether the header may stand only once, and matters enough to say so. */
export function isSingleHeader(longName: string): boolean {
  return SINGLES.has(longName);
}
