import type { FindingRecord } from '../../records/types.ts';
import { TRANSACTION_TIMEOUT_US } from '../../sip/transaction.ts';
import { timedOut } from '../dialog.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { codecEvidence } from './codec-lists.ts';
import { secondsText } from './finding.ts';

/** Final codes that are the callee's answer or the absence of one, not a failure of the service. */
const USER_OUTCOMES = new Set([408, 480, 486, 487, 600, 603]);
const CHALLENGES = new Set([401, 407]);
const NEGOTIATION_CODES = new Set([415, 488, 606]);
/** An INVITE sent again so often in vain (3.5 s) and then given up was not taken back for another reason. */
const VAIN_COPIES = 3;

/** Why a call did not come about, where that was no choice of a user. */
export function setupOutcome(found: CallCase, unreachable: boolean): FindingRecord | null {
  const timeout = setupTimeout(found, unreachable);
  if (timeout !== null) return timeout;
  const { call, record } = found;
  const code = call.finalCode;
  if (record.state !== 'failed' || code === null || isNoFailure(found, code)) return null;
  if (code === 430 && unreachable) return null;
  const { reasonPhrase, release } = record.signalling;
  const evidence = {
    finalCode: code,
    afterMs: record.durationMs,
    reasonPhrase,
    q850Cause: release?.q850Cause ?? null,
    warning: call.sip.rare.warning,
  };
  const named = reasonPhrase === null ? `${code}` : `${code} ${reasonPhrase}`;
  if (NEGOTIATION_CODES.has(code)) {
    const text = `the two sides found no common media: refused with ${named}`;
    return callFinding(found, 'codec_negotiation_failed', graveIfEmergency(found, 'warning'), text, {
      ...evidence,
      ...codecEvidence(call),
    });
  }
  const loops = record.signalling.loops;
  const round = loops > 0 ? `; the INVITE came by ${loops + 1} times` : '';
  const cause = evidence.q850Cause === null ? '' : ` (Q.850 cause ${evidence.q850Cause})`;
  const critical = code >= 500 && code < 600 ? 'critical' : 'warning';
  return callFinding(
    found,
    'setup_failed',
    graveIfEmergency(found, critical),
    `set-up failed with ${named}${cause}${round}`,
    {
      ...evidence,
      loops,
      emergency: record.signalling.emergency !== null,
    },
  );
}

/** Redirections are followed elsewhere, and a challenge is a question: only credentials refused are a failure. */
function isNoFailure({ record }: CallCase, code: number): boolean {
  if (USER_OUTCOMES.has(code) || code < 400) return true;
  return CHALLENGES.has(code) && !record.signalling.refusals.some((refusal) => CHALLENGES.has(refusal));
}

function setupTimeout(found: CallCase, unreachable: boolean): FindingRecord | null {
  const { call, record, visibility, thresholds } = found;
  const { sip, inviteUs } = call;
  if (inviteUs === null || call.answerUs !== null || call.confirmed) return null;
  const invite = sip.transactions.find((each) => each.method === 'INVITE' && !each.inDialog);
  const repeats = invite?.repeats ?? null;
  const waitedMs = ((call.endUs ?? visibility.nowUs) - inviteUs) / 1000;
  const evidence = {
    waitedMs,
    retransmissions: repeats?.copies ?? 0,
    target: repeats?.target ?? null,
    finalCode: call.finalCode,
    emergency: sip.rare.emergency !== null,
    icmp: visibility.refusal === null ? null : `${visibility.refusal.reason} from ${visibility.refusal.from}`,
    icmpCount: visibility.refusal?.count ?? 0,
  };
  const timeout = (severity: 'info' | 'warning' | 'critical', text: string): FindingRecord =>
    callFinding(found, 'setup_timeout', graveIfEmergency(found, severity), text, evidence);
  const to = evidence.target === null ? '' : ` from ${evidence.target}`;
  const repeated = evidence.retransmissions;
  if (record.state === 'failed' && timedOut(call, visibility.nowUs, visibility.answersVisible)) {
    const again = repeated > 0 ? `, sent again ${repeated} times` : '';
    // Without repetitions over UDP the sender may have heard what the tap did not.
    const sure = repeated > 0 || invite?.reliable === true;
    const span = secondsText(Math.min(waitedMs, TRANSACTION_TIMEOUT_US / 1000));
    return timeout(
      sure ? 'critical' : 'warning',
      `INVITE got no answer at all${to} within ${span} s${again}`,
    );
  }
  if (call.canceled && sip.firstResponseUs === null && repeated >= VAIN_COPIES) {
    return timeout(
      'warning',
      `INVITE got no answer at all${to} in ${secondsText(waitedMs)} s, then given up`,
    );
  }
  if (call.canceled) return null;
  if (call.finalCode === 408 && sip.progressUs === null && !unreachable) {
    return timeout(
      'warning',
      `408 after ${secondsText(waitedMs)} s: the next hop got no answer from the callee`,
    );
  }
  if (call.finalCode !== null || sip.firstResponseUs === null) return null;
  if (sip.progressUs === null && waitedMs > thresholds.tryingTimeoutMs) {
    return timeout('warning', `nothing but 100 Trying in ${secondsText(waitedMs)} s`);
  }
  if (sip.progressUs !== null && waitedMs > thresholds.ringingTimeoutMs) {
    return timeout('info', `no final response in ${secondsText(waitedMs)} s, though the callee was alerted`);
  }
  return null;
}
