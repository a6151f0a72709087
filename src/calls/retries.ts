import type { Call } from './call.ts';
import { dropOldest } from './oldest.ts';

/** A new INVITE of the same parties so soon after a failure tries the same call again. */
const RETRY_US = 30_000_000;
const FAILED_MAX = 16_384;

interface Failure {
  callId: string;
  endUs: number;
}

/** Recognises calls that try again what has just failed (needs S056, S057). */
export class Retries {
  private readonly failed = new Map<string, Failure>();

  /** A call failed. */
  failure(call: Call, endUs: number): void {
    const key = partiesOf(call);
    if (key === null) return;
    this.failed.delete(key);
    if (this.failed.size >= FAILED_MAX) dropOldest(this.failed);
    this.failed.set(key, { callId: call.callId, endUs });
  }

  /** Call-ID of the failed call that a new one tries again, or null. */
  retried(call: Call, timeUs: number): string | null {
    if (this.failed.size === 0) return null;
    const key = partiesOf(call);
    const failure = key === null ? undefined : this.failed.get(key);
    if (failure === undefined || failure.callId === call.callId) return null;
    return timeUs - failure.endUs <= RETRY_US ? failure.callId : null;
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
