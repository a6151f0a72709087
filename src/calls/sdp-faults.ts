import type { SipMessage } from '../sip/message.ts';
import type { SdpMedia, SdpProblem, SdpReason } from '../sip/sdp.ts';
import type { Call, Description } from './call.ts';
import { senderOf } from './sides.ts';
import { rarely } from './sip-facts.ts';

const FAULTS_MAX = 8;

/** What receivers trip over. A missing `v=` or `o=` breaks the rules and no call. */
const SERIOUS: ReadonlySet<SdpProblem> = new Set([
  'no_connection',
  'malformed_media',
  'malformed_rtpmap',
  'payload_type_out_of_range',
]);

/** Payload types that mean nothing without an rtpmap (RFC 3551 section 6). */
const DYNAMIC_FROM = 96;

/** Notes a session description that could not be read at all. One that the capture cut short is not to blame. */
export function noteUnreadableSdp(call: Call, message: SipMessage, reason: SdpReason, timeUs: number): void {
  if (!message.bodyTruncated) note(call, message, reason, timeUs);
}

/** Notes what is wrong with a description by itself, and as the answer to the other side's offer (RFC 3264). */
export function noteSdpFaults(
  call: Call,
  message: SipMessage,
  description: Description,
  problems: readonly SdpProblem[],
): void {
  if (message.bodyTruncated) return;
  for (const problem of problems) if (SERIOUS.has(problem)) note(call, message, problem, description.timeUs);
  if (description.media.some(lacksRtpmap)) note(call, message, 'dynamic_without_rtpmap', description.timeUs);
  const offer = offerOf(call, description);
  if (offer === null) return;
  if (offer.media.length !== description.media.length) {
    note(call, message, 'media_count_differs', description.timeUs);
  } else if (description.media.some((media, i) => media.type !== offer.media[i]!.type)) {
    note(call, message, 'media_order_differs', description.timeUs);
  }
}

/** Audio that is wanted, whose dynamic payload types nothing explains. */
function lacksRtpmap(media: SdpMedia): boolean {
  if (media.type !== 'audio' || media.port === 0) return false;
  return media.payloadTypes.some(
    (type) => type >= DYNAMIC_FROM && !media.codecs.some((codec) => codec.payloadType === type),
  );
}

/** The offer that a description answers: what the other side said first in the same exchange. */
export function offerOf(call: Call, answer: Description): Description | null {
  const { cseq, requester, side } = answer;
  for (const earlier of call.descriptions) {
    if (earlier.cseq !== cseq || earlier.requester !== requester) continue;
    // The side that described first in an exchange offers.
    return earlier.side === side ? null : earlier;
  }
  return null;
}

function note(call: Call, message: SipMessage, fault: string, timeUs: number): void {
  const { method, status } = message;
  const by = senderOf(call, message);
  const { sdpFaults } = call.sip.rare;
  if (sdpFaults.length >= FAULTS_MAX) return;
  if (sdpFaults.some((each) => each.fault === fault && each.by === by)) return;
  rarely(call).sdpFaults = [...sdpFaults, { fault, by, method, status, timeUs }];
}
