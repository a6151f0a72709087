import type { FindingRecord } from '../../records/types.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { secondsText } from './finding.ts';

/**
 * The caller hears nothing for too long: INVITE to the first sign from the callee (RFC 6076 4.3, standards section
 * 8). Where ringing never came, the answer ends the wait, or the caller who gives up.
 */
export function slowSetup(found: CallCase): FindingRecord | null {
  const { call, record, thresholds } = found;
  const { postDialDelayMs } = record.setup;
  const delayMs = postDialDelayMs ?? silenceMs(found);
  if (delayMs === null || delayMs <= thresholds.slowSetupMs) return null;
  const end =
    postDialDelayMs !== null
      ? 'until it rang'
      : call.canceled
        ? 'until the caller gave up'
        : call.answerUs !== null
          ? 'until the answer'
          : 'and nothing more is seen';
  const text = `the caller heard nothing for ${secondsText(delayMs)} s ${end}`;
  return callFinding(found, 'slow_setup', graveIfEmergency(found, 'warning'), text, {
    postDialDelayMs,
    silenceMs: delayMs,
    thresholdMs: thresholds.slowSetupMs,
    firstResponseMs: record.signalling.firstResponseMs,
    tries: record.signalling.tries,
  });
}

/** Wait of a call that never rang, as long as something answered; ms. One without any answer has timed out. */
function silenceMs(found: CallCase): number | null {
  const { call, record } = found;
  if (call.sip.firstResponseUs === null || call.inviteUs === null || call.sip.progressUs !== null)
    return null;
  if (record.setup.answerDelayMs !== null) return record.setup.answerDelayMs;
  if (!call.canceled) return waitingMs(found);
  const cancel = call.sip.transactions.find((each) => each.method === 'CANCEL');
  return cancel === undefined ? null : (cancel.firstUs - call.inviteUs) / 1000;
}

/** How long a call has been waiting that nobody ended; one that has waited too long has timed out (setup_timeout). */
function waitingMs({ call, visibility, thresholds }: CallCase): number | null {
  if (call.finalCode !== null || call.confirmed || call.inviteUs === null) return null;
  const waitedMs = ((call.endUs ?? visibility.nowUs) - call.inviteUs) / 1000;
  return waitedMs > thresholds.tryingTimeoutMs ? null : waitedMs;
}
