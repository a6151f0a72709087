import type { MissingWay, Unseen } from '../across/across.ts';
import type { Call } from '../calls/call.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { StreamKey } from '../rtp/plane.ts';

/**
 * What a call itself says about a direction that the tap may not see: reports of receivers of it, or signalling of one side
 * only; null where it says nothing.
 */
export function unseenOf(
  { sip }: Call,
  heard: readonly { key: StreamKey }[],
  { direction, src, dst }: MissingWay,
  rtcp: RtcpPlane,
): Unseen | null {
  if (heard.some(({ key }) => rtcp.hearsFrom(key.ssrc, src, dst))) return 'receiver_reports';
  const senderHeard = direction === 'callerToCallee' ? sip.heardCaller : sip.heardCallee;
  const otherHeard = direction === 'callerToCallee' ? sip.heardCallee : sip.heardCaller;
  return otherHeard && !senderHeard ? 'signalling' : null;
}
