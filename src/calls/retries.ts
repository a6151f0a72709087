import { dropOldest } from '../records/oldest.ts';
import type { Call } from './call.ts';
import { rarely } from './sip-facts.ts';

/** A new INVITE of the same parties so soon after a failure tries the same call again. */
const RETRY_US = 30_000_000;
const FAILED_MAX = 16_384;
/** Failures in a row of which an answer is told. */
const CHAIN_MAX = 16;

/** The attempt that was answered in place of one that failed. */
export interface AnsweredRetry {
  /** Its Call-ID, and where its INVITE went. */
  callId: string;
  destination: string | null;
  inviteUs: number;
  answerUs: number;
}

/** Held by a failed call and the attempts after it: whoever tries again says here that it was answered. */
export interface Retried {
  failedUs: number;
  answered: AnsweredRetry | null;
}

interface Failure {
  callId: string;
  endUs: number;
  /** Of the failed call, and of those that it had tried again itself. */
  chain: readonly Retried[];
}

/** Recognises calls that try again what has just failed (needs S056, S057), and tells the failed ones of success. */
export class Retries {
  private readonly failed = new Map<string, Failure>();

  /** A call failed. */
  failure(call: Call, endUs: number): void {
    const key = partiesOf(call);
    if (key === null) return;
    this.failed.delete(key);
    if (this.failed.size >= FAILED_MAX) dropOldest(this.failed);
    const retried: Retried = { failedUs: endUs, answered: null };
    const rare = rarely(call);
    rare.retried = retried;
    const chain = [...rare.triesAgain, retried].slice(-CHAIN_MAX);
    this.failed.set(key, { callId: call.callId, endUs, chain });
  }

  /** A new call: notes which failed one it tries again, if any. */
  began(call: Call, timeUs: number): void {
    if (this.failed.size === 0) return;
    const key = partiesOf(call);
    const failure = key === null ? undefined : this.failed.get(key);
    if (failure === undefined || failure.callId === call.callId) return;
    if (timeUs - failure.endUs > RETRY_US) return;
    const rare = rarely(call);
    rare.retryOf = failure.callId;
    rare.triesAgain = failure.chain;
  }

  /** A call was answered: so were those that it tries again. */
  answered(call: Call, answerUs: number): void {
    const { callId, inviteUs, sip } = call;
    if (inviteUs === null) return;
    const answered = { callId, destination: sip.destination, inviteUs, answerUs };
    for (const retried of sip.rare.triesAgain) retried.answered ??= answered;
  }

  /** Forgets failures too old to be tried again. */
  sweep(timeUs: number): void {
    for (const [key, { endUs }] of this.failed) {
      if (timeUs - endUs <= RETRY_US) break;
      this.failed.delete(key);
    }
  }
}

function partiesOf(call: Call): string | null {
  return call.from === null || call.to === null ? null : `${call.from} ${call.to}`;
}
