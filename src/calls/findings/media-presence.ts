import type { Direction, FindingRecord, StreamRecord } from '../../records/types.ts';
import type { SdpMedia } from '../../sip/sdp.ts';
import { endpointText } from './announced.ts';
import { audioOf, type CallFacts, DIRECTIONS, endsOf, isAudio, opposite } from './call-facts.ts';
import { aboutCall, aboutStream, secondsText, type Verdict } from './finding.ts';
import { idleBeforeMs } from './idle-before.ts';
import { relayedFinding } from './relayed-media.ts';
import { afterGrace, audioAt, lengthUs, overlapUs, type Span, upSince } from './talk-time.ts';
import { unheardFinding } from './unheard-media.ts';

/** Media that should be there and is not, comes late, or ends early (standards 7.4). */
export function presenceFindings(facts: CallFacts): FindingRecord[] {
  const { call, visibility } = facts;
  const upUs = upSince(call);
  if (upUs === null || call.shared?.tooMany || !visibility.mediaSeen) return [];
  const absent = absentFinding(facts, upUs) ?? relayedFinding(facts);
  if (absent?.code === 'no_media') return [absent];
  const found: FindingRecord[] = absent === null ? [] : [absent];
  for (const direction of DIRECTIONS) {
    if (absent?.direction === direction) continue;
    const late = lateFinding(facts, direction);
    const stopped = stoppedFinding(facts, direction, upUs) ?? unheardFinding(facts, direction);
    if (late !== null) found.push(late);
    if (stopped !== null) found.push(stopped);
  }
  return found;
}

/**
 * Was two-way audio wanted for longer than media may take to come? Where it was for less than makes a finding
 * (`absentMediaMs`), a direction without media is no fault, and nothing to call healthy either.
 */
export function wantedBothWays({ talk, thresholds, record, call }: CallFacts): boolean {
  if (record.t38 !== null || call.answerUs === null) return false;
  return lengthUs(afterGrace(talk, thresholds.graceMs * 1000)) > 0;
}

/** One-way media and no media: only while both sides asked for two-way audio. */
function absentFinding(facts: CallFacts, upUs: number): FindingRecord | null {
  const { record, thresholds, call } = facts;
  const talk = afterGrace(facts.talk, thresholds.graceMs * 1000);
  const talkUs = lengthUs(talk);
  if (talkUs < thresholds.absentMediaMs * 1000) return null;
  const heard = (direction: Direction): boolean =>
    flowsAsFax(facts, direction, talk[0]!.startUs) ||
    flowsOf(facts, direction).some(({ startUs, endUs }) => overlapUs(talk, startUs, endUs + 1) > 0);
  const forward = heard('callerToCallee');
  const backward = heard('calleeToCaller');
  if (forward && backward) return null;
  const evidence = {
    callerToCalleePackets: packetsOf(facts, 'callerToCallee'),
    calleeToCallerPackets: packetsOf(facts, 'calleeToCaller'),
    talkMs: lengthUs(facts.talk.talk) / 1000,
  };
  const span = { startUs: upUs, endUs: record.endUs };
  const seconds = secondsText(lengthUs(facts.talk.talk) / 1000);
  if (!forward && !backward) {
    return aboutCall(record, null, {
      code: 'no_media',
      severity: 'critical',
      text: `${call.answerUs === null ? 'the call is up' : 'answered'}, but no audio either way in ${seconds} s`,
      evidence,
      ...span,
    });
  }
  const missing: Direction = forward ? 'calleeToCaller' : 'callerToCallee';
  const { sender, receiver } = endsOf(missing);
  const address = audioAt(call, receiver, talk.at(-1)!.endUs);
  const other = packetsOf(facts, opposite(missing));
  // What goes there may be in the other legs.
  const there = other > 0 ? `${other} packets` : 'media that another leg announced, too,';
  const since = call.answerUs === null ? ' since the first SDP seen' : ' since the answer';
  const before = packetsOf(facts, missing) > 0 ? since : '';
  return aboutCall(record, missing, {
    code: 'one_way_media',
    severity: 'critical',
    text: `no audio from ${sender} to ${receiver}${before} in ${seconds} s, while ${there} went the other way`,
    evidence: { ...evidence, sdpAddress: sdpAddressText(address) },
    ...span,
  });
}

function sdpAddressText(line: SdpMedia | null): string | null {
  return line === null || line.address === null ? null : endpointText({ ip: line.address, port: line.port });
}

/** What shows that a side is there: audio, and be it comfort noise or digits alone. Video beside it does not. */
function soundOf({ streams }: CallFacts, direction: Direction): StreamRecord[] {
  return streams.filter((stream) => {
    const { silencePackets, eventPackets } = stream.media;
    return stream.direction === direction && (isAudio(stream) || silencePackets + eventPackets > 0);
  });
}

/** When sound flows in a direction: in streams of the call, or of those that share its media. */
function flowsOf(facts: CallFacts, direction: Direction): readonly Span[] {
  const own: readonly Span[] = soundOf(facts, direction);
  return own.concat(sharedOf(facts, direction));
}

/** The same of the other calls. What their streams carry is not told here. */
function sharedOf({ call }: CallFacts, direction: Direction): readonly Span[] {
  const flows = call.shared?.flows ?? [];
  return flows.filter(({ fromCaller }) => fromCaller === (direction === 'callerToCallee'));
}

/** Does T.38 flow at some time after `sinceUs`? An offer may have audio and image lines, both of which are accepted. */
function flowsAsFax({ record }: CallFacts, direction: Direction, sinceUs: number): boolean {
  const fax = record.t38?.[direction] ?? null;
  return fax !== null && fax.endUs > sinceUs;
}

function packetsOf(facts: CallFacts, direction: Direction): number {
  return soundOf(facts, direction).reduce((sum, { packets }) => sum + packets, 0);
}

/** The first packet of a direction long after the answer. */
function lateFinding(facts: CallFacts, direction: Direction): FindingRecord | null {
  const { call, thresholds, talk } = facts;
  if (call.answerUs === null) return null;
  const first = firstOf(facts, direction, call.answerUs);
  if (first === null || sharedOf(facts, direction).length > 0) return null;
  const waitedUs = overlapUs(talk.talk, call.answerUs, first.startUs);
  if (waitedUs <= thresholds.lateMediaMs * 1000) return null;
  // Held first and heard afterwards: the delay counts from when it was asked for.
  const { sender, receiver } = endsOf(direction);
  return aboutStream(first, {
    code: 'late_media',
    severity: 'warning',
    text: `the first packet from ${sender} to ${receiver} came ${secondsText(waitedUs / 1000)} s after the answer`,
    evidence: { delayMs: waitedUs / 1000, thresholdMs: thresholds.lateMediaMs },
    startUs: call.answerUs,
    endUs: first.startUs,
  });
}

/** The first stream of a direction that goes on after `sinceUs`: ringing and announcements may come from elsewhere. */
function firstOf(
  facts: CallFacts,
  direction: Direction,
  sinceUs = Number.NEGATIVE_INFINITY,
): StreamRecord | null {
  let first: StreamRecord | null = null;
  for (const stream of soundOf(facts, direction)) {
    if (stream.endUs < sinceUs) continue;
    if (first === null || stream.startUs < first.startUs) first = stream;
  }
  return first;
}

/** The end of what sounded last; null when nothing did. */
function lastUsOf(flows: readonly Span[]): number | null {
  return flows.length === 0 ? null : Math.max(...flows.map(({ endUs }) => endUs));
}

/** Does it stop sending in silence? Times on hold, after which a marker stands as well, do not show it. */
function isSilentAtTimes({ media, history, startUs, endUs }: StreamRecord, held: readonly Span[]): boolean {
  const holds = held.filter((span) => span.startUs > startUs && span.endUs < endUs + 1e6).length;
  return media.silencePackets > 0 || history.silences > holds;
}

/**
 * How long a sender that suppresses silence may send nothing, ms. One that goes on with comfort noise in it, so that
 * never a second passed without a packet, is not silent for longer than any other; whether one does, the first silence
 * that it announces does not tell yet.
 */
function allowedSilenceMs(facts: CallFacts, direction: Direction): number {
  const { stoppedMs, stoppedWithDtxMs, interruptionMs } = facts.thresholds;
  const streams = audioOf(facts, direction);
  if (streams.some(announcesFirst)) return stoppedWithDtxMs;
  const longestMs = Math.max(0, ...streams.map(({ maxDeltaMs }) => maxDeltaMs ?? stoppedWithDtxMs));
  return longestMs < interruptionMs ? stoppedMs : stoppedWithDtxMs;
}

/** Whether the only silence that a stream announces is that at its end. */
function announcesFirst({ media, history }: StreamRecord): boolean {
  return history.endsSilent && media.silencePackets === 1;
}

/** A direction that ends well before the call does. */
function stoppedFinding(facts: CallFacts, direction: Direction, upUs: number): FindingRecord | null {
  const { call, record, thresholds, talk, visibility } = facts;
  const flows = flowsOf(facts, direction);
  const lastUs = lastUsOf(flows);
  if (lastUs === null) return null;
  const allowedUs = allowedUsOf(facts, direction);
  const otherUs = lastUsOf(flowsOf(facts, opposite(direction)));
  const otherFlows = otherUs !== null && otherUs > lastUs + thresholds.graceMs * 1000;
  // Without a BYE the call is known to be up as long as anything of it is seen: media the other way, or messages.
  const callEndUs = call.endUs ?? (otherFlows ? visibility.nowUs : call.lastMessageUs);
  const silentUs = overlapUs(talk.talk, lastUs, callEndUs);
  if (silentUs < allowedUs || flowsAsFax(facts, direction, lastUs)) return null;
  // It had its chance after the answer: what never came is one-way media.
  if (lastUs < upUs + thresholds.graceMs * 1000) return null;
  const { sender, receiver } = endsOf(direction);
  const ageUs = lastUs - Math.min(...flows.map(({ startUs }) => startUs));
  const own = soundOf(facts, direction).find(({ endUs }) => endUs === lastUs);
  const isShared = sharedOf(facts, opposite(direction)).length > 0;
  const otherIdleMs = isShared ? null : idleBeforeMs(soundOf(facts, opposite(direction)), lastUs);
  const stopped: Verdict = {
    code: 'media_stopped',
    severity: 'critical',
    text:
      `media from ${sender} to ${receiver} stopped after ${secondsText(ageUs / 1000)} s, ` +
      `and nothing came in ${secondsText(silentUs / 1000)} s of talk after it` +
      otherWords(otherFlows, otherIdleMs),
    evidence: {
      silentMs: silentUs / 1000,
      lastPacketAgeMs: ageUs / 1000,
      otherDirectionFlows: otherFlows,
      otherIdleMs,
    },
    startUs: lastUs,
    endUs: callEndUs,
  };
  return own === undefined ? aboutCall(record, direction, stopped) : aboutStream(own, stopped);
}

/** What the other direction did as one stopped. */
function otherWords(wentOn: boolean, idleMs: number | null): string {
  if (idleMs === null) return wentOn ? '; the other direction went on' : '';
  const idle = `; the other direction had sent nothing for ${secondsText(idleMs)} s by then`;
  return wentOn ? `${idle}, and went on later` : idle;
}

/** How long nothing may come after the last packet of a direction, us. */
function allowedUsOf(facts: CallFacts, direction: Direction): number {
  const { thresholds, talk } = facts;
  // Whether the streams of other calls leave out silence is not told here.
  if (sharedOf(facts, direction).length > 0) return thresholds.stoppedWithDtxMs * 1000;
  const suppresses = audioOf(facts, direction).some((stream) => isSilentAtTimes(stream, talk.held));
  return (suppresses ? allowedSilenceMs(facts, direction) : thresholds.stoppedMs) * 1000;
}
