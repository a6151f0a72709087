import type { TransferRecord } from '../../records/call-signalling.ts';
import type { FindingRecord, Severity } from '../../records/types.ts';
import { type CallCase, callFinding } from './case.ts';

/** What a person at the other end decides or is: the transfer worked, the call did not. */
const USER_OUTCOMES = new Set([480, 486, 487, 600, 603]);

/** Transfers that did not come about: REFER refused or not answered, or the new call failed (NOTIFY). */
export function transferFailed(found: CallCase): FindingRecord[] {
  const { transfers } = found.record.signalling;
  if (transfers.length === 0) return [];
  return transfers
    .filter(({ outcome }) => outcome !== 'succeeded' && outcome !== 'unknown')
    .filter((transfer) => transfer.outcome !== 'unanswered' || isOld(found, transfer))
    .map((transfer) => failed(found, transfer));
}

function isOld({ visibility }: CallCase, { startUs }: TransferRecord): boolean {
  return visibility.nowUs - startUs >= 32_000_000;
}

function failed(found: CallCase, transfer: TransferRecord): FindingRecord {
  const { by, target, outcome, referStatus, notifyStatus, replaces, startUs } = transfer;
  const kind = replaces === null ? 'transfer' : 'attended transfer';
  const to = target === null ? '' : ` to ${target}`;
  const why =
    outcome === 'refused'
      ? `REFER refused with ${referStatus}`
      : outcome === 'failed'
        ? `the new call failed with ${notifyStatus}`
        : 'REFER got no answer';
  const text = `${kind}${to} by the ${by} failed: ${why}`;
  return callFinding(
    found,
    'transfer_failed',
    severityOf(transfer),
    text,
    { by, target, outcome, referStatus, notifyStatus, attended: replaces !== null },
    { startUs },
  );
}

function severityOf({ outcome, notifyStatus }: TransferRecord): Severity {
  return outcome === 'failed' && notifyStatus !== null && USER_OUTCOMES.has(notifyStatus)
    ? 'info'
    : 'warning';
}
