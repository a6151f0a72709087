import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { Description } from '../call.ts';
import type { CallFacts } from './call-facts.ts';
import { aboutCall } from './finding.ts';

/** Events that fax machines and modems make (RFC 4734): ANS 32 to /ANSam 35, CNG 36. */
const FAX_EVENTS = new Set(['32', '33', '34', '35', '36']);
/** One look at a tone may be chance; CED lasts for two looks at least, CNG comes back every 3.5 s. */
const CALLED_LOOKS_MIN = 2;
const CALLING_LOOKS_MIN = 2;

/** A call that is a fax and stays in audio. T.38 that was accepted is none of it. */
export function faxFinding(facts: CallFacts): FindingRecord | null {
  const { call, record, streams } = facts;
  if (call.answerUs === null || call.descriptions.some(acceptsImage)) return null;
  const refusedUs = refusedImageUs(facts);
  const calling = sumOf(streams, ({ media }) => media.faxTones?.calling ?? 0);
  const called = sumOf(streams, ({ media }) => media.faxTones?.called ?? 0);
  const events = streams.flatMap((stream) => stream.events.filter(({ digit }) => FAX_EVENTS.has(digit)));
  const tones = called >= CALLED_LOOKS_MIN || calling >= CALLING_LOOKS_MIN || events.length > 0;
  const unsuppressed = refusedUs !== null && isUnsuppressedAfter(call.descriptions, refusedUs);
  // A refused image alone shows what a device can do, or took a voice for: no fax that anybody heard.
  if (!tones && !unsuppressed) return null;
  const codec = streams[0]?.codec ?? null;
  const reason = unsuppressed ? 'silence_suppression_off' : 'fax_tones';
  const firstToneUs = Math.min(
    ...streams.map(({ media }) => media.faxTones?.firstUs ?? Number.POSITIVE_INFINITY),
    ...events.map(({ startUs }) => startUs),
  );
  return aboutCall(record, null, {
    code: 'fax_over_audio',
    severity: 'warning',
    text:
      `a fax over ${codec ?? 'audio'}: ` +
      `${refusedUs === null ? 'T.38 was not offered' : 'T.38 was offered and refused'}, ` +
      (unsuppressed
        ? 'and silence suppression was switched off for it'
        : `fax tones were heard ${called + calling + events.length} times`),
    evidence: { reason, callingTones: calling, calledTones: called, faxEvents: events.length, codec },
    startUs: refusedUs ?? (Number.isFinite(firstToneUs) ? firstToneUs : call.answerUs),
  });
}

function sumOf(streams: readonly StreamRecord[], value: (stream: StreamRecord) => number): number {
  return streams.reduce((sum, stream) => sum + value(stream), 0);
}

/** Both sides must say so: an image line with a port in an answer, or in an offer that was accepted with one. */
function acceptsImage({ media, pending, refused, side, requester }: Description): boolean {
  if (pending || refused || side === requester) return false;
  return media.some(({ type, port }) => type === 'image' && port > 0);
}

/** When an image offer came to nothing, by a final refusal or an answer without that line; null when none did. */
function refusedImageUs({ call }: CallFacts): number | null {
  for (const offer of call.descriptions) {
    if (!offer.media.some(({ type, port }) => type === 'image' && port > 0)) continue;
    if (offer.refused) return offer.timeUs;
    const answer = call.descriptions.find(
      ({ side, cseq, requester }) =>
        side !== offer.side && cseq === offer.cseq && requester === offer.requester,
    );
    if (answer !== undefined) return answer.timeUs;
  }
  return null;
}

function isUnsuppressedAfter(descriptions: readonly Description[], sinceUs: number): boolean {
  return descriptions.some(
    ({ timeUs, refused, media }) =>
      timeUs >= sinceUs &&
      !refused &&
      media.some(({ type, silenceSuppression }) => type === 'audio' && silenceSuppression === false),
  );
}
