import type { SipAddress } from '../sip/address.ts';
import { contactKey } from '../sip/party.ts';

/** `reg-id` of a contact: which of the flows of one device it is (RFC 5626 4.2). Null without an instance. */
export function flowOf({ params }: SipAddress): string | null {
  return params.has('+sip.instance') ? (params.get('reg-id') ?? null) : null;
}

/** What tells bindings of one user apart: two flows of one device may name the same contact (RFC 5626 7). */
export function bindingKey(contact: SipAddress): string {
  const flow = flowOf(contact);
  return flow === null ? contactKey(contact) : `${contactKey(contact)};${flow}`;
}
