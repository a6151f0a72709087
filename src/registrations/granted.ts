import { contactExpires, expires } from '../sip/accessors.ts';
import type { SipAddress } from '../sip/address.ts';
import type { SipMessage } from '../sip/message.ts';
import { contactKey } from '../sip/party.ts';
import type { WantedContact } from './attempt.ts';
import { bindingKey, flowOf } from './contact-key.ts';

/** What a registrar grants when it says nothing (RFC 3261 10.2.1.1), seconds. */
const DEFAULT_EXPIRES_S = 3600;

function flowKey(contact: SipAddress, { flow }: WantedContact): string {
  return flow === null ? contactKey(contact) : `${contactKey(contact)};${flow}`;
}

/**
 * For how long the response to a REGISTER registers a contact, seconds: what it lists for that contact, else its
 * Expires, else what was asked for (RFC 3261 10.3).
 */
export function grantedExpires(response: SipMessage, wanted: WantedContact): number {
  const listed =
    response.contact.find((contact) => bindingKey(contact) === wanted.key) ??
    // Registrars may leave out what they do not need.
    response.contact.find((contact) => flowOf(contact) === null && wanted.key === flowKey(contact, wanted));
  if (listed === undefined && wanted.expiresS === 0) return 0;
  return (
    (listed === undefined ? null : contactExpires(listed)) ??
    expires(response) ??
    wanted.expiresS ??
    DEFAULT_EXPIRES_S
  );
}
