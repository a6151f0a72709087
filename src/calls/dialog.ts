import type { CallState } from '../records/types.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { branchDigest, repeatsOf, TRANSACTION_TIMEOUT_US, textDigest } from '../sip/transaction.ts';
import type { Call } from './call.ts';
import { calleeTagOf, senderOf } from './sides.ts';
import type { Sighting } from './sightings.ts';
import { rarely } from './sip-facts.ts';

/** Requests that belong to calls; others (REGISTER, OPTIONS, SUBSCRIBE, ...) have their own stories. */
const CALL_METHODS = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO', 'REFER']);

/** Refusals that the caller answers with a new INVITE in the same attempt (standards section 3). */
const RETRIED_CODES = new Set([401, 407, 422, 484, 491]);

/** How often timer A sends an INVITE again until timer B (64 * T1) is over: after 1, 3, 7, 15, 31 and 63 * T1. */
const TIMER_A_COPIES = 6;

/** Tags of one call's dialogs that are remembered. */
const TAGS_MAX = 16;
/** Refusals of one attempt that are remembered. */
const REFUSALS_MAX = 16;

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

/** Takes the parties of a call from the first message that names them. */
export function nameParties(call: Call, message: SipMessage): void {
  if (call.from !== null || call.to !== null) return;
  call.from = partyOf(message.from);
  call.to = partyOf(message.to);
  call.callerTag = message.from?.tag ?? null;
}

/** Moves a call on by one message (RFC 3261 12, 13, 15). Copies and retransmissions change nothing. */
export function advanceCall(call: Call, message: SipMessage, timeUs: number, sighting: Sighting): void {
  call.lastMessageUs = timeUs;
  if (message.kind === 'request') onRequest(call, message, timeUs);
  else onResponse(call, message, timeUs, sighting);
}

function onRequest(call: Call, message: SipMessage, timeUs: number): void {
  if (message.method === 'INVITE' && !isInDialog(message)) {
    onInvite(call, message, timeUs);
    return;
  }
  if (isInDialog(message) && call.inviteUs === null) {
    call.confirmed = true;
    if (call.inviteCseq === null) call.inviteCseq = BEFORE_CAPTURE;
  }
  if (message.method === 'BYE' && call.doneUs === null) {
    if (isLosingBranch(call, message)) return;
    call.endUs = timeUs;
    call.doneUs = timeUs;
    // Only a BYE was ever seen: nothing says which of the two had called.
    const knowsCaller = call.inviteUs !== null || call.answerUs !== null || call.descriptions.length > 0;
    if (knowsCaller) call.releasedBy = senderOf(call, message);
    return;
  }
  if (message.method === 'CANCEL' && call.answerUs === null && cancelsCall(call, message)) {
    call.canceled = true;
    call.releasedBy = 'caller';
  }
}

function onInvite(call: Call, message: SipMessage, timeUs: number): void {
  const { sip } = call;
  if (call.inviteUs === null) call.inviteUs = timeUs;
  if (call.inviteCseq !== null && message.cseq <= call.inviteCseq) {
    // A proxy tries the next target when the last one has refused: that branch decides from now on.
    if (message.cseq === call.inviteCseq && call.answerUs === null) takeOver(call, branchDigest(message));
    return;
  }
  call.inviteCseq = message.cseq;
  sip.outerBranch = branchDigest(message);
  sip.tries++;
  if (call.answerUs !== null || call.finalCode === null || call.canceled) return;
  // The next try of the same attempt: the refusal before it decides nothing any more.
  const { refusals } = sip.rare;
  if (refusals.length < REFUSALS_MAX) rarely(call).refusals = [...refusals, call.finalCode];
  reopen(call);
}

function takeOver(call: Call, branch: number): void {
  const { sip } = call;
  if (branch === sip.outerBranch || call.finalCode === null) return;
  if (sip.transactions.some((each) => each.branch === branch && each.finalOffset !== null)) return;
  sip.outerBranch = branch;
  reopen(call);
  call.canceled = false;
  call.releasedBy = null;
}

function reopen(call: Call): void {
  call.finalCode = null;
  call.endUs = null;
  call.doneUs = null;
}

/** A forked call was answered twice, and this ends the dialog that did not win (RFC 3261 13.2.2.4). */
function isLosingBranch(call: Call, message: SipMessage): boolean {
  const { answerTag } = call.sip;
  const tag = calleeTagOf(call, message);
  return answerTag !== null && tag !== null && textDigest(tag) !== answerTag;
}

/** Proxies cancel the branches of a fork that are not wanted any more; the caller cancels the outermost INVITE. */
function cancelsCall(call: Call, message: SipMessage): boolean {
  const branch = branchDigest(message);
  if (branch === call.sip.outerBranch || call.finalCode !== null) return true;
  return !call.sip.transactions.some((each) => each.method === 'INVITE' && each.branch === branch);
}

function onResponse(call: Call, message: SipMessage, timeUs: number, sighting: Sighting): void {
  const status = message.status ?? 0;
  if (message.method !== 'INVITE') return;
  // Answers to re-INVITEs carry a later CSeq than the one that set the call up.
  const initial = call.inviteCseq === null ? call.answerUs === null : message.cseq === call.inviteCseq;
  if (!initial || senderOf(call, message) !== 'callee') return;
  const { sip } = call;
  sip.firstResponseUs ??= timeUs;
  if (status <= 100) return;
  if (status < 300) noteDialog(call, message);
  if (status < 200) {
    sip.progressUs ??= timeUs;
    const tells = status === 180 || (status === 183 && message.sdp !== null);
    if (tells && call.ringingUs === null) call.ringingUs = timeUs;
    return;
  }
  if (call.answerUs !== null) return;
  if (status < 300) onAnswer(call, message, timeUs, status);
  else onRefusal(call, sighting, timeUs, status);
}

function noteDialog(call: Call, message: SipMessage): void {
  const { sip } = call;
  if (message.to?.tag == null) return;
  const tag = textDigest(message.to.tag);
  sip.dialogTag ??= tag;
  const { otherTags } = sip.rare;
  if (tag === sip.dialogTag || otherTags.length >= TAGS_MAX || otherTags.includes(tag)) return;
  rarely(call).otherTags = [...otherTags, tag];
}

function onAnswer(call: Call, message: SipMessage, timeUs: number, status: number): void {
  call.answerUs = timeUs;
  call.sip.answerTag = message.to?.tag == null ? null : textDigest(message.to.tag);
  call.confirmed = true;
  call.finalCode = status;
  call.canceled = false;
  if (call.releasedBy === 'caller') call.releasedBy = null;
  call.endUs = null;
  call.doneUs = null;
}

function onRefusal(call: Call, { transaction }: Sighting, timeUs: number, status: number): void {
  const { sip } = call;
  // A proxy behind the tap may try elsewhere; what it tells the caller comes on the outer hop.
  const outer = transaction === null || sip.outerBranch === null || transaction.branch === sip.outerBranch;
  if (outer && call.finalCode === null) {
    call.finalCode = status;
    call.endUs = timeUs;
  }
  if (call.finalCode !== null && !hasOpenBranch(call)) call.doneUs ??= timeUs;
}

/** Is another branch of the INVITE still without final response? */
function hasOpenBranch(call: Call): boolean {
  return call.sip.transactions.some(
    (each) =>
      each.method === 'INVITE' &&
      each.cseq === call.inviteCseq &&
      each.fromCaller &&
      !each.inDialog &&
      each.finalOffset === null,
  );
}

/** The state of a call as of capture time `nowUs`. "open" is a call whose end, or whose fate, was not seen. */
export function callState(call: Call, nowUs: number, answersVisible: boolean): CallState {
  if (call.answerUs !== null || call.confirmed) return call.endUs === null ? 'open' : 'answered';
  if (call.canceled) return 'canceled';
  if (call.finalCode !== null) return 'failed';
  // A BYE. Only who has answered sends one (RFC 3261 15), or a caller who would rather not wait for the CANCEL to work.
  if (call.endUs !== null) return call.releasedBy === 'callee' || hasTalked(call) ? 'answered' : 'canceled';
  if (call.ringingUs !== null) return 'ringing';
  return timedOut(call, nowUs, answersVisible) ? 'failed' : 'open';
}

/** Did media flow both ways? */
function hasTalked({ bound, ended }: Call): boolean {
  const streams = [...bound, ...ended];
  return streams.some(({ fromCaller }) => fromCaller) && streams.some(({ fromCaller }) => !fromCaller);
}

/**
 * Did the INVITE die without any answer? Its sender shows that by sending it again; otherwise it can only be told
 * where answers pass the tap.
 */
export function timedOut(call: Call, nowUs: number, answersVisible: boolean): boolean {
  if (call.inviteUs === null || call.sip.firstResponseUs !== null || call.confirmed) return false;
  let copies = 0;
  for (const each of call.sip.transactions) {
    if (each.method === 'INVITE') copies = Math.max(copies, repeatsOf(each).copies);
  }
  // The last repetition comes right before timer B ends the wait.
  if (copies >= TIMER_A_COPIES) return true;
  return nowUs - call.inviteUs > TRANSACTION_TIMEOUT_US && (copies > 0 || answersVisible);
}

/** Is this refusal one that the caller is expected to answer with a new INVITE? */
export function isRetried(code: number): boolean {
  return RETRIED_CODES.has(code);
}
