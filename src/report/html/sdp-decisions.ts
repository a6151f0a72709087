import type { ShownMedia, ShownMessage, ShownSdp } from './evidence-contract.ts';

export type SdpRole = 'offer' | 'answer';

const EVENTS = 'telephone-event';

/** What a description says, in short. */
export function sdpText({ media, unreadable }: ShownSdp): string {
  if (unreadable !== null) return `unreadable (${unreadable})`;
  return media.map(mediaText).join(' | ');
}

function mediaText(media: ShownMedia): string {
  if (media.refused) return `${media.type} refused`;
  const parts = [`${media.type} ${media.codecs.join(', ') || media.protocol}`, media.address ?? 'no address'];
  if (media.direction !== 'sendrecv') parts.push(media.direction);
  if (media.held && media.direction === 'sendrecv') parts.push('held');
  if (media.ptimeMs !== null) parts.push(`ptime ${media.ptimeMs}`);
  if (media.encryption !== null) parts.push(media.encryption);
  return parts.join('; ');
}

/**
 * Whether the SDP of a message is an offer or an answer (RFC 3264, RFC 6337): the first of its transaction offers, one
 * from the other side answers it; the SDP in an ACK answers the offer of the 200. Null without SDP.
 */
export function roleOf(steps: readonly ShownMessage[], index: number): SdpRole | null {
  const step = steps[index]!;
  if (step.sdp === null) return null;
  for (let i = 0; i < index; i++) {
    const before = steps[i]!;
    if (before.sdp === null || before.cseq !== step.cseq || family(before) !== family(step)) continue;
    return isRequest(before) === isRequest(step) && before.method === step.method ? 'offer' : 'answer';
  }
  return 'offer';
}

function family({ method }: ShownMessage): string {
  return method === 'ACK' ? 'INVITE' : method;
}

function isRequest({ status }: ShownMessage): boolean {
  return status === null;
}

/** An offer and an answer to it. */
export interface Exchange {
  readonly offer: ShownMessage & { readonly sdp: ShownSdp };
  readonly answer: ShownMessage & { readonly sdp: ShownSdp };
}

/** The exchanges of descriptions of which both halves were seen, one for each answer. */
export function exchanges(steps: readonly ShownMessage[]): Exchange[] {
  const found: Exchange[] = [];
  for (const [i, answer] of steps.entries()) {
    if (!describes(answer) || roleOf(steps, i) !== 'answer') continue;
    // Both sides count their requests from anywhere: the newest offer of that number is meant.
    const at = steps.findLastIndex(
      (step, k) =>
        k < i &&
        step.sdp !== null &&
        step.cseq === answer.cseq &&
        family(step) === family(answer) &&
        roleOf(steps, k) === 'offer',
    );
    const offer = steps[at];
    if (offer !== undefined && describes(offer)) found.push({ offer, answer });
  }
  return found;
}

function describes(step: ShownMessage): step is Exchange['offer'] {
  return step.sdp !== null;
}

/** What each exchange of descriptions came to, one line each, as far as both halves were seen. */
export function decisionLines(steps: readonly ShownMessage[]): string[] {
  const lines: string[] = [];
  let previous = '';
  for (const { offer, answer } of exchanges(steps)) {
    const text = offer.sdp.media.map((media, at) => mediaDecision(media, answer.sdp.media[at])).join('; ');
    // The 183 and the 200 of one INVITE say the same.
    if (text !== previous && text !== '') lines.push(text);
    previous = text;
  }
  return lines;
}

function mediaDecision(offered: ShownMedia, answered: ShownMedia | undefined): string {
  if (answered === undefined) return `${offered.type}: no answer`;
  if (answered.refused) return `${offered.type}: refused`;
  const taken = audioCodecs(answered);
  const [codec] = taken;
  const parts = [codec === undefined ? 'no codec' : `${codec}${choiceText(offered, taken)}`];
  parts.push(`${offered.address ?? 'no address'} and ${answered.address ?? 'no address'}`);
  parts.push(flowText(offered, answered));
  if (offered.type === 'audio') {
    const events = [offered, answered].every(({ codecs }) => codecs.some((name) => name.startsWith(EVENTS)));
    parts.push(events ? 'keys as telephone-event' : 'no telephone-event agreed: keys as tones or by SIP');
  }
  if (offered.ptimeMs !== null && answered.ptimeMs !== null && offered.ptimeMs !== answered.ptimeMs)
    parts.push(`ptime ${offered.ptimeMs} against ${answered.ptimeMs}`);
  parts.push(encryptionText(offered, answered));
  return `${offered.type}: ${parts.join(', ')}`;
}

/** The codecs of a description, without telephone events. */
export function audioCodecs({ codecs }: ShownMedia): string[] {
  return codecs.filter((codec) => !codec.startsWith(EVENTS));
}

function choiceText(offered: ShownMedia, taken: readonly string[]): string {
  const [codec] = taken;
  const wanted = audioCodecs(offered);
  const lower = wanted.map((name) => name.toLowerCase());
  const at = lower.indexOf((codec ?? '').toLowerCase());
  if (at < 0) return ' (which was not offered)';
  const others = taken.length > 1 ? `, or ${taken.slice(1).join(', ')}` : '';
  return at === 0
    ? `${others} (first choice of the offer)`
    : `${others} (choice ${at + 1} of ${wanted.length} in the offer)`;
}

/** Which way media flows by an offer and its answer. */
export function flowText(offered: ShownMedia, answered: ShownMedia): string {
  if (offered.held || answered.held) return `${offered.direction} answered by ${answered.direction} (hold)`;
  return offered.direction === 'sendrecv' && answered.direction === 'sendrecv'
    ? 'both ways'
    : `${offered.direction} answered by ${answered.direction}`;
}

function encryptionText(offered: ShownMedia, answered: ShownMedia): string {
  if (answered.encryption !== null) return `encrypted (${answered.encryption})`;
  return offered.encryption === null
    ? 'not encrypted'
    : `not encrypted, though ${offered.encryption} was offered`;
}
