import { failureMs } from './dialog.ts';
import { isoTime } from './pcap.ts';
import { isAnswered, type ResolvedCall } from './resolve.ts';
import { addressOfRecord } from './sip-message.ts';
import type { CallTruth } from './truth.ts';

const STATES: Record<ResolvedCall['outcome'], CallTruth['state']> = {
  answered: 'answered',
  open: 'open',
  busy: 'failed',
  not_found: 'failed',
  no_answer: 'failed',
  canceled: 'canceled',
  ringing: 'ringing',
  none: 'open',
  midcall: 'answered',
  unreachable: 'failed',
};

/** What a perfect observer of the signalling knows about a call. Times as the file rounds them, to `unitNs`. */
export function callTruth(call: ResolvedCall, epochMs: number, unitNs: number): CallTruth {
  const { outcome } = call;
  const complete = outcome !== 'midcall';
  const answered = isAnswered(outcome);
  const rejected = outcome === 'busy' || outcome === 'not_found';
  const endMs = released(outcome) ? call.byeMs : answered ? null : failureMs(call);
  const fileNs = (ms: number): number => Math.round((ms * 1e6) / unitNs) * unitNs;
  const time = (ms: number): string => isoTime(epochMs, fileNs(ms));
  const spanMs = (fromMs: number, toMs: number): number => (fileNs(toMs) - fileNs(fromMs)) / 1e6;
  return {
    callId: call.callId,
    from: addressOfRecord(call.caller),
    to: addressOfRecord(call.callee),
    state: STATES[outcome],
    finalCode: call.finalCode,
    startTime: complete ? time(call.inviteMs) : null,
    answerTime: answered ? time(call.answerMs) : null,
    endTime: endMs === null ? null : time(endMs),
    releasedBy: released(outcome) ? call.releasedBy : outcome === 'canceled' ? 'caller' : null,
    durationMs: complete && endMs !== null ? spanMs(call.inviteMs, endMs) : null,
    postDialDelayMs:
      complete && !rejected && outcome !== 'unreachable' ? spanMs(call.inviteMs, call.ringingMs) : null,
    answerDelayMs: answered ? spanMs(call.inviteMs, call.answerMs) : null,
  };
}

/** Ends with a BYE. */
function released(outcome: ResolvedCall['outcome']): boolean {
  return outcome === 'answered' || outcome === 'midcall';
}
