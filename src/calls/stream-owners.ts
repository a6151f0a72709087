import type { StreamKey } from '../rtp/plane.ts';
import { type AnnouncedSsrcs, announcesSsrc } from './announced-ssrcs.ts';
import type { Claim, MediaIndex } from './media-index.ts';
import { knowsBothEnds } from './shared-media.ts';
import { endsOf, isReverse, isSameWay, type StreamEnds } from './stream-ends.ts';

/** Streams at one endpoint that are asked whether they flow between the same ends: the newest. More is a flood. */
const STREAMS_LOOKED_AT = 32;

/** What is known of streams that are being measured. */
export interface KnownStreams {
  index: MediaIndex;
  ssrcs: AnnouncedSsrcs;
  ends: StreamEnds;
  keyOf(slot: number): StreamKey;
  /** The call that claims a stream already. */
  claimOf(slot: number): Claim | null;
}

/**
 * The call a stream belongs to, by what tells most: the SSRC that a side announced, both ends, the other streams between
 * these ends where an SSRC told whose they are (a sender may change its SSRC without a word), one end, and at last a
 * stream that flows the other way.
 */
export function ownerOf(key: StreamKey, known: KnownStreams): Claim | null {
  const named = known.ssrcs.claim(key);
  if (named !== null) return named;
  const announced = known.index.claim(key);
  if (announced !== null && knowsBothEnds(announced.call, key)) return announced;
  return besideNamed(key, known) ?? announced ?? backOf(key, known);
}

/** The call that SSRCs name for streams between the same ends, when they name no other one as well. */
function besideNamed(key: StreamKey, known: KnownStreams): Claim | null {
  if (known.ssrcs.isEmpty) return null;
  let found: Claim | null = null;
  for (const slot of between(key, known)) {
    const claim = known.claimOf(slot);
    const other = known.keyOf(slot);
    if (claim === null || claim.call.doneUs !== null || announcesSsrc(claim, other.ssrc) !== true) continue;
    if (found !== null && found.call !== claim.call) return null;
    found = { call: claim.call, fromCaller: isSameWay(other, key) === claim.fromCaller };
  }
  return found;
}

/**
 * Streams that an SSRC which was just found leads to: they flow between the same ends as `key`, and are of no call, or of
 * one that knows one end only.
 */
export function leadsTo(
  key: StreamKey,
  { call }: Claim,
  known: KnownStreams,
): [slot: number, claim: Claim][] {
  const found: [slot: number, claim: Claim][] = [];
  for (const slot of between(key, known)) {
    const owner = known.claimOf(slot);
    const other = known.keyOf(slot);
    const isSure =
      owner !== null && (announcesSsrc(owner, other.ssrc) === true || knowsBothEnds(owner.call, other));
    if (owner?.call === call || isSure) continue;
    const claim = ownerOf(other, known);
    if (claim?.call === call) found.push([slot, claim]);
  }
  return found;
}

/** The newest streams between the ends of one, either way. */
function between(key: StreamKey, { ends, keyOf }: KnownStreams): number[] {
  const [there, here] = endsOf(key).map((end) => ends.at(end)) as [readonly number[], readonly number[]];
  // Of a server with one port for all, the other end has few streams.
  const fewer = (there.length < here.length ? there : here).slice(-STREAMS_LOOKED_AT);
  return fewer.filter((slot) => {
    const other = keyOf(slot);
    return isSameWay(other, key) || isReverse(other, key);
  });
}

/** The call of a stream that flows the other way. */
function backOf(key: StreamKey, { ends, keyOf, claimOf }: KnownStreams): Claim | null {
  const [, source] = endsOf(key);
  for (const slot of ends.at(source).slice(-STREAMS_LOOKED_AT)) {
    const back = claimOf(slot);
    if (back === null || back.call.doneUs !== null) continue;
    if (isReverse(keyOf(slot), key)) return { call: back.call, fromCaller: !back.fromCaller };
  }
  return null;
}
