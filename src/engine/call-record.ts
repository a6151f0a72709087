import type { Call } from '../calls/call.ts';
import { callState } from '../calls/dialog.ts';
import type { CallRecord, Direction, StreamRecord } from '../records/types.ts';
import { callSignalling } from './call-signalling.ts';

/**
 * Puts together what is known about a finished call, but for its findings and verdict. `answersVisible`: whether
 * the answers to the caller's requests pass the tap.
 */
export function callRecord(
  call: Call,
  streams: readonly StreamRecord[],
  nowUs: number,
  answersVisible: boolean,
): CallRecord {
  const sides = roundTripSides(streams);
  const startUs = call.inviteUs ?? call.firstSeenUs;
  const sinceInvite = (us: number | null): number | null =>
    call.inviteUs === null || us === null ? null : Math.max(0, us - call.inviteUs) / 1000;
  return {
    id: `c${call.number + 1}`,
    callId: call.callId,
    from: call.from,
    to: call.to,
    startUs,
    answerUs: call.answerUs,
    endUs: call.endUs,
    durationMs: sinceInvite(call.endUs),
    state: callState(call, nowUs, answersVisible),
    finalCode: call.finalCode,
    releasedBy: call.releasedBy,
    setup: {
      postDialDelayMs: sinceInvite(call.ringingUs),
      answerDelayMs: sinceInvite(call.answerUs),
      mediaDelayMs: {
        callerToCallee: mediaDelay(call, streams, 'callerToCallee'),
        calleeToCaller: mediaDelay(call, streams, 'calleeToCaller'),
      },
    },
    roundTripMs: sides.toCaller === null || sides.toCallee === null ? null : sides.toCaller + sides.toCallee,
    roundTripSidesMs: sides,
    endpointReports: call.endpointReports,
    signalling: callSignalling(call),
    conversationId: call.conversation?.id ?? null,
    legs: call.conversation?.legs.map((leg) => leg.callId).filter((id) => id !== call.callId) ?? NONE,
    t38: null,
    mediaRefusals: call.refusals,
    verdict: 'unknown',
    severity: null,
    streams: streams.map((stream) => stream.id),
    findings: [],
    heldBack: [],
    clean: null,
  };
}

const NONE: readonly string[] = [];

/** Answer to the first packet of a direction; 0 when it was already flowing, and went on (early media). */
function mediaDelay(
  { answerUs }: Call,
  streams: readonly StreamRecord[],
  direction: Direction,
): number | null {
  if (answerUs === null) return null;
  let firstUs = Number.POSITIVE_INFINITY;
  for (const stream of streams) {
    if (stream.direction !== direction || stream.endUs < answerUs) continue;
    firstUs = Math.min(firstUs, stream.startUs);
  }
  return firstUs === Number.POSITIVE_INFINITY ? null : Math.max(0, firstUs - answerUs) / 1000;
}

/** Tap to one side, and tap to the other: medians; null where that side's echoes were not heard. */
function roundTripSides(streams: readonly StreamRecord[]): CallRecord['roundTripSidesMs'] {
  const side = (toIt: Direction, fromIt: Direction): number | null => {
    const heard = streams.find((stream) => stream.direction === toIt && stream.roundTripMs !== null);
    if (heard !== undefined) return heard.roundTripMs!.p50;
    const sender = streams.find(
      (stream) => stream.direction === fromIt && stream.rtcp.senderRoundTripMs !== null,
    );
    return sender?.rtcp.senderRoundTripMs?.p50 ?? null;
  };
  return {
    toCaller: side('calleeToCaller', 'callerToCallee'),
    toCallee: side('callerToCallee', 'calleeToCaller'),
  };
}
