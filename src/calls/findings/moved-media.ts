import {
  type Handover,
  handoversOf,
  isSameDestination,
  isSamePlace,
  isSameSource,
} from '../../records/handovers.ts';
import type { Direction, FindingRecord, Severity, StreamRecord } from '../../records/types.ts';
import { announcedBy, endpointText, isAmong, usesIce } from './announced.ts';
import { audioOf, type CallFacts, DIRECTIONS, endsOf, opposite } from './call-facts.ts';
import { aboutStream, secondsText } from './finding.ts';
import { suppressesSilence } from './media-gaps.ts';
import { overlapUs } from './talk-time.ts';

/** Fewer packets than this on either side of a move are stray ones. */
const PACKETS_MIN = 50;

/** A sender that goes on from another place, and what became of what is sent to it. */
interface Move {
  handover: Handover<StreamRecord>;
  gapMs: number;
  /** A description in time says so. */
  announced: boolean;
  /** Whether what is sent to the sender goes to the new place, where it went to the old one; null when it did not. */
  returnFollowed: boolean | null;
  /** How long after the first packet from the new place it did, ms. */
  followedAfterMs: number | null;
  /** How long it went on to the old place, while both sides were to be heard, and until when. */
  strayMs: number;
  strayEndUs: number;
}

/**
 * A direction that goes on from another address in the middle of the talk, to the same receiver: a handset that changed
 * its network, a NAT that chose another port. Only what is certain: hold, transfers, ICE, calls that share their media and
 * senders that come back (music, announcements) are left alone, and one with another SSRC must be seen to be the place that
 * the other direction went to. One finding per direction, the worst of its moves.
 */
export function movedFindings(facts: CallFacts): FindingRecord[] {
  if (facts.call.shared !== null || usesIce(facts.call, 'caller') || usesIce(facts.call, 'callee')) return [];
  return DIRECTIONS.flatMap((direction) => {
    const sound = audioOf(facts, direction).filter(({ media, packets }) => media.eventPackets < packets);
    const told = handoversOf(sound)
      .filter((handover) => isMove(facts, direction, handover, sound))
      .map((handover) => followed(facts, direction, handover))
      .flatMap((move) => {
        const severity = severityOf(facts, move);
        return severity === null ? [] : [{ move, severity }];
      });
    const worst =
      told.find(({ severity }) => severity === 'critical') ??
      told.find(({ severity }) => severity === 'warning') ??
      told[0];
    return worst === undefined ? [] : [movedFinding(direction, worst.move, worst.severity, told.length)];
  });
}

function isMove(
  facts: CallFacts,
  direction: Direction,
  { before, after }: Handover<StreamRecord>,
  alike: readonly StreamRecord[],
): boolean {
  const { call, talk, thresholds } = facts;
  if (isSameSource(before, after) || !isSameDestination(before, after)) return false;
  if (Math.min(before.packets, after.packets) < PACKETS_MIN || before.codec !== after.codec) return false;
  // RFC 3550 6.5.1: a participant keeps its canonical name, whatever its SSRC and addresses.
  if (!areEqual(before.rtcp.cname, after.rtcp.cname)) return false;
  // Both were to be heard all the while: what comes on hold, or after a transfer, comes from wherever it is kept.
  const aroundUs = thresholds.settledMs * 1000;
  const [fromUs, toUs] = [before.endUs - aroundUs, after.startUs + aroundUs];
  if (overlapUs(talk.talk, fromUs, toUs) < toUs - fromUs) return false;
  // Who comes back has not moved.
  if (alike.some((other) => isSameSource(other, before) && other.startUs > after.startUs)) return false;
  if (alike.some((other) => isSameSource(other, after) && other.startUs < after.startUs)) return false;
  const known = announcedBy(call, endsOf(direction).sender);
  const old = known.filter(
    ({ description }) => description.timeUs < before.endUs - thresholds.graceMs * 1000,
  );
  if (isAmong(old, after.src)) return false;
  if (isHeardThere(facts, direction, before, after.startUs)) return false;
  // A host that nothing is in front of may send from a new port, and listen at the one it announced.
  return before.src.ip !== after.src.ip || !known.some(({ ip }) => ip === after.src.ip);
}

/** Whether nothing shows that two names differ. */
function areEqual(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

/**
 * Do reports say that what is sent to a place goes on to arrive there? Then its owner is where it was, and somebody else
 * sends in its stead: a media server that plays music.
 */
function isHeardThere(
  facts: CallFacts,
  direction: Direction,
  { src }: StreamRecord,
  sinceUs: number,
): boolean {
  const there = audioOf(facts, opposite(direction)).filter(({ dst }) => isSamePlace(dst, src));
  return there.some(({ startUs, ptimeMs, rtcp: { lossCompared, lossAfterProbe, unheard } }) => {
    if (lossCompared === null || unheard !== null) return false;
    const reportedMs = (lossCompared - (lossAfterProbe ?? 0)) * (ptimeMs ?? 20);
    return reportedMs > (sinceUs - startUs) / 1000 + facts.thresholds.stoppedMs;
  });
}

/** What the signalling said of a move, and what the other direction did. */
function followed(facts: CallFacts, direction: Direction, handover: Handover<StreamRecord>): Move {
  const { before, after } = handover;
  const back = audioOf(facts, opposite(direction));
  const there = back.filter(({ dst, endUs }) => isSamePlace(dst, after.src) && endUs > after.startUs);
  const startsUs = there.map(({ startUs }) => Math.max(startUs, after.startUs));
  const followedUs = there.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...startsUs);
  const stray = back.filter(({ dst, endUs }) => isSamePlace(dst, before.src) && endUs > after.startUs);
  const strayEndUs = Math.min(
    followedUs,
    after.endUs,
    Math.max(after.startUs, ...stray.map(({ endUs }) => endUs)),
  );
  const strayUs = overlapUs(facts.talk.talk, after.startUs, strayEndUs);
  const wentThere = back.some(({ dst, startUs }) => isSamePlace(dst, before.src) && startUs < after.startUs);
  const isKnown = wentThere && (there.length > 0 || stray.length > 0);
  return {
    handover,
    gapMs: Math.max(0, handover.betweenMs),
    announced: isAnnounced(facts, direction, handover),
    returnFollowed: isKnown ? there.length > 0 : null,
    followedAfterMs: isKnown && there.length > 0 ? (followedUs - after.startUs) / 1000 : null,
    strayMs: isKnown ? strayUs / 1000 : 0,
    strayEndUs,
  };
}

/**
 * Did the sender say around that time that it receives elsewhere? Behind a NAT it names another address than the one it
 * is seen with; that it names a new one is what counts.
 */
function isAnnounced(
  { call, thresholds }: CallFacts,
  direction: Direction,
  { before, after }: Handover<StreamRecord>,
): boolean {
  const { sender } = endsOf(direction);
  const graceUs = thresholds.graceMs * 1000;
  const known = announcedBy(call, sender);
  return known.some(
    ({ description: { timeUs }, ...place }) =>
      timeUs >= before.endUs - graceUs &&
      timeUs <= after.startUs + graceUs &&
      !known.some((older) => older.description.timeUs < timeUs && isSamePlace(older, place)),
  );
}

/** Null where nothing is to be told: what was announced and worked, and what nothing shows to be the same party. */
function severityOf({ thresholds }: CallFacts, move: Move): Severity | null {
  const { handover, gapMs, announced, returnFollowed, strayMs } = move;
  const { before, after } = handover;
  const isGap = gapMs >= thresholds.interruptionMs && !suppressesSilence(before);
  // Media that goes on to a place left with a new description is `rtp_to_wrong_address`.
  if (announced) return isGap && returnFollowed !== false ? 'info' : null;
  if (returnFollowed === null && before.ssrc !== after.ssrc) return null;
  if (strayMs >= thresholds.stoppedMs) return 'critical';
  return isGap ? 'warning' : 'info';
}

function movedFinding(direction: Direction, move: Move, severity: Severity, moves: number): FindingRecord {
  const { handover, gapMs, announced, returnFollowed, followedAfterMs, strayMs, strayEndUs } = move;
  const { before, after } = handover;
  const { sender, receiver } = endsOf(direction);
  const [from, to] = [endpointText(before.src), endpointText(after.src)];
  const said = announced ? 'a new description says so' : 'no description says so';
  return aboutStream(after, {
    code: 'media_moved',
    severity,
    text:
      `media of the ${sender} goes on from ${to} instead of ${from}, ${secondsText(gapMs)} s after its last packet ` +
      `from there; ${said}${returnWords(move, sender, receiver, from)}${moves > 1 ? `; it moved ${moves} times` : ''}`,
    evidence: {
      fromAddress: from,
      toAddress: to,
      gapMs,
      announced,
      returnFollowed,
      followedAfterMs,
      strayMs: returnFollowed === null ? null : strayMs,
      sameSsrc: before.ssrc === after.ssrc,
      moves,
    },
    startUs: before.endUs,
    endUs: severity === 'critical' ? strayEndUs : after.startUs,
  });
}

/** What the other direction did. */
function returnWords(
  { returnFollowed, followedAfterMs, strayMs }: Move,
  sender: string,
  receiver: string,
  from: string,
): string {
  if (returnFollowed === null) return '';
  if (returnFollowed && followedAfterMs! < 1000) return `; media of the ${receiver} followed`;
  const went = `; media of the ${receiver} went on to ${from}, where the ${sender} is no more, for ${secondsText(strayMs)} s`;
  return returnFollowed ? `${went}, and followed then` : went;
}
