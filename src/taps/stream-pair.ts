import type { Match } from './match-streams.ts';
import { type PairedPackets, pairPackets } from './pair-packets.ts';
import { UNPAIRED } from './rounds.ts';
import type { TapStream } from './tap-stream.ts';

/** From when to when a tap wrote everything down, us. */
export interface Coverage {
  fromUs: number;
  untilUs: number;
}

/** Why one point is taken to come before the other. */
export type OrderReason = 'time' | 'ttl' | 'loss' | 'clock' | 'assumed';

/** A stream at two points, packet by packet, still without knowing which comes first. */
export interface StreamPair extends Match {
  paired: PairedPackets;
  /** For each pair, in order of arrival at `a`: time there, and time at `b` less it. */
  timesUs: Float64Array;
  transitsUs: Float64Array;
  /** Packets of the one that the other should have shown and did not. */
  onlyA: number;
  onlyB: number;
}

/** Pairs the packets of a match; null when hardly any is found at both points. */
export function pairStreams(match: Match, coverA: Coverage, coverB: Coverage): StreamPair | null {
  const { a, b } = match;
  const paired = pairPackets(a.packets, b.packets);
  if (paired.pairs < 2) return null;
  const timesUs = new Float64Array(paired.pairs);
  const transitsUs = new Float64Array(paired.pairs);
  let pairs = 0;
  for (let at = 0; at < a.packets.count; at++) {
    const other = paired.ofA[at]!;
    if (other < 0) continue;
    timesUs[pairs] = a.packets.timeUs[at]!;
    transitsUs[pairs++] = b.packets.timeUs[other]! - a.packets.timeUs[at]!;
  }
  const least = transitsUs.reduce((low, transit) => Math.min(low, transit), Number.POSITIVE_INFINITY);
  const most = transitsUs.reduce((high, transit) => Math.max(high, transit), Number.NEGATIVE_INFINITY);
  const onlyA = missing(a, paired.ofA, least, most, coverB);
  const onlyB = missing(b, paired.ofB, -most, -least, coverA);
  return { ...match, paired, timesUs, transitsUs, onlyA, onlyB };
}

/** Packets without a partner that the other tap was there to see: it began before and ended after they can have come. */
function missing(
  { packets }: TapStream,
  partners: Int32Array,
  leastUs: number,
  mostUs: number,
  cover: Coverage,
): number {
  let count = 0;
  for (let at = 0; at < packets.count; at++) {
    if (partners[at] !== UNPAIRED) continue;
    const timeUs = packets.timeUs[at]!;
    if (timeUs + leastUs >= cover.fromUs && timeUs + mostUs <= cover.untilUs) count++;
  }
  return count;
}

/** The same pair seen from the other point. */
export function turned(pair: StreamPair): StreamPair {
  const { a, b, paired } = pair;
  const order = [...paired.ofB.keys()].filter((at) => paired.ofB[at]! >= 0);
  const timesUs = Float64Array.from(order, (at) => b.packets.timeUs[at]!);
  const transitsUs = Float64Array.from(
    order,
    (at) => a.packets.timeUs[paired.ofB[at]!]! - b.packets.timeUs[at]!,
  );
  return {
    ...pair,
    a: b,
    b: a,
    paired: { ...paired, ofA: paired.ofB, ofB: paired.ofA },
    timesUs,
    transitsUs,
    onlyA: pair.onlyB,
    onlyB: pair.onlyA,
  };
}
