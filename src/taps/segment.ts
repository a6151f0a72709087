import { copiesOnWire } from './copies.ts';
import { type DelayVariation, delayVariation, withoutDrift } from './delays.ts';
import { COPY } from './rounds.ts';
import type { StreamPair } from './stream-pair.ts';

/** A marking or a payload type that changed on the way, and in how many packets. */
export interface Changed {
  from: number;
  to: number;
  packets: number;
}

/** What happened to a stream between two points, from packets that are the same at both. */
export interface Segment {
  /** Packets found at both points. */
  paired: number;
  /** Passed the first point and never the second, while the second was being captured; and what that is of. */
  lost: number;
  compared: number;
  lostRatio: number;
  /** Passed only the second point: the first capture lacks them, or a box between made them. */
  onlyAtSecond: number;
  /** Delay added between the points above the least there was; null without a pair. */
  addedDelayMs: DelayVariation | null;
  /** Overtaken between the points by packets that came behind them at the first. */
  reordered: number;
  /** Copies at the second point less those at the first, without those of a mirror that shows packets twice. */
  duplicated: number;
  dscp: Changed[];
  priority: Changed[];
  payloadTypes: Changed[];
  /** Hops that the TTL fell by, most often; null where it was set anew. */
  hops: number | null;
  ssrcChanged: boolean;
  renumbered: boolean;
  /** Payloads that are not the same octets: encrypted, decrypted or recoded between the points. */
  payloadChanged: number;
}

/** Kinds of changes listed; the rest is a sender that marks at random. */
const CHANGES_MAX = 16;

/** Measures the way from the first point of a pair (`a`) to the second. */
export function segmentOf(pair: StreamPair, driftPpm: number): Segment {
  const { a, b, paired, timesUs, transitsUs, onlyA, onlyB } = pair;
  const compared = paired.pairs + onlyA;
  return {
    paired: paired.pairs,
    lost: onlyA,
    compared,
    lostRatio: compared > 0 ? onlyA / compared : 0,
    onlyAtSecond: onlyB,
    addedDelayMs: delayVariation(withoutDrift(timesUs, transitsUs, driftPpm)),
    reordered: reorderedOf(pair),
    duplicated: Math.max(0, copiesOnWire(b.packets, paired.ofB) - copiesOnWire(a.packets, paired.ofA)),
    dscp: changesOf(pair, a.packets.tos, b.packets.tos, (tos) => tos >> 2),
    priority: changesOf(pair, a.packets.priority, b.packets.priority, (priority) => priority - 1),
    payloadTypes: changesOf(pair, a.packets.payloadType, b.packets.payloadType, (type) => type),
    hops: hopsOf(pair),
    ssrcChanged: a.ssrc !== b.ssrc,
    renumbered: paired.renumbered,
    payloadChanged: countPairs(pair, (at, other) => {
      const [before, after] = [a.packets.content[at]!, b.packets.content[other]!];
      return before !== 0 && after !== 0 && before !== after;
    }),
  };
}

/** Pairs that arrive at the second point behind one that came later at the first (RFC 4737 3.1, by place instead of number). */
function reorderedOf({ b, paired }: StreamPair): number {
  let highest = -1;
  let reordered = 0;
  for (let at = 0; at < b.packets.count; at++) {
    const other = paired.ofB[at]!;
    if (other < 0) continue;
    if (other < highest) reordered++;
    else highest = other;
  }
  return reordered;
}

function changesOf(
  pair: StreamPair,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  read: (value: number) => number,
): Changed[] {
  const counts = new Map<number, Changed>();
  countPairs(pair, (at, other) => {
    const [from, to] = [read(before[at]!), read(after[other]!)];
    if (from === to) return false;
    const key = (from + 1) * 1024 + to + 1;
    const known = counts.get(key);
    if (known !== undefined) known.packets++;
    else counts.set(key, { from, to, packets: 1 });
    return true;
  });
  return [...counts.values()].sort((x, y) => y.packets - x.packets || x.from - y.from).slice(0, CHANGES_MAX);
}

/** Falls of the TTL that most packets share; a rise, or a great fall, is a TTL of the box's own. */
function hopsOf(pair: StreamPair): number | null {
  const counts = new Map<number, number>();
  countPairs(pair, (at, other) => {
    const fall = pair.a.packets.ttl[at]! - pair.b.packets.ttl[other]!;
    counts.set(fall, (counts.get(fall) ?? 0) + 1);
    return false;
  });
  const [fall = -1, packets = 0] = [...counts].sort((x, y) => y[1] - x[1])[0] ?? [];
  return fall >= 0 && fall <= 32 && packets > 0.5 * pair.paired.pairs && isRouted(pair) ? fall : null;
}

function isRouted(pair: StreamPair): boolean {
  const { a, b } = pair;
  const kept = countPairs(
    pair,
    (at, other) => a.packets.ident[at] !== 0 && a.packets.ident[at] === b.packets.ident[other],
  );
  return kept > 0.8 * pair.paired.pairs;
}

function countPairs({ a, paired }: StreamPair, counts: (at: number, other: number) => boolean): number {
  let count = 0;
  for (let at = 0; at < a.packets.count; at++) {
    const other = paired.ofA[at]!;
    if (other > COPY && other >= 0 && counts(at, other)) count++;
  }
  return count;
}
