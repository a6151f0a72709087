import { formatAddress } from '../../packet/address.ts';
import { isUnroutable, kindOf, kindOfWords } from '../../packet/address-kinds.ts';
import type { Direction, FindingRecord, StreamRecord } from '../../records/types.ts';
import type { Description, Side } from '../call.ts';
import { type Announced, announcedBy, canonical, endpointText, isAmong, usesIce } from './announced.ts';
import { type CallFacts, DIRECTIONS, endsOf, opposite } from './call-facts.ts';
import { aboutCall, aboutStream } from './finding.ts';
import { afterGrace, lengthUs } from './talk-time.ts';

/**
 * Where media is asked for, where it comes from and where it goes.
 * @param moved streams of senders that went on from elsewhere, which tells why no SDP names their source
 */
export function addressFindings(facts: CallFacts, moved: ReadonlySet<string | null>): FindingRecord[] {
  if (facts.call.shared !== null) return [];
  const found: (FindingRecord | null)[] = [privateFinding(facts, 'caller'), privateFinding(facts, 'callee')];
  for (const direction of DIRECTIONS) {
    const streams = facts.streams.filter((stream) => stream.direction === direction);
    for (const stream of streams) {
      if (!isEarly(facts, stream) && !isOnHold(facts, stream)) {
        const intruder = unexpectedFinding(facts, direction, stream, streams);
        const source = moved.has(stream.id) ? null : sourceFinding(facts, direction, stream);
        found.push(intruder ?? source);
      }
      found.push(targetFinding(facts, direction, stream));
    }
  }
  return found.filter((finding) => finding !== null);
}

/**
 * Over by the answer, give or take what it takes to tell: tones and announcements come from wherever the network makes
 * them, and telephones that ring in vain may send as well.
 */
function isEarly({ call, thresholds }: CallFacts, { endUs }: StreamRecord): boolean {
  return call.answerUs !== null && endUs < call.answerUs + thresholds.settledMs * 1000;
}

/** Flows on hold only: music comes from wherever the PBX keeps it. */
function isOnHold({ talk, thresholds }: CallFacts, { startUs, endUs }: StreamRecord): boolean {
  const slackUs = thresholds.settledMs * 1000;
  return talk.held.some((span) => startUs >= span.startUs - slackUs && endUs <= span.endUs + slackUs);
}

/** A private address in an SDP that crosses, or comes out of, a public network. */
function privateFinding(facts: CallFacts, side: Side): FindingRecord | null {
  const { call, record } = facts;
  if (call.descriptions.some((d) => d.side === side && hasPublicCandidate(d))) return null;
  for (const description of call.descriptions) {
    const { between } = description;
    if (description.side !== side || description.refused || between === null) continue;
    if (!isPublic(between.src) && !isPublic(between.dst)) continue;
    const media = description.media.find(
      (line) => line.port > 0 && line.address !== null && isUnroutable(kindOf(line.address)),
    );
    if (media === undefined) continue;
    const direction: Direction = side === 'caller' ? 'calleeToCaller' : 'callerToCallee';
    const address = { ip: canonical(media.address!)!, port: media.port };
    const towards = facts.streams.filter((stream) => stream.direction === direction);
    const back = facts.streams.filter((stream) => stream.direction === opposite(direction));
    const inVain = towards.some(
      (stream) => stream.dst.ip === address.ip && !back.some(({ src }) => src.ip === address.ip),
    );
    const isMissing = towards.length === 0 && isDue(facts);
    const arrives = towards.length > 0 ? !inVain : isMissing ? false : null;
    return aboutCall(record, direction, {
      code: 'private_sdp_address',
      severity: arrives === false && call.answerUs !== null ? 'warning' : 'info',
      text:
        `the ${side} asks for media at the private address ${endpointText(address)} in an SDP between ` +
        `${textOf(between.src)} and ${textOf(between.dst)}${ARRIVES_WORDS[`${arrives}`]}`,
      evidence: {
        address: endpointText(address),
        sentFrom: textOf(between.src),
        sentTo: textOf(between.dst),
        mediaArrives: arrives,
      },
      startUs: description.timeUs,
    });
  }
  return null;
}

const ARRIVES_WORDS = {
  true: ': media finds its way all the same',
  false: ': media does not get there',
  null: '; whether media gets there was not seen',
};

/** Has media been due for so long that its absence means something? */
function isDue({ talk, thresholds, visibility }: CallFacts): boolean {
  const dueUs = lengthUs(afterGrace(talk, thresholds.graceMs * 1000));
  return visibility.mediaSeen && dueUs >= thresholds.absentMediaMs * 1000;
}

function isPublic(words: ArrayLike<number>): boolean {
  return kindOfWords(words) === 'public';
}

function textOf(words: ArrayLike<number>): string {
  return formatAddress(words[0]!, words[1]!, words[2]!, words[3]!);
}

function hasPublicCandidate(description: Description): boolean {
  return description.media.some(({ candidates }) =>
    candidates.some(({ address }) => kindOf(address) === 'public'),
  );
}

/** Media of a side that comes from elsewhere than its SDP says. */
function sourceFinding(
  { call }: CallFacts,
  direction: Direction,
  stream: StreamRecord,
): FindingRecord | null {
  const { sender } = endsOf(direction);
  const announced = announcedBy(call, sender);
  if (announced.length === 0 || usesIce(call, sender) || isAmong(announced, stream.src)) return null;
  const addressDiffers = !announced.some(({ ip }) => ip === stream.src.ip);
  const named = announced.find(({ ip }) => ip === stream.src.ip) ?? announced.at(-1)!;
  return aboutStream(stream, {
    code: 'source_differs_from_sdp',
    severity: 'info',
    text:
      `media of the ${sender} comes from ${endpointText(stream.src)}, its SDP says ${endpointText(named)}` +
      `${addressDiffers ? ': there is a NAT or another host in between' : ': it sends from another port'}`,
    evidence: {
      announced: endpointText(named),
      seen: endpointText(stream.src),
      addressDiffers,
      portDiffers: named.port !== stream.src.port,
    },
  });
}

/** Media to where the receiver neither asked for it nor sends from. */
function targetFinding(facts: CallFacts, direction: Direction, stream: StreamRecord): FindingRecord | null {
  const { call, thresholds } = facts;
  const { receiver } = endsOf(direction);
  const announced = announcedBy(call, receiver);
  if (announced.length === 0 || usesIce(call, receiver)) return null;
  if (stream.packets < 10) return null;
  const wrong = wrongTarget(facts, direction, stream, announced);
  if (wrong === null) return null;
  const named = endpointText(announced.at(-1)!);
  const sinceUs = wrong.sinceUs ?? stream.startUs;
  if (stream.endUs - sinceUs < thresholds.settledMs * 1000) return null;
  return aboutStream(stream, {
    code: 'rtp_to_wrong_address',
    severity: 'warning',
    text: `media for the ${receiver} is sent to ${endpointText(stream.dst)}: ${wrong.why}`,
    evidence: {
      sentTo: endpointText(stream.dst),
      announced: named,
      reason: wrong.reason,
      packets: stream.packets,
    },
    startUs: sinceUs,
  });
}

interface WrongTarget {
  reason: 'not_announced' | 'moved' | 'private';
  why: string;
  sinceUs: number | null;
}

function wrongTarget(
  facts: CallFacts,
  direction: Direction,
  stream: StreamRecord,
  announced: readonly Announced[],
): WrongTarget | null {
  const { dst } = stream;
  const back = facts.streams.filter((other) => other.direction === opposite(direction));
  const answersFrom = back.some(({ src }) => src.ip === dst.ip && src.port === dst.port);
  const named = announced.filter(({ ip, port }) => ip === dst.ip && port === dst.port);
  if (named.length === 0) {
    if (answersFrom) return null;
    // The far side is behind a NAT that it signals through, and the tap cannot see what it sends.
    const signalsFrom = announced.some(({ description }) => touches(description.between, dst.ip));
    if (back.length === 0 && signalsFrom) return null;
    const wanted = endpointText(announced.at(-1)!);
    return {
      reason: 'not_announced',
      why: `it asked for ${wanted}, and sends nothing from the address this goes to`,
      sinceUs: null,
    };
  }
  const moved = movedAway(announced, named, stream, facts.thresholds.graceMs * 1000);
  if (moved !== null) {
    return { reason: 'moved', why: `it has asked for ${endpointText(moved)} since`, sinceUs: moved.sinceUs };
  }
  const reachable =
    answersFrom ||
    back.some(({ src }) => src.ip === dst.ip) ||
    facts.call.descriptions.some(({ between }) => touches(between, dst.ip));
  if (isUnroutable(kindOf(dst.ip)) && kindOf(stream.src.ip) === 'public' && !reachable) {
    return { reason: 'private', why: 'a private address that nothing comes back from', sinceUs: null };
  }
  return null;
}

function touches(between: Description['between'], ip: string): boolean {
  return between !== null && (textOf(between.src) === ip || textOf(between.dst) === ip);
}

/**
 * The endpoint that replaced the one a stream goes on to be sent to. Only a later exchange that names as many places
 * as the one before it counts: at each hop of a proxy that rewrites SDP there is one more.
 */
function movedAway(
  announced: readonly Announced[],
  named: readonly Announced[],
  stream: StreamRecord,
  graceUs: number,
): { ip: string; port: number; sinceUs: number } | null {
  const old = named.at(-1)!.description;
  const sameExchange = (a: Description, b: Description): boolean =>
    a.cseq === b.cseq && a.requester === b.requester;
  const before = announced.filter(({ description }) => sameExchange(description, old));
  const later = announced.filter(
    ({ description }) =>
      !sameExchange(description, old) &&
      description.tag === old.tag &&
      !description.pending &&
      description.inForceUs > old.inForceUs &&
      description.inForceUs + graceUs < stream.endUs,
  );
  const held = later.filter(({ ip }) => kindOf(ip) === 'unspecified');
  if (later.length === 0 || held.length > 0 || later.length < before.length) return null;
  const newest = later.at(-1)!;
  return { ip: newest.ip, port: newest.port, sinceUs: newest.description.inForceUs };
}

/** Media from a stranger beside the real sender's, or long after the call has ended. */
function unexpectedFinding(
  facts: CallFacts,
  direction: Direction,
  stream: StreamRecord,
  alike: readonly StreamRecord[],
): FindingRecord | null {
  const { call, thresholds } = facts;
  const { sender } = endsOf(direction);
  const afterEndUs = call.endUs === null ? 0 : stream.endUs - call.endUs;
  if (call.answerUs !== null && afterEndUs >= thresholds.afterEndMs * 1000) {
    return aboutStream(stream, {
      code: 'unexpected_rtp',
      severity: 'warning',
      text: `media from ${endpointText(stream.src)} went on for ${(afterEndUs / 1e6).toFixed(0)} s after the call had ended`,
      evidence: {
        source: endpointText(stream.src),
        packets: stream.packets,
        reason: 'after_end',
        afterEndMs: afterEndUs / 1000,
      },
      startUs: Math.max(stream.startUs, call.endUs!),
    });
  }
  const announced = announcedBy(call, sender);
  if (announced.length === 0 || usesIce(call, sender) || announced.some(({ ip }) => ip === stream.src.ip)) {
    return null;
  }
  if (stream.packets < 10) return null;
  const real = alike.find((other) => isBesides(other, stream) && isRealer(other, stream, announced));
  if (real === undefined) return null;
  return aboutStream(stream, {
    code: 'unexpected_rtp',
    severity: 'warning',
    text:
      `${stream.packets} packets come from ${endpointText(stream.src)}, which is in no SDP of the call, ` +
      `while ${endpointText(real.src)} sends the media of the ${sender}`,
    evidence: { source: endpointText(stream.src), packets: stream.packets, reason: 'stranger' },
  });
}

/** Another host's stream at the same time. */
function isBesides(other: StreamRecord, stream: StreamRecord): boolean {
  if (other === stream || other.src.ip === stream.src.ip || isOneSender(other, stream)) return false;
  return Math.min(other.endUs, stream.endUs) - Math.max(other.startUs, stream.startUs) >= 1e6;
}

/** On its way from a sender to a NAT and on from there, a stream keeps its SSRC, and begins at one time on both. */
const ON_THE_WAY_US = 1_000_000;

function isOneSender(a: StreamRecord, b: StreamRecord): boolean {
  return a.ssrc === b.ssrc && Math.abs(a.startUs - b.startUs) < ON_THE_WAY_US;
}

function isRealer(other: StreamRecord, stream: StreamRecord, announced: readonly Announced[]): boolean {
  return announced.some(({ ip }) => ip === other.src.ip) || other.packets > stream.packets;
}
