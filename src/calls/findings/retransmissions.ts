import type { FindingRecord } from '../../records/types.ts';
import { repeatsOf, type Transaction } from '../../sip/transaction.ts';
import { timedOut } from '../dialog.ts';
import { type CallCase, callFinding } from './case.ts';
import { secondsText } from './finding.ts';
import { silentRequests } from './silent-requests.ts';

/**
 * Messages that a timer sent again (RFC 3261 17): signalling is lost or late. What was never answered has a finding
 * of its own.
 */
export function retransmissions(found: CallCase): FindingRecord | null {
  const { call, visibility, thresholds } = found;
  if (call.sip.retransmissions === 0) return null;
  const silent = new Set(silentRequests(found).map(({ transaction }) => transaction));
  const dead = timedOut(call, visibility.nowUs, visibility.answersVisible);
  const repeated = call.sip.transactions.filter(
    (each) => each.repeats !== null && !silent.has(each) && !(dead && !each.inDialog),
  );
  const worst = repeated.reduce<Transaction | null>(
    (a, b) => (a === null || timesOf(b) > timesOf(a) ? b : a),
    null,
  );
  if (worst === null) return null;
  const total = repeated.reduce((sum, each) => sum + timesOf(each), 0);
  const more = total > timesOf(worst) ? `; ${total} retransmissions in all` : '';
  const severity = total >= thresholds.retransmissionsWarning ? 'warning' : 'info';
  const repeats = repeatsOf(worst);
  const response = repeats.finalCopies > repeats.copies;
  const evidence = {
    method: worst.method,
    status: response ? worst.status : null,
    by: senderName(worst, response),
    awaited: senderName(worst, !response),
    copies: timesOf(worst),
    spanMs: spanOf(worst, response) / 1000,
    afterResponse: repeats.copiesAfterResponse,
    firstGapMs: response ? null : repeats.firstGap / 1000,
    timerSignature: !response && repeats.doubling,
    answered: worst.finalOffset !== null,
    acknowledged: worst.method === 'INVITE' ? worst.acked : null,
    afterAck: repeats.finalCopiesAfterAck,
    target: repeats.target,
    total,
  };
  const words = `${wordsOf(worst)}${more}`;
  return callFinding(found, 'sip_retransmissions', severity, words, evidence, spanUs(repeated));
}

/** From the first message that was sent again to the last repetition of any. */
function spanUs(repeated: readonly Transaction[]): { startUs: number; endUs: number } {
  const lastUs = repeated.map((each) => {
    const { lastOffset, finalLastOffset } = repeatsOf(each);
    return each.firstUs + Math.max(lastOffset, finalLastOffset);
  });
  return { startUs: Math.min(...repeated.map(({ firstUs }) => firstUs)), endUs: Math.max(...lastUs) };
}

/** A request that is repeated draws its response again: only the larger number counts. */
function timesOf(transaction: Transaction): number {
  const { copies, finalCopies } = repeatsOf(transaction);
  return Math.max(copies, finalCopies);
}

function spanOf(transaction: Transaction, response: boolean): number {
  const { finalLastOffset, lastOffset } = repeatsOf(transaction);
  return response ? finalLastOffset - transaction.finalOffset! : lastOffset;
}

function senderName({ fromCaller }: Transaction, response: boolean): 'caller' | 'callee' {
  return fromCaller === response ? 'callee' : 'caller';
}

function wordsOf(worst: Transaction): string {
  const repeats = repeatsOf(worst);
  const response = repeats.finalCopies > repeats.copies;
  const sender = senderName(worst, response);
  const other = senderName(worst, !response);
  const times = timesOf(worst) === 1 ? 'once more' : `${timesOf(worst)} times more`;
  const span = secondsText(spanOf(worst, response) / 1000);
  if (response) {
    const ack = ackWords(worst);
    const why = worst.method === 'INVITE' ? ack : 'the answer did not get there';
    return `the ${sender} sent its ${worst.status} to ${worst.method} ${times} within ${span} s: ${why}`;
  }
  const what = `the ${sender} sent ${worst.method} ${times} within ${span} s`;
  if (repeats.copiesAfterResponse > 0)
    return `${what} although a response had passed here: it did not get there`;
  const end = worst.responseOffset === null ? 'no response yet' : `before the ${other} responded`;
  return `${what}: ${end}`;
}

function ackWords(invite: Transaction): string {
  if (!invite.acked) return 'no ACK was seen';
  const afterAck = repeatsOf(invite).finalCopiesAfterAck > 0;
  return afterAck ? 'an ACK had passed here and did not get there' : 'until an ACK came';
}
