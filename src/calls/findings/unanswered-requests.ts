import type { FindingRecord, Severity } from '../../records/types.ts';
import { repeatsOf, type Transaction } from '../../sip/transaction.ts';
import { type CallCase, callFinding } from './case.ts';
import { secondsText } from './finding.ts';
import { type SilentRequest, silentRequests } from './silent-requests.ts';

const FINDINGS_MAX = 4;

/** Requests within the dialog that nothing answered: a firewall in the way, or a side that is gone. */
export function unansweredRequests(found: CallCase): FindingRecord[] {
  return silentRequests(found)
    .slice(0, FINDINGS_MAX)
    .map((silent) => unanswered(found, silent));
}

function unanswered(found: CallCase, silent: SilentRequest): FindingRecord {
  const { transaction, waitedMs } = silent;
  const { method, fromCaller, firstUs } = transaction;
  const { copies, target } = repeatsOf(transaction);
  const [by, awaited] = fromCaller ? ['caller', 'callee'] : ['callee', 'caller'];
  const name = method === 'INVITE' ? 're-INVITE' : method;
  const place = target === null ? '' : ` (${target})`;
  const again = copies > 0 ? `, sent again ${copies} times` : '';
  const doubt = silent.proven ? '' : '; it was not repeated, so its answer may have passed elsewhere';
  const text = `the ${awaited}${place} did not answer the ${name} of the ${by} in ${secondsText(waitedMs)} s${again}${doubt}`;
  return callFinding(
    found,
    'in_dialog_request_unanswered',
    severityOf(found, silent),
    text,
    {
      method,
      by,
      awaited,
      waitedMs,
      retransmissions: copies,
      target,
      cseq: transaction.cseq,
      onlyTrying: transaction.responseOffset !== null,
    },
    { startUs: firstUs, endUs: firstUs + waitedMs * 1000 },
  );
}

/** Two BYEs that cross are often left with one answer: the call is over all the same. */
function severityOf({ call }: CallCase, { transaction, proven }: SilentRequest): Severity {
  if (!proven) return 'info';
  return transaction.method === 'BYE' && call.sip.transactions.some(isAnsweredBye) ? 'info' : 'warning';
}

function isAnsweredBye({ method, finalOffset }: Transaction): boolean {
  return method === 'BYE' && finalOffset !== null;
}
