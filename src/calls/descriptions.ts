import { parseAddress } from '../packet/address.ts';
import { KIND_AUDIO, KIND_OTHER, type PayloadFormat, payloadFormat } from '../rtp/payload-types.ts';
import type { SipMessage } from '../sip/message.ts';
import { isHeld, parseSdp, type SdpMedia } from '../sip/sdp.ts';
import type { Call, Description, Side } from './call.ts';
import { senderOf } from './dialog.ts';

/** More descriptions than this in one call is an attack or a loop: the newest are dropped. */
const DESCRIPTIONS_MAX = 64;

/** A transport address at which a side said it receives media. */
export interface AnnouncedEndpoint {
  words: Int32Array;
  port: number;
}

export interface DescriptionResult {
  /** What was new; null when the message held no (new) description. */
  description: Description | null;
  /** Why an SDP body could not be used, for the counters. */
  reason: string | null;
}

/**
 * Takes the session description out of a message, if there is one, and adds it to the call. Offers and answers are
 * treated alike: what a side describes is where and what it receives (RFC 3264 5.1, 6.1).
 */
export function takeDescription(call: Call, message: SipMessage, timeUs: number): DescriptionResult {
  if (message.kind === 'response' && message.method === 'INVITE' && (message.status ?? 0) >= 300) {
    refuse(call, message);
    return { description: null, reason: null };
  }
  if (message.sdp === null) return { description: null, reason: null };
  const parsed = parseSdp(message.sdp);
  if (!parsed.ok) return { description: null, reason: parsed.reason };
  const side = senderOf(call, message);
  const tag = (side === 'caller' ? call.callerTag : tagOf(call, message)) ?? '';
  const repeated = call.descriptions.some(
    (known) => known.side === side && known.tag === tag && known.cseq === message.cseq,
  );
  if (repeated || call.descriptions.length >= DESCRIPTIONS_MAX) return { description: null, reason: null };
  const description: Description = {
    side,
    tag,
    cseq: message.cseq,
    timeUs,
    media: parsed.session.media,
    refused: false,
  };
  call.descriptions.push(description);
  if (parsed.session.media.some((media) => media.type === 'audio' && media.port > 0 && isHeld(media))) {
    call.held = true;
  }
  return { description, reason: null };
}

/** The tag of the callee's side in a message, whoever sent it. */
function tagOf(call: Call, message: SipMessage): string | null {
  const { from, to } = message;
  return from?.tag != null && from.tag !== call.callerTag ? from.tag : (to?.tag ?? null);
}

/** A re-INVITE was refused: the offer in it never ruled anything. */
function refuse(call: Call, message: SipMessage): void {
  for (const description of call.descriptions) {
    if (description.cseq === message.cseq && description.side !== senderOf(call, message)) {
      description.refused = true;
    }
  }
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
 * received at `port` before other media of the same description.
 */
export function negotiatedFormat(
  call: Call,
  receiver: Side,
  port: number,
  payloadType: number,
): PayloadFormat | null {
  const sender: Side = receiver === 'caller' ? 'callee' : 'caller';
  return (
    formatIn(call, receiver, (media) => media.port === port, payloadType) ??
    formatIn(call, receiver, () => true, payloadType) ??
    formatIn(call, sender, () => true, payloadType)
  );
}

function formatIn(
  call: Call,
  side: Side,
  wanted: (media: SdpMedia) => boolean,
  payloadType: number,
): PayloadFormat | null {
  for (let i = call.descriptions.length - 1; i >= 0; i--) {
    const description = call.descriptions[i]!;
    if (description.side !== side || description.refused) continue;
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
