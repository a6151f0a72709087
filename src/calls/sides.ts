import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';
import type { Call, Side } from './call.ts';

/** The one across. */
export function otherSide(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}

/** Which side sent a message. A response comes from the other side than its request. */
export function senderOf(call: Call, message: SipMessage): Side {
  const requester: Side = fromCaller(call, message) ? 'caller' : 'callee';
  return message.kind === 'request' ? requester : otherSide(requester);
}

function fromCaller(call: Call, message: SipMessage): boolean {
  const tag = message.from?.tag ?? null;
  if (call.callerTag !== null && tag !== null) return tag === call.callerTag;
  return partyOf(message.from) === call.from;
}

/** Who sent the request that a message is, or answers. */
export function requesterOf(call: Call, message: SipMessage): Side {
  const sender = senderOf(call, message);
  return message.kind === 'request' ? sender : otherSide(sender);
}

/** The tag of the callee's side in a message, whoever sent it. */
export function calleeTagOf(call: Call, message: SipMessage): string | null {
  const { from, to } = message;
  return from?.tag != null && from.tag !== call.callerTag ? from.tag : (to?.tag ?? null);
}
