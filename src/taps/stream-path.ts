import { copiesOf } from './copies.ts';
import { lossCulprit, variationCulprit } from './culprit.ts';
import type { OrderedPair } from './order.ts';
import { firstsOf } from './rounds.ts';
import { type Segment, segmentOf } from './segment.ts';
import type { StreamFacts, TapFacts } from './tap-facts.ts';
import { endpointText, ssrcText, type TapStream } from './tap-stream.ts';
import type { OtherPackets, SegmentLoss, StreamPath, StreamSight } from './taps-contract.ts';

/** What is said of one stream on its way past both points. */
export function streamPath(
  { pair, orderBy }: OrderedPair,
  facts: readonly TapFacts[],
  driftPpm: number,
): StreamPath {
  const [before, after] = [factsOf(pair.a, facts), factsOf(pair.b, facts)];
  const between = roundedSegment(segmentOf(pair, driftPpm));
  // One record of both sights, as of a capture that shows a routed stream twice, is that of the first.
  const isOne = before !== null && before === after;
  const senderToFirst = before === null ? null : { lost: before.lost, of: before.expected };
  const secondToReceiver = isOne ? null : reportedLoss(after);
  const pdvP95Ms = before === null ? null : rounded(before.pdvP95Ms);
  const lost = { lost: between.lost, of: between.compared };
  return {
    callId: before?.callId ?? after?.callId ?? null,
    direction: before?.direction ?? after?.direction ?? null,
    identity: pair.identity,
    orderBy,
    first: sightOf(pair.a, before),
    second: sightOf(pair.b, after),
    senderToFirst: { loss: senderToFirst, pdvP95Ms },
    between,
    secondToReceiver: { loss: secondToReceiver },
    lossBy: lossCulprit(senderToFirst, lost, secondToReceiver),
    delayVariationBy: variationCulprit(pdvP95Ms, between.addedDelayMs?.p95 ?? null),
  };
}

/** Two streams of a call that are not the same packets. */
export function otherPackets(a: TapStream, b: TapStream, facts: readonly TapFacts[]): OtherPackets {
  const [before, after] = [factsOf(a, facts), factsOf(b, facts)];
  const [first, second] = [sightOf(a, before), sightOf(b, after)];
  return {
    callId: before?.callId ?? null,
    direction: before?.direction ?? null,
    first,
    second,
    codecChanged: first.codec !== null && second.codec !== null && first.codec !== second.codec,
    ptimeChanged: first.ptimeMs !== null && second.ptimeMs !== null && first.ptimeMs !== second.ptimeMs,
  };
}

export function factsOf(stream: TapStream, facts: readonly TapFacts[]): StreamFacts | null {
  return facts[stream.tap]!.of(stream);
}

/** A stream at one point, as it is shown. */
export function sightOf(stream: TapStream, facts: StreamFacts | null): StreamSight {
  const { packets } = stream;
  const { copies, samePackets } = copiesOf(packets, firstsOf(packets));
  return {
    tap: stream.tap + 1,
    id: facts?.id ?? null,
    src: endpointText(stream.src),
    dst: endpointText(stream.dst),
    ssrc: ssrcText(stream.ssrc),
    ttl: stream.ttl,
    codec: facts?.codec ?? null,
    ptimeMs: facts?.ptimeMs ?? null,
    packets: packets.count - copies,
    duplicates: copies - samePackets,
    mirrorDuplicates: samePackets,
  };
}

function reportedLoss(facts: StreamFacts | null): SegmentLoss | null {
  const reported = facts?.reported ?? null;
  return reported === null ? null : { lost: reported.lostBehind, of: reported.compared };
}

/** Whole microseconds, and ratios of one in a million, as all reports have them. */
function roundedSegment(segment: Segment): Segment {
  const { addedDelayMs, lostRatio } = segment;
  const added =
    addedDelayMs === null
      ? null
      : {
          p50: rounded(addedDelayMs.p50)!,
          p95: rounded(addedDelayMs.p95)!,
          p99: rounded(addedDelayMs.p99)!,
          max: rounded(addedDelayMs.max)!,
        };
  return { ...segment, lostRatio: Math.round(lostRatio * 1e6) / 1e6, addedDelayMs: added };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}
