/** Users of SIP, SIPS and TEL addresses, up to what follows them. */
const USER = /\b(sips?:|tel:)([^\s@<>;?"',]+)/gi;
/** Characters at the end that stay: enough to tell two calls apart. */
const LEFT = 3;
/** Numbers on their own, as in a display name; without the sign they might be counts. */
const NUMBER = /\+\d{6,15}\b/g;

/** A text without the numbers and names of users: `sip:+4930123456@example.com` is `sip:…456@example.com`. */
export function withoutNumbers(text: string): string {
  return text
    .replace(USER, (_, scheme: string, user: string, at: number) => {
      const isHostOnly = scheme.toLowerCase() !== 'tel:' && text[at + scheme.length + user.length] !== '@';
      return isHostOnly ? scheme + user : `${scheme}${shortened(user)}`;
    })
    .replace(NUMBER, shortened);
}

function shortened(user: string): string {
  return user.length <= LEFT ? '…' : `…${user.slice(-LEFT)}`;
}

/** The same of every text in a record. Keys, and what identifies calls and streams, stay. */
export function recordWithoutNumbers<T>(record: T): T {
  return redacted(record, null) as T;
}

/** Identifiers are no numbers of people; without them records could not be put together. */
const KEPT = new Set(['callId', 'id', 'streamId', 'streams', 'legs', 'ssrc', 'time', 'startTime', 'endTime']);

function redacted(value: unknown, key: string | null): unknown {
  if (typeof value === 'string') return key !== null && KEPT.has(key) ? value : withoutNumbers(value);
  if (Array.isArray(value)) return value.map((each) => redacted(each, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redacted(each, name)]));
}
