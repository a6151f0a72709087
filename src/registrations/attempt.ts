import { contactExpires, expires, hasCredentials } from '../sip/accessors.ts';
import type { SipMessage } from '../sip/message.ts';
import { branchDigest } from '../sip/transaction.ts';

/** One contact that a REGISTER asks for. */
export interface WantedContact {
  /** `user@host:port` as bindings are told apart; null for `*` and for none. */
  key: string | null;
  /** The address as people read it. */
  party: string | null;
  instance: string | null;
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
  /** The newest response was a challenge, or asked for a longer interval: the round goes on. */
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
  source: string | null,
  host: number | null,
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
    challengedUs: null,
    finalCode: null,
    settledUs: null,
    copies: 0,
    source,
    host,
  };
}

/** The next REGISTER of a round: with credentials, or with a longer interval. */
export function continueAttempt(attempt: Attempt, message: SipMessage, timeUs: number): void {
  attempt.lastUs = timeUs;
  attempt.cseq = message.cseq;
  attempt.branch = branchDigest(message);
  attempt.credentials = hasCredentials(message);
  attempt.challengedUs = null;
}

/** The interval a contact asks for: its own parameter before the header (RFC 3261 10.2.1.1), seconds. */
export function wantedExpires(message: SipMessage, contact: SipMessage['contact'][number]): number | null {
  return contactExpires(contact) ?? expires(message);
}
