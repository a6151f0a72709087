import type { TransferOutcome } from '../records/call-signalling.ts';
import { endsSubscription, eventId, eventPackage, referTo, sipfragStatus } from '../sip/accessors.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import { isUnanswered } from '../sip/transaction.ts';
import type { Call } from './call.ts';
import { requesterOf } from './sides.ts';
import { rarely, type Transfer } from './sip-facts.ts';

const TRANSFERS_MAX = 16;

/** Follows REFER and the NOTIFYs that report on it (RFC 3515). Copies change nothing. */
export function noteTransfer(call: Call, message: SipMessage, timeUs: number): void {
  if (message.method === 'REFER') {
    if (message.kind === 'request') openTransfer(call, message, timeUs);
    else answerTransfer(call, message);
  } else if (message.method === 'NOTIFY' && message.kind === 'request') {
    reportTransfer(call, message);
  }
}

function openTransfer(call: Call, message: SipMessage, timeUs: number): void {
  const target = referTo(message);
  if (target === null) return;
  let { transfers } = call.sip.rare;
  const by = requesterOf(call, message);
  if (transfers.length >= TRANSFERS_MAX) return;
  if (transfers.some((each) => each.by === by && each.cseq === message.cseq)) return;
  // A challenged REFER is sent again with credentials: one transfer.
  const last = transfers.at(-1);
  if (last !== undefined && last.by === by && isChallenge(last.referStatus))
    transfers = transfers.slice(0, -1);
  const transfer: Transfer = {
    by,
    cseq: message.cseq,
    timeUs,
    target: partyOf({ ...target.address, uri: withoutHeaders(target.address.uri) }),
    replaces: target.replaces?.callId ?? null,
    referStatus: null,
    notifyStatus: null,
    closed: endsSubscription(message),
  };
  rarely(call).transfers = [...transfers, transfer];
}

function isChallenge(status: number | null): boolean {
  return status === 401 || status === 407;
}

function withoutHeaders(uri: string): string {
  const question = uri.indexOf('?');
  return question < 0 ? uri : uri.slice(0, question);
}

function answerTransfer(call: Call, message: SipMessage): void {
  const status = message.status ?? 0;
  if (status < 200) return;
  const by = requesterOf(call, message);
  const transfer = call.sip.rare.transfers.find((each) => each.by === by && each.cseq === message.cseq);
  if (transfer !== undefined) transfer.referStatus ??= status;
}

function reportTransfer(call: Call, message: SipMessage): void {
  const { transfers } = call.sip.rare;
  if (transfers.length === 0 || eventPackage(message) !== 'refer') return;
  const id = eventId(message);
  const by = requesterOf(call, message);
  const about = transfers.filter((each) => each.by !== by);
  const transfer = about.find((each) => each.cseq === id) ?? about.at(-1);
  if (transfer === undefined) return;
  const status = sipfragStatus(message);
  if (status !== null && status >= (transfer.notifyStatus ?? 0)) transfer.notifyStatus = status;
  if (endsSubscription(message)) transfer.closed = true;
}

/** Is a transfer under way of which more should be heard? */
function isTransferPending(call: Call): boolean {
  return call.sip.rare.transfers.some((each) => !each.closed && transferOutcome(call, each) === 'unknown');
}

/** What became of a transfer, as far as REFER and NOTIFY say. */
export function transferOutcome(call: Call, transfer: Transfer): TransferOutcome {
  const { referStatus, notifyStatus, cseq } = transfer;
  if (notifyStatus !== null && notifyStatus >= 200) return notifyStatus < 300 ? 'succeeded' : 'failed';
  if (referStatus !== null && referStatus >= 300) return isChallenge(referStatus) ? 'unknown' : 'refused';
  if (referStatus !== null || notifyStatus !== null) return 'unknown';
  const refer = call.sip.transactions.find((each) => each.method === 'REFER' && each.cseq === cseq);
  return refer !== undefined && isUnanswered(refer) ? 'unanswered' : 'unknown';
}

/** Does a call that is over wait for an answer that tells whether all went well? */
export function isAwaited(call: Call): boolean {
  return isTransferPending(call) || call.sip.transactions.some((each) => each.inDialog && isUnanswered(each));
}
