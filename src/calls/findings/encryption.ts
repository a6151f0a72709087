import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import type { SdpMedia } from '../../sip/sdp.ts';
import type { Description } from '../call.ts';
import { isWayBack } from '../ways.ts';
import { audioOf, type CallFacts, DIRECTIONS } from './call-facts.ts';
import { aboutCall, aboutStream } from './finding.ts';
import { inForce } from './talk-time.ts';

/** SRTP that one side wants and the other does not, or that packets contradict. */
export function encryptionFindings(facts: CallFacts): FindingRecord[] {
  // Keys and fingerprints stand at the end of a description.
  if (facts.call.descriptions.some(({ cut }) => cut)) return [];
  const agreed = agreementFinding(facts);
  if (agreed !== null) return [agreed];
  const found: (FindingRecord | null)[] = [];
  for (const direction of DIRECTIONS) {
    for (const stream of audioOf(facts, direction)) found.push(payloadFinding(facts, stream));
  }
  return found.filter((finding) => finding !== null);
}

/** How one audio line wants its media to travel. */
type Wish = 'secure' | 'optional' | 'plain' | 'keyless';

function wishOf({ protocol, crypto, fingerprint }: SdpMedia): Wish {
  const keys = crypto.length > 0 || fingerprint !== null;
  if (protocol.toUpperCase().includes('SAVP')) return keys ? 'secure' : 'keyless';
  return keys ? 'optional' : 'plain';
}

/** The lines of an offer and its answer that audio goes by: lines answer each other by their place (RFC 3264 6). */
function agreedLines(offer: Description, answer: Description): [SdpMedia | null, SdpMedia | null] {
  const place = answer.media.findIndex(({ type, port }) => type === 'audio' && port > 0);
  const offered = offer.media[place];
  if (place >= 0 && offered?.type === 'audio') return [offered, answer.media[place]!];
  return [audioLine(offer), audioLine(answer)];
}

function audioLine({ media }: Description): SdpMedia | null {
  return media.find((line) => line.type === 'audio' && line.port > 0) ?? null;
}

/** Offer and answer of one exchange on one hop that do not want the same. */
function agreementFinding(facts: CallFacts): FindingRecord | null {
  const { call, record } = facts;
  if (call.answerUs === null) return null;
  for (const answer of inForce(call)) {
    const offer = offerOf(facts, answer);
    if (offer === null) continue;
    const [offered, answered] = agreedLines(offer, answer);
    if (offered === null || answered === null) continue;
    const wishes: [Wish, Wish] = [wishOf(offered), wishOf(answered)];
    const why = disagreement(...wishes);
    if (why === null) continue;
    const caller = offer.side === 'caller' ? offered : answered;
    const callee = offer.side === 'caller' ? answered : offered;
    return aboutCall(record, null, {
      code: 'encryption_mismatch',
      severity: 'critical',
      text: `${why}: the caller's SDP says ${caller.protocol}, the callee's ${callee.protocol}`,
      evidence: {
        callerProfile: caller.protocol,
        calleeProfile: callee.protocol,
        offered: wishes[0],
        answered: wishes[1],
      },
      startUs: answer.inForceUs,
    });
  }
  return null;
}

function disagreement(offered: Wish, answered: Wish): string | null {
  if (offered === 'keyless' || answered === 'keyless') return 'SRTP without any key';
  if (offered === 'secure' && answered !== 'secure') return 'SRTP was offered and plain RTP answered';
  if (offered === 'plain' && answered === 'secure') return 'plain RTP was offered and SRTP answered';
  return null;
}

/** The offer that an answer answers: same exchange, other side, same hop. */
function offerOf({ call }: CallFacts, answer: Description): Description | null {
  const offers = call.descriptions.filter(
    (other) =>
      other.side !== answer.side &&
      !other.refused &&
      other.cseq === answer.cseq &&
      other.requester === answer.requester &&
      other.timeUs <= answer.timeUs,
  );
  const onHop = offers.filter((offer) => isReverse(offer.between, answer.between));
  if (onHop.length > 0) return onHop.at(-1)!;
  // One offer and one answer are a pair, whichever way they travelled.
  const answers = call.descriptions.filter(
    ({ side, cseq, requester }) =>
      side === answer.side && cseq === answer.cseq && requester === answer.requester,
  );
  return offers.length === 1 && answers.length === 1 ? offers[0]! : null;
}

function isReverse(a: Description['between'], b: Description['between']): boolean {
  return a !== null && b !== null && isWayBack(a, b);
}

/** Octets of a millisecond of codecs whose payloads have one size only. */
const OCTETS_PER_MS: Readonly<Record<string, number>> = { PCMU: 8, PCMA: 8, G722: 8, G729: 1, 'G726-32': 4 };
/** Authentication tags: HMAC-SHA1-32 and -80 (RFC 3711, 4568), AES-GCM (RFC 7714). */
const TAG_OCTETS = new Set([4, 10, 16]);
/** 15 degrees of freedom: noise passes 45 once in ten thousand times; speech never stays below 100. */
const EVEN_BELOW = 45;
const UNEVEN_ABOVE = 150;
const OCTETS_LOOKED_AT_MIN = 256;

/** Payloads that are plainly encrypted, or plainly not, against what was agreed. */
function payloadFinding({ call }: CallFacts, stream: StreamRecord): FindingRecord | null {
  const perMs = OCTETS_PER_MS[stream.codec?.toUpperCase() ?? ''];
  if (perMs === undefined || stream.ptimeMs === null || stream.packets < 50) return null;
  const wishes = inForce(call)
    .map(audioLine)
    .filter((line) => line !== null)
    .map(wishOf);
  if (wishes.length === 0) return null;
  const { payloadOctets, unevenness, silencePackets, eventPackets } = stream.media;
  const octets = payloadOctets ?? onlySize(stream, silencePackets + eventPackets);
  if (octets === null) return null;
  const codecOctets = stream.ptimeMs * perMs;
  const enough = unevenness !== null && unevenness.octets >= OCTETS_LOOKED_AT_MIN;
  const evidence = {
    payloadOctets: octets.min,
    codecOctets,
    unevenness: unevenness === null ? null : unevenness.chiSquare,
  };
  const plain = wishes.every((wish) => wish === 'plain');
  const tagged = octets.min === octets.max && TAG_OCTETS.has(octets.min - codecOctets);
  if (plain && tagged && (unevenness === null || (enough && unevenness.chiSquare < EVEN_BELOW))) {
    return aboutStream(stream, {
      code: 'encryption_mismatch',
      severity: 'critical',
      text:
        `plain RTP was agreed, but payloads look encrypted: ${octets.min} octets where ${stream.codec} makes ` +
        `${codecOctets}${unevenness === null ? '' : ', as even as noise'}`,
      evidence,
    });
  }
  const secure = wishes.every((wish) => wish === 'secure');
  if (secure && octets.max === codecOctets && enough && unevenness.chiSquare > UNEVEN_ABOVE) {
    return aboutStream(stream, {
      code: 'encryption_mismatch',
      severity: 'critical',
      text: `SRTP was agreed, but payloads are in the clear: ${octets.max} octets, as ${stream.codec} makes them`,
      evidence,
    });
  }
  return null;
}

/** The one size of all payloads of a stream that was not looked into; null when there may be several. */
function onlySize({ octets, packets }: StreamRecord, others: number): { min: number; max: number } | null {
  const size = octets / packets;
  return others === 0 && Number.isInteger(size) ? { min: size, max: size } : null;
}
