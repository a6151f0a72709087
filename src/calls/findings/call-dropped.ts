import type { Direction, FindingRecord } from '../../records/types.ts';
import { repeatsOf, TRANSACTION_TIMEOUT_US, type Transaction } from '../../sip/transaction.ts';
import { type CallCase, callFinding, graveIfEmergency } from './case.ts';
import { secondsText } from './finding.ts';
import { isQ850Failure, releaseFault } from './release-reasons.ts';
import { silentRequests } from './silent-requests.ts';

/** Why a call that was up came to its end, when no party hung up. */
interface Drop {
  cause: 'reason' | 'media_timeout' | 'session_timer' | 'no_ack' | 'dialog_gone' | 'request_unanswered';
  text: string;
  evidence: FindingRecord['evidence'];
  startUs?: number;
}

/** An answered INVITE without ACK is given up 64 * T1 after its 2xx (RFC 3261 13.3.1.4), give or take. */
const NO_ACK_FROM_US = 16_000_000;
const NO_ACK_TO_US = 42_000_000;
const NO_ACK_COPIES = 5;
/** What a failed request within the dialog brings about happens within this time. */
const CONSEQUENCE_US = 45_000_000;
/** Who does not refresh gives up this long before the session expires, or a third of it (RFC 4028 10). */
const BEFORE_EXPIRY_US = 32_000_000;
const EXPIRY_SLACK_US = 5_000_000;
/** A session without refresh, media and BYE for so long after it expired is over. */
const SILENT_US = 60_000_000;

/** Who gives up by the timer does so as exactly as this. */
const TIMEOUT_SLACK_US = 4_000_000;
/** Whose media comes until so long before the end is in the call. */
const HEARD_US = 2_000_000;

const KEEPING = new Set(['INVITE', 'UPDATE']);
const GONE = new Set([408, 481]);

/** A call that ended by something else than a party hanging up. */
export function callDropped(found: CallCase): FindingRecord | null {
  const { call, record } = found;
  if (call.answerUs === null && !call.confirmed) return null;
  const drop =
    byReason(found) ??
    withoutAck(found) ??
    dialogGone(found) ??
    requestSilent(found) ??
    sessionExpired(found);
  if (drop === null) return null;
  const talkMs = call.answerUs === null || call.endUs === null ? null : (call.endUs - call.answerUs) / 1000;
  const after = talkMs === null ? '' : ` after ${secondsText(talkMs)} s`;
  return callFinding(
    found,
    'call_dropped',
    graveIfEmergency(found, 'critical'),
    `dropped${after}: ${drop.text}`,
    {
      cause: drop.cause,
      releasedBy: call.releasedBy,
      talkMs,
      q850Cause: record.signalling.release?.q850Cause ?? null,
      ...drop.evidence,
    },
    { startUs: drop.startUs ?? call.endUs ?? record.startUs },
  );
}

/** The BYE says that something failed (RFC 3326). */
function byReason({ call, record }: CallCase): Drop | null {
  const { release } = record.signalling;
  if (release === null || release.method !== 'BYE') return null;
  for (const reason of release.reasons) {
    const fault = releaseFault(reason);
    if (fault === null) continue;
    const words = reason.text === null ? '' : ` "${reason.text}"`;
    const cause = reason.cause === null ? '' : ` ${reason.cause}`;
    return {
      cause: fault === 'failure' ? 'reason' : fault,
      text: `the BYE of the ${call.releasedBy ?? 'other side'} gives ${reason.protocol}${cause}${words}`,
      evidence: { protocol: reason.protocol, reasonCause: reason.cause, reasonText: reason.text },
    };
  }
  const { q850Cause } = release;
  if (release.reasons.length > 0 || q850Cause === null || !isQ850Failure(q850Cause)) return null;
  return {
    cause: 'reason',
    text: `the BYE of the ${call.releasedBy ?? 'other side'} gives cause ${q850Cause}`,
    evidence: { protocol: 'Q.850', reasonCause: q850Cause, reasonText: null },
  };
}

/** The 2xx was sent again and again because no ACK came, and then the callee gave up: "drops after 32 seconds". */
function withoutAck({ call }: CallCase): Drop | null {
  const { answerUs, endUs } = call;
  const invite = call.sip.transactions.find(
    (each) => each.method === 'INVITE' && !each.inDialog && each.status >= 200 && each.status < 300,
  );
  if (answerUs === null || invite === undefined) return null;
  const { finalCopies, finalCopiesAfterAck } = repeatsOf(invite);
  if (finalCopies < NO_ACK_COPIES) return null;
  if (call.releasedBy === 'caller') return null;
  if (endUs !== null && (endUs - answerUs < NO_ACK_FROM_US || endUs - answerUs > NO_ACK_TO_US)) return null;
  const lost = finalCopiesAfterAck > 0;
  const ack = lost ? 'the ACK passed here and never reached the callee' : 'no ACK was seen in time';
  return {
    cause: 'no_ack',
    text: `the callee sent its ${invite.status} again ${finalCopies} times, ${ack}`,
    evidence: { retransmissions: finalCopies, acknowledged: invite.acked },
  };
}

/** A re-INVITE or UPDATE showed that the other side knows nothing of the call any more (RFC 3261 12.2.1.2). */
function dialogGone({ call }: CallCase): Drop | null {
  for (const transaction of call.sip.transactions) {
    const { method, status, inDialog, fromCaller, finalOffset, firstUs } = transaction;
    if (!inDialog || !KEEPING.has(method) || !GONE.has(status) || finalOffset === null) continue;
    if (call.answerUs !== null && firstUs < call.answerUs) continue;
    const answeredUs = firstUs + finalOffset;
    if (!endsSoonAfter(call.endUs, firstUs, answeredUs)) continue;
    const other = fromCaller ? 'callee' : 'caller';
    return {
      cause: 'dialog_gone',
      text: `the ${nameOf(transaction)} of the ${fromCaller ? 'caller' : 'callee'} was refused with ${status}: the ${other} is not in the call any more`,
      evidence: { method, status, by: fromCaller ? 'caller' : 'callee' },
      startUs: answeredUs,
    };
  }
  return null;
}

/** The end follows the failed request; or there is none, which is how such calls end. */
function endsSoonAfter(endUs: number | null, askedUs: number, failedUs: number): boolean {
  return endUs === null || (endUs >= askedUs && endUs - failedUs <= CONSEQUENCE_US);
}

/**
 * A re-INVITE or UPDATE got no answer, and who sent it ended the call: because it had waited as long as its timer says
 * (RFC 3261 12.2.1.2), or because nothing more was heard of the other side. Where media went on and the end came at
 * some other time, a party hung up.
 */
function requestSilent(found: CallCase): Drop | null {
  const { call } = found;
  if (call.endUs === null) return null;
  for (const { transaction, proven } of silentRequests(found)) {
    const { method, fromCaller, firstUs } = transaction;
    const by = fromCaller ? 'caller' : 'callee';
    if (!proven || !KEEPING.has(method) || call.releasedBy !== by) continue;
    const waitedUs = call.endUs - firstUs;
    if (waitedUs < 0 || waitedUs > CONSEQUENCE_US) continue;
    const byTimer = Math.abs(waitedUs - TRANSACTION_TIMEOUT_US) <= TIMEOUT_SLACK_US;
    if (!byTimer && isHeardUntil(found, fromCaller ? 'calleeToCaller' : 'callerToCallee', call.endUs))
      continue;
    return {
      cause: 'request_unanswered',
      text: `the ${nameOf(transaction)} of the ${by} got no answer, then the ${by} hung up`,
      evidence: { method, by, retransmissions: repeatsOf(transaction).copies },
    };
  }
  return null;
}

/** Whether media of a direction flowed until shortly before a time. */
function isHeardUntil({ streams }: CallCase, direction: Direction, untilUs: number): boolean {
  return streams.some((stream) => stream.direction === direction && untilUs - stream.endUs < HEARD_US);
}

function nameOf({ method }: Transaction): string {
  return method === 'INVITE' ? 're-INVITE' : method;
}

/** The session was not refreshed in time (RFC 4028): its end falls where the timer ends it. */
function sessionExpired({ call, streams, visibility }: CallCase): Drop | null {
  const { timer } = call.sip.rare;
  if (timer === null) return null;
  const expiresUs = timer.seconds * 1e6;
  const evidence = {
    sessionExpiresS: timer.seconds,
    refresher: timer.refresher,
    refreshes: timer.refreshes,
  };
  if (call.endUs !== null) {
    const sinceUs = call.endUs - timer.sinceUs;
    const earliestUs = expiresUs - Math.min(BEFORE_EXPIRY_US, expiresUs / 3) - EXPIRY_SLACK_US;
    if (call.sip.releaseMethod !== 'BYE' || sinceUs < earliestUs || sinceUs > expiresUs + EXPIRY_SLACK_US)
      return null;
    const who = timer.refresher === null ? 'nobody' : `the ${timer.refresher}, who had to,`;
    return {
      cause: 'session_timer',
      text: `the session timer of ${timer.seconds} s ran out: ${who} did not refresh it for ${secondsText(sinceUs / 1000)} s`,
      evidence: { ...evidence, sinceRefreshMs: sinceUs / 1000 },
    };
  }
  const lastMediaUs = streams.reduce(
    (last, stream) => Math.max(last, stream.endUs),
    Number.NEGATIVE_INFINITY,
  );
  const quietUs = visibility.nowUs - Math.max(lastMediaUs, call.lastMessageUs);
  const overdueUs = visibility.nowUs - timer.sinceUs - expiresUs;
  if (streams.length === 0 || overdueUs < SILENT_US || quietUs < SILENT_US) return null;
  return {
    cause: 'session_timer',
    text: `neither refresh nor BYE: the session of ${timer.seconds} s expired, and its media had stopped`,
    evidence: { ...evidence, sinceRefreshMs: (visibility.nowUs - timer.sinceUs) / 1000 },
    startUs: lastMediaUs,
  };
}
