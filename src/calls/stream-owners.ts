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

/** The call of the streams between the same ends, when it has all of them, and an SSRC says so of one. */
function besideNamed(key: StreamKey, { ssrcs, ends, keyOf, claimOf }: KnownStreams): Claim | null {
  if (ssrcs.isEmpty) return null;
  const [there, here] = endsOf(key).map((end) => ends.at(end)) as [readonly number[], readonly number[]];
  let found: Claim | null = null;
  let named = false;
  // Of a server with one port for all, the other end has few streams.
  for (const slot of (there.length < here.length ? there : here).slice(-STREAMS_LOOKED_AT)) {
    const claim = claimOf(slot);
    if (claim === null || claim.call.doneUs !== null) continue;
    const other = keyOf(slot);
    const forth = isSameWay(other, key);
    if (!forth && !isReverse(other, key)) continue;
    if (found !== null && found.call !== claim.call) return null;
    found = { call: claim.call, fromCaller: forth === claim.fromCaller };
    named ||= announcesSsrc(claim, other.ssrc) === true;
  }
  return named ? found : null;
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
