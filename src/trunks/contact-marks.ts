import { match } from '../records/pattern.ts';
import type { SipUri } from '../sip/address.ts';

/**
 * URI parameters that user agents put into the contact they register, or registrars into what they keep of it, and
 * nobody into the address of a trunk: outbound (RFC 5626), GRUU (RFC 5627), what names a line or a start of the program
 * (snom, CounterPath), the host before NAT (Asterisk).
 */
const MARKS = new Set(['ob', 'gr', 'rinstance', 'line', 'x-ast-orig-host']);
/** A client over WebSocket is reached by the connection that it made, and by nothing else (RFC 7118 5). */
const CONNECTED = new Set(['ws', 'wss']);

/**
 * Does a Request-URI show by itself that it is a contact which somebody registered? A user alone shows nothing: trunks
 * are asked for their pilot number, too. Nor does `transport=tcp`.
 */
export function isRegisteredContact(uri: string, { user, host }: SipUri): boolean {
  if (user === null || host === null) return false;
  if (/\.invalid$/i.test(host)) return true;
  const parameters = uri.slice(uri.lastIndexOf('@')).split('?', 1)[0]!.split(';').slice(1);
  return parameters.some((parameter) => {
    const [name = '', value = ''] = parameter.toLowerCase().split('=', 2);
    return MARKS.has(name.trim()) || (name.trim() === 'transport' && CONNECTED.has(value.trim()));
  });
}

/** Is a party (`scheme:user@host`) one of those that patterns of `user@host` name? */
export function isAmong(patterns: readonly string[], party: string): boolean {
  const named = party.slice(party.indexOf(':') + 1);
  return patterns.some((pattern) => match(pattern, named) !== null);
}
