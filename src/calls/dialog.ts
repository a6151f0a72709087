import type { CallState } from '../records/types.ts';
import type { SipAddress } from '../sip/address.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Call, Side } from './call.ts';

/** Requests that belong to calls; others (REGISTER, OPTIONS, SUBSCRIBE, ...) have their own stories. */
const CALL_METHODS = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO', 'REFER']);

/** Refusals that the caller answers with a new INVITE in the same attempt (standards section 3). */
const RETRIED_CODES = new Set([401, 407, 422, 484, 491]);

/** Can a message of this kind be the first sight of a call? An in-dialog request can: the capture began later. */
export function opensCall(message: SipMessage): boolean {
  if (!CALL_METHODS.has(message.method)) return false;
  if (message.method === 'INVITE') return true;
  // Without an INVITE only a confirmed dialog is worth a call record; a bare ACK may belong to a refusal.
  if (message.method === 'ACK' && message.sdp === null) return false;
  return message.kind === 'request' && isInDialog(message) && message.method !== 'CANCEL';
}

/** The initial INVITE passed before the capture began: no response seen now answers it. */
const BEFORE_CAPTURE = -1;

function isInDialog(message: SipMessage): boolean {
  return message.to?.tag != null;
}

/** Which side sent a message. A response comes from the other side than its request. */
export function senderOf(call: Call, message: SipMessage): Side {
  const requester: Side = fromCaller(call, message) ? 'caller' : 'callee';
  if (message.kind === 'request') return requester;
  return requester === 'caller' ? 'callee' : 'caller';
}

function fromCaller(call: Call, message: SipMessage): boolean {
  const tag = message.from?.tag ?? null;
  if (call.callerTag !== null && tag !== null) return tag === call.callerTag;
  return partyOf(message.from) === call.from;
}

/** `user@host` of an address, the form shown everywhere; null when it has no host. */
export function partyOf(address: SipAddress | null): string | null {
  if (address === null) return null;
  const scheme = /^(sips?|tel):/i.exec(address.uri)?.[1]?.toLowerCase() ?? 'sip';
  if (address.host === null) return address.uri.slice(0, 256);
  return address.user === null ? `${scheme}:${address.host}` : `${scheme}:${address.user}@${address.host}`;
}

/** Moves a call on by one message (RFC 3261 12, 13, 15). Copies and retransmissions change nothing. */
export function advanceCall(call: Call, message: SipMessage, timeUs: number): void {
  call.lastMessageUs = timeUs;
  if (call.from === null && call.to === null) {
    call.from = partyOf(message.from);
    call.to = partyOf(message.to);
    call.callerTag = message.from?.tag ?? null;
  }
  if (message.kind === 'request') onRequest(call, message, timeUs);
  else onResponse(call, message, timeUs);
}

function onRequest(call: Call, message: SipMessage, timeUs: number): void {
  if (message.method === 'INVITE' && !isInDialog(message)) {
    if (call.inviteUs === null) call.inviteUs = timeUs;
    if (call.inviteCseq !== null && message.cseq <= call.inviteCseq) return;
    call.inviteCseq = message.cseq;
    if (call.answerUs === null && call.finalCode !== null && !call.canceled) {
      // The next try of the same attempt: the refusal before it decides nothing any more.
      call.finalCode = null;
      call.endUs = null;
      call.doneUs = null;
    }
    return;
  }
  if (isInDialog(message) && call.inviteUs === null) {
    call.confirmed = true;
    if (call.inviteCseq === null) call.inviteCseq = BEFORE_CAPTURE;
  }
  if (message.method === 'BYE' && call.doneUs === null) {
    call.endUs = timeUs;
    call.doneUs = timeUs;
    // Only a BYE was ever seen: nothing says which of the two had called.
    const knowsCaller = call.inviteUs !== null || call.answerUs !== null || call.descriptions.length > 0;
    if (knowsCaller) call.releasedBy = senderOf(call, message);
    return;
  }
  if (message.method === 'CANCEL' && call.answerUs === null) {
    call.canceled = true;
    call.releasedBy = 'caller';
  }
}

function onResponse(call: Call, message: SipMessage, timeUs: number): void {
  const status = message.status ?? 0;
  if (message.method !== 'INVITE' || status <= 100) return;
  // Answers to re-INVITEs carry a later CSeq than the one that set the call up.
  const initial = call.inviteCseq === null ? call.answerUs === null : message.cseq === call.inviteCseq;
  if (!initial || senderOf(call, message) !== 'callee') return;
  if (status < 200) {
    const tells = status === 180 || (status === 183 && message.sdp !== null);
    if (tells && call.ringingUs === null) call.ringingUs = timeUs;
    return;
  }
  if (call.answerUs !== null) return;
  if (status < 300) {
    call.answerUs = timeUs;
    call.confirmed = true;
    call.finalCode = status;
    call.canceled = false;
    if (call.releasedBy === 'caller') call.releasedBy = null;
    call.endUs = null;
    call.doneUs = null;
    return;
  }
  if (call.finalCode !== null) return;
  call.finalCode = status;
  call.endUs = timeUs;
  call.doneUs = timeUs;
}

/** INVITE transactions end after 32 s without any answer (RFC 3261 timer B). */
const TIMER_B_US = 32_000_000;

/** The state of a call as of capture time `nowUs`. "open" is a call whose end, or whose fate, was not seen. */
export function callState(call: Call, nowUs: number): CallState {
  if (call.answerUs !== null || (call.inviteUs === null && call.confirmed)) {
    return call.endUs === null ? 'open' : 'answered';
  }
  if (call.canceled) return 'canceled';
  if (call.finalCode !== null) return 'failed';
  if (call.endUs !== null) return 'canceled';
  if (call.ringingUs !== null) return 'ringing';
  return timedOut(call, nowUs) ? 'failed' : 'open';
}

/** Did the INVITE die without any answer? */
export function timedOut(call: Call, nowUs: number): boolean {
  if (call.inviteUs === null || call.ringingUs !== null || call.finalCode !== null || call.confirmed)
    return false;
  return nowUs - call.inviteUs > TIMER_B_US;
}

/** Is this refusal one that the caller is expected to answer with a new INVITE? */
export function isRetried(code: number): boolean {
  return RETRIED_CODES.has(code);
}
