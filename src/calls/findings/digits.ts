import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { Side } from '../call.ts';
import { type CallFacts, DIRECTIONS, endsOf } from './call-facts.ts';
import { aboutCall, aboutStream } from './finding.ts';
import { counterpartOf } from './talk-time.ts';

/** Do the sides agree how digits travel: RFC 4733 events, INFO, or nothing but sound? */
export function digitFindings(facts: CallFacts): FindingRecord[] {
  const { call } = facts;
  // Of a description that was cut nobody knows what else it listed.
  if (call.answerUs === null || call.descriptions.some(({ cut }) => cut)) return [];
  const refused = refusedFinding(facts);
  if (refused !== null) return [refused];
  const events = { caller: eventTypes(facts, 'caller'), callee: eventTypes(facts, 'callee') };
  for (const direction of DIRECTIONS) {
    const { sender, receiver } = endsOf(direction);
    for (const stream of facts.streams) {
      if (stream.direction !== direction || stream.media.eventPackets === 0) continue;
      const found =
        unlistedFinding(facts, stream, events[receiver], receiver) ?? twiceFinding(facts, stream, sender);
      if (found !== null) return [found];
    }
  }
  const oneSided = oneSidedFinding(facts, events);
  return oneSided === null ? [] : [oneSided];
}

const UNSUPPORTED_MEDIA_TYPE = 415;

/** Digits by INFO that the other side does not understand: they are lost. */
function refusedFinding(facts: CallFacts): FindingRecord | null {
  const { call } = facts;
  for (const transaction of call.sip.transactions) {
    const { method, status, fromCaller, firstUs } = transaction;
    const by = fromCaller ? 'caller' : 'callee';
    if (method !== 'INFO' || status !== UNSUPPORTED_MEDIA_TYPE || call.infoDigits[by] === 0) continue;
    const refusals = call.sip.transactions.filter(
      (each) => each.method === 'INFO' && each.status === status && each.fromCaller === fromCaller,
    ).length;
    const other = fromCaller ? 'callee' : 'caller';
    return aboutCall(facts.record, null, {
      code: 'dtmf_mismatch',
      severity: 'warning',
      text: `the ${by} sends digits by INFO, and the ${other} refuses them with ${status}: they are lost`,
      evidence: {
        reason: 'info_refused',
        ...support(facts),
        eventPackets: 0,
        infoDigits: call.infoDigits[by],
        infoRefused: refusals,
      },
      startUs: firstUs,
    });
  }
  return null;
}

/**
 * Payload types a side lists for events, on the lines that the other side took; null when it has no SDP with audio.
 */
export function eventTypes({ call }: CallFacts, side: Side): Set<number> | null {
  let types: Set<number> | null = null;
  for (const description of call.descriptions) {
    if (description.side !== side || description.refused) continue;
    const other = counterpartOf(call.descriptions, description);
    for (const [i, line] of description.media.entries()) {
      if (line.type !== 'audio' || line.port === 0 || other?.media[i]?.port === 0) continue;
      types ??= new Set();
      for (const { name, payloadType } of line.codecs) {
        if (name.toLowerCase() === 'telephone-event') types.add(payloadType);
      }
    }
  }
  return types;
}

/** Events in packets of a type that the receiver does not take for events. */
function unlistedFinding(
  facts: CallFacts,
  stream: StreamRecord,
  listed: Set<number> | null,
  receiver: Side,
): FindingRecord | null {
  if (listed === null) return null;
  const audio = new Set(stream.history.formats.map(({ payloadType }) => payloadType));
  const sent = stream.payloadTypes.filter((type) => type >= 96 && !audio.has(type));
  const unlisted = sent.find((type) => !listed.has(type) && !isNamedOtherwise(facts, type));
  if (unlisted === undefined) return null;
  const lists = listed.size === 0 ? 'lists none' : `listed ${[...listed].join(', ')}`;
  return aboutStream(stream, {
    code: 'dtmf_mismatch',
    severity: 'warning',
    text: `digits are sent as events of payload type ${unlisted}, the ${receiver} ${lists}: they are lost`,
    evidence: {
      reason: 'payload_type',
      ...support(facts),
      eventPackets: stream.media.eventPackets,
      infoDigits: facts.call.infoDigits.caller + facts.call.infoDigits.callee,
    },
    startUs: stream.events[0]?.startUs ?? stream.startUs,
  });
}

/** Is a payload type something else than events by any description: comfort noise, redundancy, parity? */
function isNamedOtherwise({ call }: CallFacts, type: number): boolean {
  return call.descriptions.some(({ media }) =>
    media.some(({ codecs }) =>
      codecs.some(
        ({ name, payloadType }) => payloadType === type && name.toLowerCase() !== 'telephone-event',
      ),
    ),
  );
}

/** The same side sends digits by INFO and as events. */
function twiceFinding(facts: CallFacts, stream: StreamRecord, sender: Side): FindingRecord | null {
  const infoDigits = facts.call.infoDigits[sender];
  if (infoDigits === 0 || stream.events.length === 0) return null;
  return aboutStream(stream, {
    code: 'dtmf_mismatch',
    severity: 'warning',
    text: `the ${sender} sends digits twice: ${stream.events.length} events (RFC 4733) and ${infoDigits} by INFO`,
    evidence: {
      reason: 'info_and_events',
      ...support(facts),
      eventPackets: stream.media.eventPackets,
      infoDigits,
    },
    startUs: stream.events[0]!.startUs,
  });
}

function oneSidedFinding(
  facts: CallFacts,
  { caller, callee }: Record<Side, Set<number> | null>,
): FindingRecord | null {
  if (caller === null || callee === null || caller.size > 0 === callee.size > 0) return null;
  const [without, withIt] = caller.size === 0 ? ['caller', 'callee'] : ['callee', 'caller'];
  const { infoDigits } = facts.call;
  const sent = infoDigits.caller + infoDigits.callee;
  return aboutCall(facts.record, null, {
    code: 'dtmf_mismatch',
    severity: 'info',
    text:
      `only the ${withIt}'s SDP has telephone-event: digits for the ${without} travel as sound` +
      `${sent > 0 ? ', or by INFO' : ''}`,
    evidence: { reason: 'one_side_only', ...support(facts), eventPackets: 0, infoDigits: sent },
  });
}

function support(facts: CallFacts): { callerEvents: boolean; calleeEvents: boolean } {
  return {
    callerEvents: (eventTypes(facts, 'caller')?.size ?? 0) > 0,
    calleeEvents: (eventTypes(facts, 'callee')?.size ?? 0) > 0,
  };
}
