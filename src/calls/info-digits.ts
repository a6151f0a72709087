import type { SipMessage } from '../sip/message.ts';
import type { Call } from './call.ts';
import { senderOf } from './sides.ts';

/** Bodies that carry a digit: `application/dtmf-relay`, `application/dtmf`, and `audio/telephone-event`. */
const DIGIT_BODY = /^\s*(?:application\/dtmf(?:-relay)?|audio\/telephone-event)\s*(?:;|$)/i;

/** Counts the digits that a call sends by INFO (RFC 6086 and the practice before it). Copies count each time. */
export function noteInfoDigits(call: Call, message: SipMessage): void {
  if (message.kind !== 'request' || message.method !== 'INFO') return;
  if (message.contentType === null || !DIGIT_BODY.test(message.contentType)) return;
  call.infoDigits[senderOf(call, message)]++;
}
