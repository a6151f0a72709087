import { destinationIp } from '../packet/address.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import {
  branchDigest,
  findTransaction,
  keepTransaction,
  openTransaction,
  repeatRequest,
  type Transaction,
  takeResponse,
} from '../sip/transaction.ts';
import type { Call } from './call.ts';
import { senderOf } from './sides.ts';

/** What a message was to the transactions of its call. */
export interface Sighting {
  /** Null for an ACK, and for a response whose request passed before the capture. */
  transaction: Transaction | null;
  /** Seen for the first time, on whatever hop: no retransmission and no copy. */
  fresh: boolean;
}

const UNMATCHED: Sighting = { transaction: null, fresh: true };

/** Finds or opens the transaction of a message and counts what timers sent again. */
export function sight(call: Call, message: SipMessage, timeUs: number, hop: Hop | null): Sighting {
  const { sip } = call;
  const fromCaller = senderOf(call, message) === 'caller';
  if (fromCaller) sip.heardCaller = true;
  else sip.heardCallee = true;
  if (message.method === 'ACK') {
    acknowledge(call, message, fromCaller);
    return UNMATCHED;
  }
  const known = findTransaction(sip.transactions, message);
  if (message.kind === 'response') {
    if (known === null) return UNMATCHED;
    const sighting = takeResponse(known, message.status ?? 0, timeUs);
    if (sighting === 'repeated') sip.retransmissions++;
    return { transaction: known, fresh: sighting === 'first' || sighting === 'later' };
  }
  if (known !== null) {
    if (repeatRequest(known, timeUs)) {
      sip.retransmissions++;
      if (hop !== null) known.repeats!.target ??= targetOf(hop);
    }
    return { transaction: known, fresh: false };
  }
  const transaction = openTransaction(message, fromCaller, timeUs);
  const onAnotherHop = sip.transactions.some((each) => isSameRequest(each, transaction));
  if (!onAnotherHop) sip.requests++;
  sip.transactions = keepTransaction(sip.transactions, transaction);
  return { transaction, fresh: !onAnotherHop };
}

/** Are two transactions one request on two hops, or on two branches of a fork? */
export function isSameRequest(a: Transaction, b: Transaction): boolean {
  return a.method === b.method && a.cseq === b.cseq && a.fromCaller === b.fromCaller;
}

/**
 * An ACK confirms every INVITE of its CSeq that was answered. One whose answer did not pass the tap was answered all
 * the same when the ACK has a branch of its own: only a 2xx is acknowledged so (RFC 3261 17.1.1.3).
 */
function acknowledge(call: Call, message: SipMessage, fromCaller: boolean): void {
  const branch = branchDigest(message);
  let answered = false;
  let ownBranch = message.to?.tag != null;
  let initial = false;
  for (const transaction of call.sip.transactions) {
    const { method, cseq } = transaction;
    if (method !== 'INVITE' || cseq !== message.cseq || transaction.fromCaller !== fromCaller) continue;
    if (transaction.finalOffset !== null) {
      transaction.acked = true;
      answered = true;
    }
    if (transaction.branch === branch) ownBranch = false;
    if (!transaction.inDialog) initial = true;
  }
  if (initial && ownBranch && !answered) call.confirmed = true;
}

/** `address:port` of the receiver of a message. */
function targetOf(hop: Hop): string {
  const address = destinationIp(hop);
  return address.includes(':') ? `[${address}]:${hop.dstPort}` : `${address}:${hop.dstPort}`;
}
