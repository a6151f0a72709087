import type { PathMark } from '../records/stream-history.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import type { Call } from './call.ts';
import { senderOf } from './sides.ts';

/** Which markings (DSCP) packets are to have here. Where nothing is listed, nothing is judged. */
export interface MarkingPolicy {
  voice: readonly number[];
  signalling: readonly number[];
}

/** EF (RFC 3246) and VOICE-ADMIT (RFC 5865); signalling is CS3 here, AF31 there, and best effort in most places. */
export const DEFAULT_MARKING: MarkingPolicy = { voice: [46, 44], signalling: [] };

/** How long a stream of this length was marked as voice should be, ms; `path` as in its history. */
export function markedMs(path: readonly PathMark[], durationMs: number, voice: readonly number[]): number {
  return path.reduce((sum, { dscp, atMs }, i) => {
    const untilMs = path[i + 1]?.atMs ?? durationMs;
    return dscp !== null && voice.includes(dscp) ? sum + untilMs - atMs : sum;
  }, 0);
}

/** Nearly every call has one marking: these lists are shared. */
const ALONE: readonly (readonly number[])[] = Array.from({ length: 64 }, (_, dscp) => [dscp]);

/** Notes how a message was marked when it passed the tap, for the side of the call that it comes from. */
export function noteMarking(call: Call, message: SipMessage, hop: Hop | null): void {
  if (hop === null || hop.tos < 0) return;
  const dscp = hop.tos >> 2;
  const { sip } = call;
  if (senderOf(call, message) === 'caller') sip.callerDscp = withMarking(sip.callerDscp, dscp);
  else sip.calleeDscp = withMarking(sip.calleeDscp, dscp);
}

function withMarking(known: readonly number[], dscp: number): readonly number[] {
  if (known.includes(dscp)) return known;
  return known.length === 0 ? ALONE[dscp]! : [...known, dscp];
}
