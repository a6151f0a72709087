import { destinationIp, sourceIp } from '../packet/address.ts';
import type { Endpoint } from '../records/types.ts';
import { contactExpires, expires, hasCredentials } from '../sip/accessors.ts';
import { type Hop, senderHost } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { branchDigest } from '../sip/transaction.ts';
import { bindingKey, flowOf } from './contact-key.ts';
import { follows, type RedirectTarget } from './redirects.ts';

/** Contacts of one REGISTER that are looked at. */
const CONTACTS_MAX = 8;

/** One contact that a REGISTER asks for. */
export interface WantedContact {
  /** `user@host:port` as bindings are told apart, with the flow of a device that has several; null for none. */
  key: string | null;
  /** The address as people read it. */
  party: string | null;
  instance: string | null;
  /** reg-id: which of the flows of this device (RFC 5626 4.2). */
  flow: string | null;
  expiresS: number | null;
}

/** One round of registering: a REGISTER, the challenge and its answer, up to the final response. */
export interface Attempt {
  readonly callId: string;
  readonly aor: string;
  /** First REGISTER of the round. */
  readonly firstUs: number;
  /** The newest one. */
  lastUs: number;
  cseq: number;
  branch: number;
  contacts: readonly WantedContact[];
  /** All bindings are to go (`Contact: *`), or nothing but removals is asked for. */
  removesAll: boolean;
  removes: boolean;
  credentials: boolean;
  /** Times that credentials were refused in this round. */
  refusedCredentials: number;
  /** What was refused in this round counts as a try at somebody's password. */
  isTry: boolean;
  /** Times that only their nonce was too old, and that the interval was too brief. */
  stale: number;
  tooBrief: number;
  /** Where the newest response sends the device, and how often it was sent on in this round. */
  targets: readonly RedirectTarget[];
  redirects: number;
  /** Where the newest REGISTER went. */
  destination: Endpoint | null;
  /** The newest response was a challenge, a redirection, or asked for a longer interval: the round goes on. */
  challengedUs: number | null;
  finalCode: number | null;
  /** Its end. It stays a while, so that a late copy begins no other round. */
  settledUs: number | null;
  copies: number;
  /** Address of the sender, and its digest. */
  source: string | null;
  host: number | null;
}

/** Begins a round. */
export function createAttempt(
  message: SipMessage,
  aor: string,
  contacts: readonly WantedContact[],
  hop: Hop | null,
  timeUs: number,
): Attempt {
  return {
    callId: message.callId,
    aor,
    firstUs: timeUs,
    lastUs: timeUs,
    cseq: message.cseq,
    branch: branchDigest(message),
    contacts,
    removesAll: message.contact.some((contact) => contact.uri === '*'),
    removes: contacts.every((contact) => contact.expiresS === 0),
    credentials: hasCredentials(message),
    refusedCredentials: 0,
    isTry: false,
    stale: 0,
    tooBrief: 0,
    targets: [],
    redirects: 0,
    destination: destinationOf(hop),
    challengedUs: null,
    finalCode: null,
    settledUs: null,
    copies: 0,
    source: hop === null ? null : sourceIp(hop),
    host: hop === null ? null : senderHost(hop),
  };
}

/**
 * Whether a REGISTER goes on with a round: with credentials, where it was sent, or after it was asked for a longer
 * interval. One without credentials did not read the challenge, and begins anew.
 */
export function continues(attempt: Attempt, message: SipMessage, hop: Hop | null): boolean {
  const { settledUs, challengedUs, finalCode, targets, destination } = attempt;
  if (settledUs !== null || challengedUs === null) return false;
  if (targets.length > 0) return follows(targets, message, destination, destinationOf(hop));
  return finalCode === 423 || hasCredentials(message);
}

/** The next REGISTER of a round. Behind a NAT it may name another contact, which the challenge told the device of. */
export function continueAttempt(
  attempt: Attempt,
  message: SipMessage,
  contacts: readonly WantedContact[],
  hop: Hop | null,
  timeUs: number,
): void {
  attempt.lastUs = timeUs;
  attempt.finalCode = null;
  attempt.targets = [];
  attempt.destination = destinationOf(hop);
  attempt.contacts = contacts;
  attempt.removes = contacts.every((contact) => contact.expiresS === 0);
  attempt.cseq = message.cseq;
  attempt.branch = branchDigest(message);
  attempt.credentials = hasCredentials(message);
  attempt.challengedUs = null;
}

function destinationOf(hop: Hop | null): Endpoint | null {
  if (hop === null) return null;
  return { ip: destinationIp(hop), port: hop.dstPort };
}

/** The contacts that a REGISTER names; `*` is none. */
export function wantedContacts(message: SipMessage): WantedContact[] {
  return message.contact
    .filter((contact) => contact.uri !== '*')
    .slice(0, CONTACTS_MAX)
    .map((contact) => ({
      key: bindingKey(contact),
      party: partyOf(contact),
      instance: contact.params.get('+sip.instance') ?? null,
      flow: flowOf(contact),
      expiresS: wantedExpires(message, contact),
    }));
}

/** The interval a contact asks for: its own parameter before the header (RFC 3261 10.2.1.1), seconds. */
function wantedExpires(message: SipMessage, contact: SipMessage['contact'][number]): number | null {
  return contactExpires(contact) ?? expires(message);
}
