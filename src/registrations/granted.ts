import { contactExpires, expires } from '../sip/accessors.ts';
import type { SipMessage } from '../sip/message.ts';
import { contactKey } from '../sip/party.ts';
import type { WantedContact } from './attempt.ts';

/** What a registrar grants when it says nothing (RFC 3261 10.2.1.1), seconds. */
const DEFAULT_EXPIRES_S = 3600;

/**
 * For how long the response to a REGISTER registers a contact, seconds: what it lists for that contact, else its
 * Expires, else what was asked for (RFC 3261 10.3).
 */
export function grantedExpires(response: SipMessage, wanted: WantedContact): number {
  const listed = response.contact.find((contact) => contactKey(contact) === wanted.key);
  if (listed === undefined && wanted.expiresS === 0) return 0;
  return (
    (listed === undefined ? null : contactExpires(listed)) ??
    expires(response) ??
    wanted.expiresS ??
    DEFAULT_EXPIRES_S
  );
}
