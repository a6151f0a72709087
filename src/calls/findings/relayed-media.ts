import type { Direction, Endpoint, FindingRecord, StreamRecord } from '../../records/types.ts';
import type { Call, Description, Side } from '../call.ts';
import { isWayBack } from '../ways.ts';
import { canonical, endpointText, isAmong } from './announced.ts';
import { type CallFacts, DIRECTIONS, endsOf, opposite } from './call-facts.ts';
import { aboutCall, secondsText } from './finding.ts';
import { afterGrace, inForce, lengthUs, overlapUs } from './talk-time.ts';

/** Where both sides of one hop receive, by the offer and the answer that passed there. */
type Hop = Record<Side, Endpoint>;

/**
 * Media that reaches a relay and does not leave it: the tap sees both hops of a proxy that puts a relay into the
 * descriptions, both directions on the one, and a single one on the other. Of calls that were renegotiated nothing is
 * said: each hop has several places then.
 */
export function relayedFinding(facts: CallFacts): FindingRecord | null {
  const { call, record, thresholds, talk } = facts;
  const graceUs = thresholds.graceMs * 1000;
  const { answerUs, descriptions } = call;
  // Two hops have two offers and two answers.
  if (descriptions.length < 4) return null;
  // The answer itself takes its time from hop to hop.
  if (answerUs === null || talk.changesUs.some((us) => us > answerUs + graceUs)) return null;
  const spans = afterGrace(talk, graceUs);
  if (lengthUs(spans) < thresholds.absentMediaMs * 1000) return null;
  const hops = hopsOf(call);
  if (hops.length < 2 || !areApart(hops)) return null;
  const heard = facts.streams.filter(({ startUs, endUs }) => overlapUs(spans, startUs, endUs + 1) > 0);
  for (const direction of DIRECTIONS) {
    const bare = hops.find((hop) => !flows(heard, hop, direction) && flows(heard, hop, opposite(direction)));
    const whole = hops.some((hop) => flows(heard, hop, direction) && flows(heard, hop, opposite(direction)));
    if (bare === undefined || !whole) continue;
    const { sender, receiver } = endsOf(direction);
    const [from, to] = [endpointText(bare[sender]), endpointText(bare[receiver])];
    const seconds = secondsText(lengthUs(talk.talk) / 1000);
    return aboutCall(record, direction, {
      code: 'one_way_media',
      severity: 'critical',
      text:
        `no audio from ${from} to ${to} in ${seconds} s, while it flows on the other hop: ` +
        `what the ${sender} sends is not sent on to the ${receiver}`,
      evidence: {
        callerToCalleePackets: packetsOf(heard, bare, 'callerToCallee'),
        calleeToCallerPackets: packetsOf(heard, bare, 'calleeToCaller'),
        talkMs: lengthUs(talk.talk) / 1000,
        sdpAddress: to,
        relay: from,
      },
      startUs: answerUs,
      endUs: record.endUs,
    });
  }
  return null;
}

/** The newest offer and answer between each two hosts. */
function hopsOf(call: Call): Hop[] {
  const agreed = inForce(call);
  const hops = new Map<string, Hop>();
  for (const answer of agreed) {
    const offer = agreed.findLast((other) => isAnsweredBy(other, answer));
    const [here, there] = [audioEnd(answer), offer === undefined ? null : audioEnd(offer)];
    if (here === null || there === null) continue;
    const hop: Hop =
      answer.side === 'callee' ? { caller: there, callee: here } : { caller: here, callee: there };
    hops.set(answer.between!.src.concat(answer.between!.dst).join(), hop);
  }
  return [...hops.values()];
}

function isAnsweredBy(offer: Description, answer: Description): boolean {
  const { between: to } = offer;
  const { between: back } = answer;
  if (to === null || back === null || offer.side === answer.side || offer.timeUs > answer.timeUs)
    return false;
  if (offer.cseq !== answer.cseq || offer.requester !== answer.requester) return false;
  return isWayBack(to, back);
}

/** The place of the only audio line; null where there are several, ICE looks for better places, or it is on hold. */
function audioEnd({ media }: Description): Endpoint | null {
  const lines = media.filter(({ type, port }) => type === 'audio' && port > 0);
  const [line] = lines;
  if (line === undefined || lines.length > 1 || line.candidates.length > 0) return null;
  if (line.address === null || line.direction !== 'sendrecv') return null;
  const ip = canonical(line.address);
  return ip === null ? null : { ip, port: line.port };
}

/** A relay has a place of its own on every hop, towards both sides. */
function areApart(hops: readonly Hop[]): boolean {
  const ends = hops.flatMap(({ caller, callee }) => [endpointText(caller), endpointText(callee)]);
  return new Set(ends).size === ends.length;
}

/** Does anything flow on a hop in a direction: to where it is wanted, or, to a NAT, from where the sender is? */
function flows(streams: readonly StreamRecord[], hop: Hop, direction: Direction): boolean {
  return packetsOf(streams, hop, direction) > 0;
}

function packetsOf(streams: readonly StreamRecord[], hop: Hop, direction: Direction): number {
  const { sender, receiver } = endsOf(direction);
  return streams
    .filter((stream) => stream.direction === direction)
    .filter(({ src, dst }) => isAmong([hop[receiver]], dst) || isAmong([hop[sender]], src))
    .reduce((sum, { packets }) => sum + packets, 0);
}
