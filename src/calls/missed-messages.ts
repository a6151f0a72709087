import { repeatsOf, type Transaction } from '../sip/transaction.ts';
import type { Call } from './call.ts';

/** Whoever misses an answer over UDP sends again after T1 (RFC 3261 17.1, 13.3.1.4), here twice that. */
const AGAIN_US = 1_000_000;

/**
 * Messages of a call that must have reached whom they were for, since nobody sent anything again, and were not captured:
 * answers to requests, and ACKs and final answers of an INVITE where later requests of the dialog were captured. Nothing is
 * said where the tap sees one side only, or the transport delivers by itself.
 */
export function missedMessages({ sip }: Pick<Call, 'sip'>, nowUs: number): number {
  if (!sip.heardCaller || !sip.heardCallee) return 0;
  const wentOn = sip.transactions.some(({ inDialog }) => inDialog);
  const isEarly = sip.transactions.some(({ method }) => method === 'CANCEL');
  return sip.transactions.filter((transaction) => {
    if (transaction.reliable || nowUs - transaction.firstUs <= AGAIN_US) return false;
    return isUnanswered(transaction) || (wentOn && !isEarly && isHalfSeen(transaction, nowUs));
  }).length;
}

function isUnanswered(transaction: Transaction): boolean {
  return transaction.responseOffset === null && repeatsOf(transaction).copies === 0;
}

/** An INVITE without its final answer, or without the ACK. */
function isHalfSeen(transaction: Transaction, nowUs: number): boolean {
  const { method, inDialog, finalOffset, acked, firstUs } = transaction;
  if (method !== 'INVITE' || inDialog) return false;
  if (finalOffset === null) return true;
  return !acked && repeatsOf(transaction).finalCopies === 0 && nowUs - firstUs - finalOffset > AGAIN_US;
}
