import { dropOldest } from '../records/oldest.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Call } from './call.ts';
import { isRetried } from './dialog.ts';

/** Names of reported calls, remembered so that a late retransmission does not open them again. */
const FINISHED_MAX = 65_536;
/** After so long nothing of the old call is under way any more: its Call-ID is free for a new INVITE. */
const REUSE_US = 64_000_000;
/** After so long nobody repeats anything of it. */
const FINISHED_US = 3_600_000_000;

/** A call that was reported. */
interface Finished {
  callerTag: string | null;
  heardUs: number;
}

/**
 * The calls being followed, by name. A call is named by its Call-ID. Where a B2BUA gives the next leg the Call-ID of
 * the one before, or a telephone uses one for all its calls, an INVITE with another From tag opens a dialog, and a
 * call, of its own (RFC 3261 12): its name has that tag in it.
 */
export class CallNames {
  private readonly calls = new Map<string, Call>();
  private readonly finished = new Map<string, Finished>();

  /** Calls being followed now. */
  get size(): number {
    return this.calls.size;
  }

  values(): MapIterator<Call> {
    return this.calls.values();
  }

  /** The first call of a Call-ID. */
  first(callId: string): Call | undefined {
    return this.calls.get(callId);
  }

  /** The call a message belongs to; null when it is not followed, or when the message may open another. */
  find(message: SipMessage): Call | null {
    const { callId, from, to } = message;
    const first = this.calls.get(callId);
    if (first === undefined ? !this.finished.has(callId) : isOf(first, message)) return first ?? null;
    for (const tag of [from?.tag, to?.tag]) {
      const leg = tag == null ? undefined : this.calls.get(nameOf(callId, tag));
      if (leg !== undefined) return leg;
    }
    if (first === undefined || !opensDialog(message)) return first ?? null;
    if (first.answerUs !== null || first.finalCode === null || !isRetried(first.finalCode)) return null;
    // Some telephones answer a challenge with another tag: the same attempt.
    first.callerTag = message.from?.tag ?? null;
    return first;
  }

  /** The name of the call that a message opens; null when it is only an echo of one that was reported. */
  freeName(message: SipMessage, timeUs: number): string | null {
    const { callId, from } = message;
    const taken = this.calls.get(callId) ?? this.finished.get(callId);
    const tag = from?.tag ?? null;
    const differs = tag !== null && taken?.callerTag != null && taken.callerTag !== tag;
    const name = differs && opensDialog(message) ? nameOf(callId, tag) : callId;
    const known = this.finished.get(name);
    if (known === undefined) return name;
    if (!opensDialog(message) || timeUs - known.heardUs < REUSE_US) return null;
    this.finished.delete(name);
    return name;
  }

  add(call: Call): void {
    this.calls.set(call.name, call);
  }

  /** A call is reported: its name is remembered for a while. */
  finish({ name, callerTag, lastMessageUs }: Call): void {
    this.calls.delete(name);
    this.finished.set(name, { callerTag, heardUs: lastMessageUs });
    if (this.finished.size > FINISHED_MAX) dropOldest(this.finished);
  }

  sweep(timeUs: number): void {
    for (const [name, { heardUs }] of this.finished) {
      if (timeUs - heardUs <= FINISHED_US) break;
      this.finished.delete(name);
    }
  }
}

/** Is a message of the dialogs that the caller of a call has? One without tags may be. */
function isOf({ callerTag }: Call, { from, to }: SipMessage): boolean {
  return callerTag === null || from?.tag == null || from.tag === callerTag || to?.tag === callerTag;
}

function opensDialog(message: SipMessage): boolean {
  return message.kind === 'request' && message.method === 'INVITE' && message.to?.tag == null;
}

/** No Call-ID has a line break in it. */
function nameOf(callId: string, tag: string): string {
  return `${callId}\n${tag}`;
}
