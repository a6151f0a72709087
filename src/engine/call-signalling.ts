import type { Call } from '../calls/call.ts';
import { transferOutcome } from '../calls/transfers.ts';
import type { CallRelease, CallSignalling, TransferRecord } from '../records/call-signalling.ts';
import type { SenderMarks } from '../records/interval-record.ts';

/** What the signalling of a call said besides its state and times. */
export function callSignalling(call: Call): CallSignalling {
  const { sip } = call;
  const { rare } = sip;
  const sinceInvite = (us: number | null): number | null =>
    call.inviteUs === null || us === null ? null : Math.max(0, us - call.inviteUs) / 1000;
  const answerOrEnd = call.answerUs ?? call.endUs;
  return {
    transport: sip.transport,
    tries: sip.tries,
    refusals: rare.refusals,
    retryOf: rare.retryOf,
    // Known when it is judged.
    retriedAs: null,
    retriedAfterMs: null,
    reasonPhrase: sip.reasonPhrase,
    firstResponseMs: sinceInvite(sip.firstResponseUs),
    sessionRequestDelayMs: sinceInvite(sip.progressUs ?? (call.finalCode === null ? null : answerOrEnd)),
    ringMs:
      call.ringingUs === null || answerOrEnd === null
        ? null
        : Math.max(0, answerOrEnd - call.ringingUs) / 1000,
    sessionDisconnectDelayMs: disconnectDelay(call),
    release: call.endUs === null ? null : released(call),
    sessionTimer:
      rare.timer === null
        ? null
        : { seconds: rare.timer.seconds, refresher: rare.timer.refresher, refreshes: rare.timer.refreshes },
    transfers: transfersOf(call),
    replaces: rare.replaces,
    diversions: rare.diversions,
    redirectedTo: rare.redirectedTo,
    forks: sip.dialogTag === null ? 0 : 1 + rare.otherTags.length,
    reliableProvisional: rare.reliableProvisional,
    maxForwards: { first: sip.firstMaxForwards, lowest: sip.lowestMaxForwards },
    loops: rare.loops,
    emergency: rare.emergency,
    userAgents: { caller: sip.callerAgent, callee: sip.calleeAgent },
    hosts: { source: sip.source, destination: sip.destination },
    interface: null,
    dscp: { caller: sip.callerDscp, callee: sip.calleeDscp },
    headers: rare.headers,
    assertedIdentity: rare.assertedIdentity,
    // Known when it is judged.
    ofScan: false,
    requests: sip.requests,
    retransmissions: sip.retransmissions,
  };
}

/** What a call says of the sender of one of its streams. */
export function senderMarks({ sip }: Call, fromCaller: boolean): SenderMarks {
  return { userAgent: fromCaller ? sip.callerAgent : sip.calleeAgent, headers: sip.rare.headers };
}

function released({ sip }: Call): CallRelease | null {
  const { reasons, q850Cause } = sip.rare;
  return sip.releaseMethod === null ? null : { method: sip.releaseMethod, reasons, q850Cause };
}

/** The first BYE that was accepted: to its 2xx, ms. */
function disconnectDelay({ sip }: Call): number | null {
  const bye = sip.transactions.find(
    (each) => each.method === 'BYE' && each.status >= 200 && each.status < 300,
  );
  return bye === undefined || bye.finalOffset === null ? null : Math.max(0, bye.finalOffset) / 1000;
}

function transfersOf(call: Call): TransferRecord[] {
  return call.sip.rare.transfers.map((transfer) => ({
    by: transfer.by,
    startUs: transfer.timeUs,
    target: transfer.target,
    replaces: transfer.replaces,
    referStatus: transfer.referStatus,
    notifyStatus: transfer.notifyStatus,
    outcome: transferOutcome(call, transfer),
  }));
}
