import { isUnanswered, repeatsOf, TRANSACTION_TIMEOUT_US, type Transaction } from '../../sip/transaction.ts';
import { isSameRequest } from '../sightings.ts';
import type { CallCase } from './case.ts';

/** A request within the dialog that nothing answered, and how sure that is. */
export interface SilentRequest {
  transaction: Transaction;
  waitedMs: number;
  /** Its sender repeated it, or its path back is known to pass the tap. */
  proven: boolean;
}

/** Requests answered by nobody by design, or seen to by other detectors. */
const LEFT_OUT = new Set(['ACK', 'CANCEL']);
/** What is asked right before the end need not be answered any more. */
const PARTING_US = 2_000_000;

/** Requests within the dialog that got no final response for as long as their sender waits (RFC 3261 timer F). */
export function silentRequests({ call, visibility, thresholds }: CallCase): SilentRequest[] {
  const { sip } = call;
  const found: SilentRequest[] = [];
  for (const transaction of sip.transactions) {
    if (!transaction.inDialog || LEFT_OUT.has(transaction.method) || !isUnanswered(transaction)) continue;
    const { copies } = repeatsOf(transaction);
    const waitedUs = visibility.nowUs - transaction.firstUs;
    const patient = waitedUs >= TRANSACTION_TIMEOUT_US || copies >= thresholds.unansweredCopies;
    if (!patient || isAnsweredElsewhere(sip.transactions, transaction)) continue;
    if (found.some((each) => isSameRequest(each.transaction, transaction))) continue;
    if (copies < 2 && isParting(transaction, call.endUs)) continue;
    const otherHeard = transaction.fromCaller ? sip.heardCallee : sip.heardCaller;
    const proven = copies > 0 || transaction.responseOffset !== null;
    if (!proven && !otherHeard) continue;
    found.push({
      transaction,
      waitedMs: waitedUs / 1000,
      proven: proven || transaction.reliable,
    });
  }
  return found;
}

function isParting({ method, firstUs }: Transaction, endUs: number | null): boolean {
  return method !== 'BYE' && endUs !== null && endUs - firstUs < PARTING_US;
}

/** On another hop the same request was answered by somebody who did not just wait for it in vain (408). */
function isAnsweredElsewhere(transactions: readonly Transaction[], silent: Transaction): boolean {
  return transactions.some(
    (each) =>
      each !== silent && isSameRequest(each, silent) && each.finalOffset !== null && each.status !== 408,
  );
}
