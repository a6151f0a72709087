import { sessionExpires } from '../sip/accessors.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Call, Side } from './call.ts';
import { otherSide, requesterOf } from './sides.ts';
import { rarely } from './sip-facts.ts';

/** Methods that refresh a session (RFC 4028 section 1). */
const REFRESHING = new Set(['INVITE', 'UPDATE']);

/**
 * Follows the session timer (RFC 4028): a 2xx to INVITE or UPDATE sets it or ends it, and every one of them is a
 * refresh. The refresher is named by its role in that very transaction (section 4).
 */
export function noteSessionTimer(call: Call, message: SipMessage, timeUs: number): void {
  if (message.kind !== 'response' || !REFRESHING.has(message.method)) return;
  const status = message.status ?? 0;
  if (status < 200 || status > 299) return;
  const asked = sessionExpires(message);
  const { timer } = call.sip.rare;
  if (asked === null || asked.seconds === 0) {
    if (timer !== null) rarely(call).timer = null;
    return;
  }
  const requester = requesterOf(call, message);
  rarely(call).timer = {
    seconds: asked.seconds,
    refresher: roleSide(asked.refresher, requester),
    sinceUs: timeUs,
    refreshes: timer === null ? 0 : timer.refreshes + 1,
  };
}

function roleSide(role: 'uac' | 'uas' | null, requester: Side): Side | null {
  if (role === null) return null;
  return role === 'uac' ? requester : otherSide(requester);
}
