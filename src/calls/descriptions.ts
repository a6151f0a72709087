import { parseAddress } from '../packet/address.ts';
import { KIND_AUDIO, KIND_OTHER, type PayloadFormat, payloadFormat } from '../rtp/payload-types.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { parseSdp, type SdpMedia } from '../sip/sdp.ts';
import { textDigest } from '../sip/transaction.ts';
import type { Call, Description, Side } from './call.ts';
import { withoutRefreshes } from './refreshes.ts';
import { noteSdpFaults, noteUnreadableSdp } from './sdp-faults.ts';
import { calleeTagOf, requesterOf, senderOf } from './sides.ts';

/** Where a call has so many, refreshes are forgotten. More is an attack or a loop: the newest are dropped. */
const DESCRIPTIONS_MAX = 64;

/** A transport address at which a side said it receives media. */
export interface AnnouncedEndpoint {
  words: Int32Array;
  port: number;
}

export interface DescriptionResult {
  /** What was new; null when the message held no (new) description. */
  description: Description | null;
  /** What rules the streams of the call changed: a new description, or the fate of an earlier offer. */
  changed: boolean;
  /** Why an SDP body could not be used, for the counters. */
  reason: string | null;
}

/** Messages whose SDP negotiates (RFC 3264, 3311, 3262); elsewhere, as in a 200 to OPTIONS, it lists capabilities. */
const NEGOTIATING = new Set(['INVITE', 'ACK', 'PRACK', 'UPDATE']);

/**
 * Takes the session description out of a message, if there is one, and adds it to the call. Offers and answers are
 * treated alike: what a side describes is where and what it receives (RFC 3264 5.1, 6.1).
 */
export function takeDescription(
  call: Call,
  message: SipMessage,
  timeUs: number,
  hop: Hop | null = null,
): DescriptionResult {
  const nothing: DescriptionResult = { description: null, changed: false, reason: null };
  if (!NEGOTIATING.has(message.method)) return nothing;
  const status = message.status ?? 0;
  const settled = status >= 200 && settleOffer(call, message, status < 300, timeUs);
  if (message.sdp === null || status >= 300) return { ...nothing, changed: settled };
  const parsed = parseSdp(message.sdp);
  if (!parsed.ok) {
    noteUnreadableSdp(call, message, parsed.reason, timeUs);
    return { ...nothing, changed: settled, reason: parsed.reason };
  }
  const side = senderOf(call, message);
  const description: Description = {
    side,
    tag: (side === 'caller' ? call.callerTag : calleeTagOf(call, message)) ?? '',
    cseq: message.cseq,
    requester: requesterOf(call, message),
    digest: textDigest(message.sdp),
    timeUs,
    inForceUs: timeUs,
    between: hop === null ? null : betweenOf(hop),
    media: parsed.session.media,
    pending: message.kind === 'request' && message.method !== 'ACK' && isLater(call, message),
    refused: false,
    cut: message.bodyTruncated,
  };
  if (call.descriptions.some((known) => isCopy(known, description))) return { ...nothing, changed: settled };
  if (call.descriptions.length >= DESCRIPTIONS_MAX) call.descriptions = withoutRefreshes(call.descriptions);
  if (call.descriptions.length >= DESCRIPTIONS_MAX) return { ...nothing, changed: settled };
  noteSdpFaults(call, message, description, parsed.session.problems);
  call.descriptions = call.descriptions.concat(description);
  return { description, changed: true, reason: null };
}

/** The same description again: a retransmission, or the next hop of a proxy. */
function isCopy(known: Description, other: Description): boolean {
  return (
    known.side === other.side &&
    known.tag === other.tag &&
    known.requester === other.requester &&
    known.cseq === other.cseq &&
    known.digest === other.digest
  );
}

/** Is this a negotiation after the one that sets the call up? */
function isLater(call: Call, message: SipMessage): boolean {
  return message.method !== 'INVITE' || message.to?.tag != null || call.answerUs !== null;
}

/**
 * A later offer got its final response: it is in force now, or it never was (RFC 3261 14.1).
 * @returns whether an offer waited for it
 */
function settleOffer(call: Call, message: SipMessage, accepted: boolean, timeUs: number): boolean {
  const requester = requesterOf(call, message);
  let settled = false;
  for (const description of call.descriptions) {
    const asked = description.side === requester && description.requester === requester;
    if (!description.pending || !asked || description.cseq !== message.cseq) continue;
    description.pending = false;
    description.inForceUs = timeUs;
    description.refused = !accepted;
    settled = true;
  }
  return settled;
}

/** Every address and port a description announces for RTP: the media lines' own and their ICE candidates'. */
export function announcedEndpoints(description: Description): AnnouncedEndpoint[] {
  const endpoints: AnnouncedEndpoint[] = [];
  for (const media of description.media) {
    if (media.port === 0) continue;
    addEndpoint(endpoints, media.address, media.port);
    for (const candidate of media.candidates) {
      if (candidate.component === 1) addEndpoint(endpoints, candidate.address, candidate.port);
    }
  }
  return endpoints;
}

/** Those of them that are for T.38 over UDPTL. */
export function announcedImages(description: Description): AnnouncedEndpoint[] {
  const endpoints: AnnouncedEndpoint[] = [];
  for (const { type, port, protocol, formats, address } of description.media) {
    if (type !== 'image' || protocol.toLowerCase() !== 'udptl') continue;
    if (formats.some((format) => format.toLowerCase() === 't38')) addEndpoint(endpoints, address, port);
  }
  return endpoints;
}

function addEndpoint(endpoints: AnnouncedEndpoint[], address: string | null, port: number): void {
  const words = address === null ? null : parseAddress(address);
  if (words === null || port === 0) return;
  // 0.0.0.0 and :: put a side on hold (RFC 2543); nothing is received there.
  if (words[3] === 0 && words[0] === 0 && words[1] === 0) return;
  endpoints.push({ words, port });
}

/**
 * What a payload type means in one direction of a call, now. The receiver's description rules (RFC 3264 5.1); where
 * it lacks the type, the sender's own is the next best witness. Newer descriptions go before older ones, and media
 * received at `port` before other media of the same description. Offers still open are asked last.
 */
export function negotiatedFormat(
  call: Call,
  receiver: Side,
  port: number,
  payloadType: number,
): PayloadFormat | null {
  const sender: Side = receiver === 'caller' ? 'callee' : 'caller';
  for (const pending of [false, true]) {
    const found =
      formatIn(call, receiver, pending, (media) => media.port === port, payloadType) ??
      formatIn(call, receiver, pending, () => true, payloadType) ??
      formatIn(call, sender, pending, () => true, payloadType);
    if (found !== null) return found;
  }
  return null;
}

function formatIn(
  call: Call,
  side: Side,
  pending: boolean,
  wanted: (media: SdpMedia) => boolean,
  payloadType: number,
): PayloadFormat | null {
  for (let i = call.descriptions.length - 1; i >= 0; i--) {
    const description = call.descriptions[i]!;
    if (description.side !== side || description.pending !== pending || description.refused) continue;
    for (const media of description.media) {
      if (media.port === 0 || !wanted(media)) continue;
      const codec = media.codecs.find((entry) => entry.payloadType === payloadType);
      if (codec === undefined) continue;
      const format = payloadFormat(codec.name, codec.clockRate, 'sdp', codec.fmtp);
      return media.type === 'video' && format.kind === KIND_AUDIO ? { ...format, kind: KIND_OTHER } : format;
    }
  }
  return null;
}

/** The addresses of a hop, to keep: whoever decodes packets reuses the hop. */
function betweenOf({ src0, src1, src2, src3, dst0, dst1, dst2, dst3 }: Hop): Description['between'] {
  return { src: [src0, src1, src2, src3], dst: [dst0, dst1, dst2, dst3] };
}
