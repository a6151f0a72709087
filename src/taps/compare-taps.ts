import { commonDrift, driftOf } from './delays.ts';
import { affinityBy, signallingOffset } from './kinship.ts';
import { CONSIDERED_MAX, madeAnew } from './made-anew.ts';
import { matchSights, matchStreams } from './match-streams.ts';
import type { LineCover } from './message-changes.ts';
import { clocksOf, type OrderedPair, ordered, orderedByTime, type TapClocks } from './order.ts';
import { seenOnce, signallingChanges } from './rewrites.ts';
import { sightsInOrder } from './sights-in-order.ts';
import { byOffset, type SignallingOrder, sightPairsOfOne, signallingOrder } from './signalling-order.ts';
import { type Coverage, pairStreams } from './stream-pair.ts';
import { factsOf, otherPackets, sightOf, streamPath } from './stream-path.ts';
import type { TapFacts } from './tap-facts.ts';
import type { TapReader } from './tap-reader.ts';
import type { TapDescription, TapsComparison } from './taps-contract.ts';
import { waySummaries } from './way-summary.ts';

/** What was read at one tap. */
export interface Tap {
  reader: TapReader;
  facts: TapFacts;
  description: Omit<TapDescription, 'tap' | 'streams'>;
}

/** Streams seen at one point only that are listed. */
const UNMATCHED_MAX = 1000;

/**
 * Compares what two taps saw of one path, or what one capture holds of several points of it: the same streams packet by
 * packet, the same SIP messages line by line.
 *
 * @param cover how lines of messages are shown; as they are where left out
 */
export function compareTaps(taps: readonly Tap[], cover?: LineCover): TapsComparison {
  const [one, two = one] = taps as [Tap, Tap?];
  const isOne = one === two;
  const streamsA = one.reader.streams.proved();
  const streamsB = isOne ? streamsA : two.reader.streams.proved();
  const [coverA, coverB] = [coverage(one), coverage(two)];
  const facts = taps.map((tap) => tap.facts);
  const matches = isOne
    ? matchSights(streamsA)
    : matchStreams(streamsA, streamsB, { offsetUs: signallingOffset(one, two), affinity: affinityBy(facts) });
  const found = matches.flatMap((match) => pairStreams(match, coverA, coverB) ?? []);
  const ppm = isOne
    ? 0
    : commonDrift(found.flatMap(({ timesUs, transitsUs }) => driftOf(timesUs, transitsUs) ?? []));
  const drift = { ppm, fromUs: coverA.fromUs };
  const pairs: OrderedPair[] = isOne ? sightsInOrder(found.map(orderedByTime), facts) : ordered(found, drift);
  const messages = isOne ? oneOrder(one) : signallingOrder(one.reader.messages, two.reader.messages, drift);
  const clocks: TapClocks = isOne
    ? { offsetMs: 0, uncertaintyMs: 0, driftPpm: 0 }
    : clocksOf(pairs, messages.bounds, drift);
  const matched = new Set(pairs.flatMap(({ pair }) => [pair.a, pair.b]));
  const left = [...new Set([...streamsA, ...streamsB])].filter((stream) => !matched.has(stream));
  const anew = madeAnew(left, facts, clocks.offsetMs);
  const linked = new Set(anew.flat());
  const unmatched = left.filter((stream) => !linked.has(stream));
  const streams = pairs.map((pair) => streamPath(pair, facts, pair.pair.a.tap === 0 ? ppm : -ppm));
  return {
    kind: 'taps',
    taps: taps.map(({ description }, at) => ({
      tap: at + 1,
      ...description,
      streams: (at === 0 ? streamsA : streamsB).length,
    })),
    clocks: roundedClocks(clocks),
    ways: waySummaries(streams),
    streams,
    otherPackets: anew.map(([a, b]) => otherPackets(a, b, facts)),
    unmatched: unmatched.slice(0, UNMATCHED_MAX).map((stream) => sightOf(stream, factsOf(stream, facts))),
    signalling: signallingChanges(
      [...messages.decided, ...byOffset(messages.undecided, clocks.offsetMs, drift)],
      seenOnce(taps.map(({ reader }) => reader.messages)),
      cover,
    ),
    leftOut: leftOut(taps, left.length, unmatched.length),
    notes: [...trustNotes(taps), ...notesOn(pairs, isOne)],
  };
}

function oneOrder({ reader }: Tap): SignallingOrder {
  const bounds = { mostUs: 0, leastUs: 0 };
  return { decided: sightPairsOfOne(reader.messages), undecided: [], bounds };
}

function coverage({ reader }: Tap): Coverage {
  return { fromUs: reader.firstUs, untilUs: Math.min(reader.lastUs, reader.streams.fullSinceUs) };
}

function roundedClocks({ offsetMs, uncertaintyMs, driftPpm }: TapClocks): TapClocks {
  const rounded = (value: number | null): number | null =>
    value === null ? null : Math.round(value * 1000) / 1000;
  return {
    offsetMs: rounded(offsetMs),
    uncertaintyMs: rounded(uncertaintyMs),
    driftPpm: Math.round(driftPpm * 10) / 10,
  };
}

function leftOut(taps: readonly Tap[], left: number, unmatched: number): Record<string, number> {
  const sum = (of: (tap: Tap) => number): number => taps.reduce((total, tap) => total + of(tap), 0);
  const counts: Record<string, number> = {
    taps_stream_table_full: sum(({ reader }) => reader.streams.counters.streamsRefused),
    taps_packets_full: sum(({ reader }) => reader.streams.counters.packetsLeftOut),
    taps_messages_full: sum(({ reader }) => reader.messages.leftOut),
    taps_records_full: sum(({ facts }) => facts.leftOut),
    taps_unmatched_not_linked: Math.max(0, left - CONSIDERED_MAX),
    taps_unmatched_not_listed: Math.max(0, unmatched - UNMATCHED_MAX),
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** A capture that dropped packets itself looks like a network that lost them. */
function trustNotes(taps: readonly Tap[]): string[] {
  return taps.flatMap(({ description: { trust } }, at) =>
    trust === 'trusted'
      ? []
      : [`the capture of tap ${at + 1} is ${trust}: what seems lost between the taps may be lost in it`],
  );
}

function notesOn(pairs: readonly OrderedPair[], isOne: boolean): string[] {
  const notes: string[] = [];
  if (pairs.length === 0)
    notes.push(
      isOne
        ? 'no stream was found at two points of this capture'
        : 'no stream was found at both taps: were they on one path at the same time?',
    );
  const assumed = pairs.filter(({ orderBy }) => orderBy === 'assumed').length;
  if (assumed > 0)
    notes.push(
      `which tap comes first could not be told for ${assumed} of ${pairs.length} streams (no loss, no TTL that falls, no stream back): the order of the files was taken`,
    );
  return notes;
}
