import { TRANSACTION_TIMEOUT_US } from '../sip/transaction.ts';
import type { Call } from './call.ts';
import { isRetried } from './dialog.ts';
import { isAwaited } from './transfers.ts';

/** A call that is over waits so long for its last packets. */
const LINGER_US = 8_000_000;
/** Its streams are over when they were silent for this long. */
const QUIET_US = 4_000_000;
/** A refused INVITE may be tried again: by its sender's user at once, or after a prompt. */
const RETRY_US = 60_000_000;
/** A refused call waits so long for the other branches of its INVITE (RFC 3261 timer C, and a little more). */
const BRANCHES_US = 185_000_000;
/** Nothing heard of a call, neither signalling nor media: it went on without us. */
const FORGOTTEN_US = 3_600_000_000;

/** Tells the newest packet of a stream being measured. */
interface HeardMedia {
  lastUs(slot: number): number;
}

/** May a call be reported as of capture time `timeUs`: over and quiet, or not heard of for long? */
export function isOver(call: Call, timeUs: number, media: HeardMedia): boolean {
  // Cheap questions first: this is asked of every call every second.
  if (call.doneUs === null) {
    const patienceUs = patienceWith(call);
    return timeUs - call.lastMessageUs > patienceUs && timeUs - lastHeardUs(call, media) > patienceUs;
  }
  const retried = call.answerUs === null && call.finalCode !== null && isRetried(call.finalCode);
  if (timeUs - call.doneUs <= (retried ? RETRY_US : LINGER_US)) return false;
  if (timeUs - call.doneUs <= TRANSACTION_TIMEOUT_US + LINGER_US && isAwaited(call)) return false;
  return timeUs - lastHeardUs(call, media) > QUIET_US;
}

function patienceWith({ answerUs, finalCode, sip }: Call): number {
  if (answerUs === null && finalCode !== null) return BRANCHES_US;
  // Where the other side believed the BYE, none comes any more.
  return sip.rare.foreignBye === null ? FORGOTTEN_US : BRANCHES_US;
}

/** The newest message or packet of a call, us. */
function lastHeardUs(call: Call, media: HeardMedia): number {
  let lastUs = call.lastMessageUs;
  for (const { slot } of call.bound) lastUs = Math.max(lastUs, media.lastUs(slot));
  return lastUs;
}
