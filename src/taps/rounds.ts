import { median } from './delays.ts';
import type { PacketColumns } from './packet-columns.ts';

/** Neither a pair nor a copy. */
export const UNPAIRED = -1;
/** A packet that this point has seen before. */
export const COPY = -2;

/** A packet that was seen so many packets ago is no copy where its neighbours were, too (RFC 3550 A.1, MAX_MISORDER). */
const FAR = 100;
/** Packets to one side that are looked at, and how many must have been seen far back: late copies among others are half. */
const NEIGHBOURS = 8;
const FAR_MIN = 6;
/** They come no faster than at this share of the pace they had before. */
const PACE_RATIO = 0.5;

/**
 * `UNPAIRED` for each packet, `COPY` for those that came before with their number and timestamp. A player that begins its
 * recording again sends what was seen before, one packet after the other: that is another round, and no copies.
 */
export function firstsOf({ count, sequence, timestamp, timeUs }: PacketColumns): Int32Array {
  const places = new Int32Array(count).fill(UNPAIRED);
  const seen = new Map<number, number>();
  const again: Again[] = [];
  for (let at = 0; at < count; at++) {
    const name = nameOf(sequence[at]!, timestamp[at]!);
    const before = seen.get(name);
    if (before === undefined) {
      seen.set(name, at);
      continue;
    }
    places[at] = COPY;
    if (at - before < FAR) continue;
    again.push({ at, before });
    seen.set(name, at);
  }
  for (const place of again.keys()) if (isOfRound(again, place, timeUs)) places[again[place]!.at] = UNPAIRED;
  return places;
}

/** A packet that was seen far back, and where. */
interface Again {
  at: number;
  before: number;
}

/** Whether those before or behind it were seen far back, too, and come no faster than they did: late copies come at once. */
function isOfRound(again: readonly Again[], place: number, timeUs: Float64Array): boolean {
  const { at } = again[place]!;
  let from = place;
  while (from > 0 && at - again[from - 1]!.at <= NEIGHBOURS) from--;
  let until = place;
  while (until + 1 < again.length && again[until + 1]!.at - at <= NEIGHBOURS) until++;
  if (Math.max(place - from, until - place) + 1 < FAR_MIN) return false;
  const [first, last] = [again[from]!, again[until]!];
  // Where one of them was lost in the round before, they were seen in different rounds.
  if (last.before - first.before > 2 * (last.at - first.at)) return true;
  const tookUs = timeUs[last.at]! - timeUs[first.at]!;
  return tookUs >= PACE_RATIO * (timeUs[last.before]! - timeUs[first.before]!);
}

/** Number and timestamp in 48 bits: exact in a double. */
export function nameOf(sequence: number, timestamp: number): number {
  return sequence * 0x1_0000_0000 + (timestamp >>> 0);
}

/** Where packets of one name are at two points, those of each in order of arrival. */
export interface SameName {
  ofA: readonly number[];
  ofB: readonly number[];
}

/**
 * Pairs packets of several rounds by time, since number and timestamp are the same in each: what passed both points is as
 * long on its way as what is there as often at both.
 */
export function pairRounds(
  names: readonly SameName[],
  a: PacketColumns,
  b: PacketColumns,
  pair: (a: number, b: number) => void,
): void {
  if (names.length === 0) return;
  const apart = (ofA: number, ofB: number): number => b.timeUs[ofB]! - a.timeUs[ofA]!;
  const equal = names.filter(({ ofA, ofB }) => ofA.length === ofB.length);
  const counted = equal.length > 0 ? equal : names;
  const transitUs = median(counted.map(({ ofA, ofB }) => apart(ofA[0]!, ofB[0]!)));
  for (const { ofA, ofB } of names) {
    const halfUs = Math.min(roundUs(ofA, a), roundUs(ofB, b)) / 2;
    for (let i = 0, j = 0; i < ofA.length && j < ofB.length; ) {
      const lateUs = apart(ofA[i]!, ofB[j]!) - transitUs;
      if (Math.abs(lateUs) <= halfUs) pair(ofA[i++]!, ofB[j++]!);
      else if (lateUs > 0) i++;
      else j++;
    }
  }
}

/** The least time from one round to the next, us. */
function roundUs(places: readonly number[], { timeUs }: PacketColumns): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < places.length; i++)
    least = Math.min(least, timeUs[places[i]!]! - timeUs[places[i - 1]!]!);
  return least;
}
