import { parseAddress } from '../../packet/address.ts';
import { isHeld, type SdpMedia } from '../../sip/sdp.ts';
import { textDigest } from '../../sip/transaction.ts';
import type { Call, Description, Side } from '../call.ts';
import { transferOutcome } from '../transfers.ts';

/** A stretch of time, us. */
export interface Span {
  startUs: number;
  endUs: number;
}

/** When an answered call wanted two-way audio, and when it did not. */
export interface TalkTime {
  /** Both sides asked to send and to receive audio. */
  talk: Span[];
  /** Answered, but at least one side did not: hold, a switch to fax. */
  held: Span[];
  /** New descriptions after the answer: media may need a moment to follow. */
  changesUs: number[];
}

const NEVER: TalkTime = { talk: [], held: [], changesUs: [] };

/**
 * Since when a call is known to be up: its answer, or where the capture began in the call, the first descriptions that
 * both sides agreed on; null when nothing shows it.
 */
export function upSince(call: Call): number | null {
  if (call.answerUs !== null || !call.confirmed) return call.answerUs;
  const agreed = inForce(call);
  const caller = agreed.find(({ side }) => side === 'caller');
  const callee = agreed.find(({ side }) => side === 'callee');
  if (caller === undefined || callee === undefined) return null;
  return Math.max(caller.inForceUs, callee.inForceUs);
}

/** When a side was asked to go on with somebody else, and went: from then on this call may be without media. */
function transferredUs(call: Call): number {
  const gone = call.sip.rare.transfers.find((transfer) => {
    const outcome = transferOutcome(call, transfer);
    return outcome === 'succeeded' || (outcome === 'unknown' && transfer.referStatus !== null);
  });
  return gone?.timeUs ?? Number.POSITIVE_INFINITY;
}

/**
 * When the ACK of an INVITE without an offer told where media is to go: whoever connects two parties (3PCC, RFC 3725)
 * lets the first wait for the second. Before it nobody can send anything.
 */
function lateAnswerUs(call: Call): number {
  const agreed = inForce(call);
  const caller = agreed.find(({ side }) => side === 'caller');
  const callee = agreed.find(({ side }) => side === 'callee');
  const isLater = caller?.cseq === callee?.cseq && caller?.requester === 'caller';
  return isLater ? (caller?.inForceUs ?? 0) : 0;
}

/** Divides a call, from its answer to its end (or to now), by what its session descriptions ask for. */
export function talkTime(call: Call, nowUs: number): TalkTime {
  const answeredUs = upSince(call);
  if (answeredUs === null) return NEVER;
  const upUs = Math.max(answeredUs, lateAnswerUs(call));
  const endUs = Math.min(call.endUs ?? nowUs, transferredUs(call));
  if (endUs <= upUs) return NEVER;
  const later = inForce(call).filter(({ inForceUs }) => inForceUs > upUs && inForceUs < endUs);
  const changesUs = [...new Set(later.map(({ inForceUs }) => inForceUs))].sort((a, b) => a - b);
  const time: TalkTime = { talk: [], held: [], changesUs };
  const cuts = [upUs, ...changesUs, endUs];
  for (let i = 1; i < cuts.length; i++) {
    const startUs = cuts[i - 1]!;
    const both = isTwoWay(audioAt(call, 'caller', startUs)) && isTwoWay(audioAt(call, 'callee', startUs));
    append(both ? time.talk : time.held, { startUs, endUs: cuts[i]! });
  }
  return time;
}

function append(spans: Span[], span: Span): void {
  if (span.endUs <= span.startUs) return;
  const last = spans.at(-1);
  if (last !== undefined && last.endUs === span.startUs) last.endUs = span.endUs;
  else spans.push(span);
}

/** Descriptions that came into force. Of a forked call, those of the branch that answered: the others rule nothing. */
export function inForce({ descriptions, sip }: Call): Description[] {
  const agreed = descriptions.filter(({ pending, refused }) => !pending && !refused);
  const { answerTag } = sip;
  if (answerTag === null) return agreed;
  const won = agreed.filter(({ side, tag }) => side === 'caller' || textDigest(tag) === answerTag);
  return won.some(({ side }) => side === 'callee') ? won : agreed;
}

/** What the other side said in the same exchange of offer and answer. */
export function counterpartOf(
  descriptions: readonly Description[],
  { side, cseq, requester }: Description,
): Description | null {
  return (
    descriptions.find(
      (other) =>
        other.side !== side && other.cseq === cseq && other.requester === requester && !other.refused,
    ) ?? null
  );
}

/**
 * The audio line of the description of a side that rules at a time, among those that the other side took (RFC 3264 6:
 * it refuses a line by port 0); null when it has none.
 */
export function audioAt(call: Call, side: Side, timeUs: number): SdpMedia | null {
  return lineAt(call, side, timeUs, 'audio');
}

/** Where that line says that audio is to go, as address words; null where it has no address. */
export function audioWordsAt(call: Call, side: Side, timeUs: number): Int32Array | null {
  const address = audioAt(call, side, timeUs)?.address ?? null;
  return address === null ? null : parseAddress(address);
}

/** The same line of T.38. */
export function imageAt(call: Call, side: Side, timeUs: number): SdpMedia | null {
  return lineAt(call, side, timeUs, 'image');
}

function lineAt(call: Call, side: Side, timeUs: number, wanted: SdpMedia['type']): SdpMedia | null {
  const agreed = inForce(call);
  let found: Description | null = null;
  for (const description of agreed) {
    if (description.side !== side) continue;
    // What was said before the answer rules at the answer, in whatever order it came to be known.
    if (found === null || description.inForceUs <= timeUs) found = description;
  }
  if (found === null) return null;
  const other = counterpartOf(agreed, found);
  const taken = ({ type, port }: SdpMedia, i: number): boolean =>
    type === wanted && port > 0 && other?.media[i]?.port !== 0;
  return found.media.find(taken) ?? null;
}

function isTwoWay(media: SdpMedia | null): boolean {
  return media !== null && media.direction === 'sendrecv' && !isHeld(media);
}

/** Cuts so much off the beginning of the talk time, and after every change in it, that media may need to follow. */
export function afterGrace({ talk, changesUs }: TalkTime, graceUs: number): Span[] {
  const spans: Span[] = [];
  for (const { startUs, endUs } of talk) {
    const cuts = [startUs, ...changesUs.filter((us) => us > startUs && us < endUs), endUs];
    for (let i = 1; i < cuts.length; i++) append(spans, { startUs: cuts[i - 1]! + graceUs, endUs: cuts[i]! });
  }
  return spans;
}

/** How much of some spans lies between two times, us. */
export function overlapUs(spans: readonly Span[], startUs: number, endUs: number): number {
  return spans.reduce(
    (sum, span) => sum + Math.max(0, Math.min(span.endUs, endUs) - Math.max(span.startUs, startUs)),
    0,
  );
}

/** All of it, us. */
export function lengthUs(spans: readonly Span[]): number {
  return spans.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
}
