import type { Unseen } from '../across/across.ts';
import type { Call } from '../calls/call.ts';
import type { Direction } from '../records/types.ts';
import type { RtcpPlane } from '../rtcp/plane.ts';
import type { StreamKey } from '../rtp/plane.ts';

/** Where media of a direction should have come from and gone to. */
interface Way {
  direction: Direction;
  src: Int32Array;
  dst: Int32Array;
}

/**
 * What a call itself says about a direction that the tap may not see: reports of receivers of it, or signalling of one side
 * only; null where it says nothing.
 */
export function unseenOf(
  { sip }: Call,
  heard: readonly { key: StreamKey }[],
  { direction, src, dst }: Way,
  rtcp: RtcpPlane,
): Unseen | null {
  if (heard.some(({ key }) => rtcp.hearsFrom(key.ssrc, src, dst))) return 'receiver_reports';
  const senderHeard = direction === 'callerToCallee' ? sip.heardCaller : sip.heardCallee;
  const otherHeard = direction === 'callerToCallee' ? sip.heardCallee : sip.heardCaller;
  return otherHeard && !senderHeard ? 'signalling' : null;
}
