import type { FindingRecord } from '../../records/types.ts';
import { repeatsOf, TRANSACTION_TIMEOUT_US } from '../../sip/transaction.ts';
import { timedOut } from '../dialog.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { secondsText } from './finding.ts';

const UNREACHABLE_CODES = new Set([408, 430, 480]);

/** The called user is registered, and yet the call did not reach a telephone: connected, but never rings. */
export function registeredUnreachable(found: CallCase): FindingRecord | null {
  const { call, visibility, thresholds } = found;
  const { registration } = visibility;
  const { inviteUs, finalCode, sip } = call;
  if (registration === null || inviteUs === null || call.confirmed || sip.progressUs !== null) return null;
  const silent = timedOut(call, visibility.nowUs, visibility.answersVisible);
  if (!silent && (finalCode === null || !UNREACHABLE_CODES.has(finalCode) || call.canceled)) return null;
  const overUs = call.endUs ?? visibility.nowUs;
  // Nobody waits for an answer longer than the transaction lasts, however long the capture goes on.
  const waitedMs = (silent ? Math.min(overUs - inviteUs, TRANSACTION_TIMEOUT_US) : overUs - inviteUs) / 1000;
  // A 480 at once may be a telephone that does not want to be disturbed.
  const sure = silent || finalCode === 430 || waitedMs >= thresholds.unreachableWaitMs;
  const what = silent ? 'the INVITE got no answer at all' : `the call ended with ${finalCode}`;
  const text = `${registration.aor} is registered, yet ${what} after ${secondsText(waitedMs)} s without ringing`;
  return callFinding(
    found,
    'registered_unreachable',
    graveIfEmergency(found, sure ? 'warning' : 'info'),
    text,
    {
      aor: registration.aor,
      contact: registration.contact,
      registeredForMs: (inviteUs - registration.registeredUs) / 1000,
      expiresInMs: (registration.expiresUs - inviteUs) / 1000,
      finalCode,
      waitedMs,
      retransmissions: sip.transactions[0] === undefined ? 0 : repeatsOf(sip.transactions[0]).copies,
    },
  );
}
