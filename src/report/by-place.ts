import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { Verdict } from '../records/types.ts';
import { goesInto, type PlaceKind, type WayPlace } from './place.ts';
import type { RecordStore, StreamSummary } from './record-store.ts';
import { comparableR, type Score } from './score.ts';
import type { Selection } from './selection.ts';

/** Groups that are added up apart; names may be taken from the wire. */
const GROUPS_MAX = 10_000;
/** What all further ones are added up as, here and in metrics. */
const OTHER = 'other';
/** Of a normal distribution, for 95 %. */
const Z = 1.96;

/** What there is to say of a site or a trunk. */
export interface PlaceSum {
  name: string;
  calls: number;
  bad: Record<'media' | 'signalling' | 'both', number>;
  /** Denominator and numerator of NER (ITU-T E.425). */
  attempts: number;
  served: number;
  streams: number;
  expected: number;
  lost: number;
  /** The lowest score of a stream that is long enough to be judged. */
  worst: Score | null;
  /** Sequence numbers of its streams by their way. */
  ways: Record<Way, number[]>;
}

/** Into a site, or through a trunk into the network behind the probe; out of there; or nobody knows. */
export type Way = 'in' | 'out' | 'unknown';

/** The groups of one kind, the worst on top, and what is in none. */
export interface PlaceSums {
  groups: PlaceSum[];
  outside: { calls: number; streams: number };
}

/**
 * Adds up what was chosen by site or trunk. A stream that is in no group itself counts where its call is. The worst group is
 * the one whose share of bad calls is the greatest, as far as so many calls prove it.
 */
export function sumsByPlace(records: RecordStore, selection: Selection, kind: PlaceKind): PlaceSums {
  const sums = new Map<string, PlaceSum>();
  const outside = { calls: 0, streams: 0 };
  const placeOfCall = new Map<number, WayPlace>();
  for (const call of selection.calls) {
    const { place, verdict, served } = records.calls.summary(call);
    for (const stream of records.streamsOf(call)) placeOfCall.set(stream, place);
    const name = place[kind];
    if (name === null) outside.calls++;
    else addCall(sumNamed(sums, name), verdict, served);
  }
  for (const stream of selection.streams) {
    const summary = records.streams.summary(stream);
    const ofCall = placeOfCall.get(stream) ?? null;
    const name = summary.place[kind] ?? ofCall?.[kind] ?? null;
    if (name === null) {
      outside.streams++;
      continue;
    }
    const sum = sumNamed(sums, name);
    addStream(sum, summary);
    sum.ways[wayOf(summary, ofCall, kind)].push(stream);
  }
  const groups = [...sums.values()].map((sum) => ({ sum, badness: provenShare(badCalls(sum), sum.calls) }));
  groups.sort((a, b) => b.badness - a.badness || compareMedia(a.sum, b.sum));
  return { groups: groups.map(({ sum }) => sum), outside };
}

function sumNamed(sums: Map<string, PlaceSum>, wanted: string): PlaceSum {
  const name = sums.size < GROUPS_MAX || sums.has(wanted) ? wanted : OTHER;
  let sum = sums.get(name);
  if (sum === undefined) {
    const bad = { media: 0, signalling: 0, both: 0 };
    sum = {
      ...{ name, calls: 0, bad, attempts: 0, served: 0 },
      ...{ streams: 0, expected: 0, lost: 0, worst: null },
      ways: { in: [], out: [], unknown: [] },
    };
    sums.set(name, sum);
  }
  return sum;
}

function addCall(sum: PlaceSum, verdict: Verdict, served: boolean | null): void {
  sum.calls++;
  if (verdict === 'media' || verdict === 'signalling' || verdict === 'both') sum.bad[verdict]++;
  if (served === null) return;
  sum.attempts++;
  if (served) sum.served++;
}

/** By its own addresses, or else by the way of its call. */
function wayOf({ place, direction }: StreamSummary, ofCall: WayPlace | null, kind: PlaceKind): Way {
  const own = place[kind] === null ? null : goesInto(place, kind);
  const called = ofCall === null || direction === null ? null : goesInto(ofCall, kind);
  const into = own ?? (called === null ? null : called === (direction === 'callerToCallee'));
  return into === null ? 'unknown' : into ? 'in' : 'out';
}

function addStream(
  sum: PlaceSum,
  { expected, lost, score }: { expected: number; lost: number; score: Score | null },
): void {
  sum.streams++;
  sum.expected += expected;
  sum.lost += lost;
  if (score === null || expected < EVIDENCE_MIN) return;
  if (sum.worst === null || comparableR(score) < comparableR(sum.worst)) sum.worst = score;
}

function badCalls({ bad }: PlaceSum): number {
  return bad.media + bad.signalling + bad.both;
}

/** The lower end of Wilson's interval of a share: one bad call of one proves less than forty of fifty. */
function provenShare(part: number, all: number): number {
  if (part === 0) return 0;
  const share = part / all;
  const middle = share + Z ** 2 / (2 * all);
  const spread = Z * Math.sqrt((share * (1 - share)) / all + Z ** 2 / (4 * all ** 2));
  return (middle - spread) / (1 + Z ** 2 / all);
}

function compareMedia(a: PlaceSum, b: PlaceSum): number {
  const lost = (sum: PlaceSum): number => (sum.expected < EVIDENCE_MIN ? 0 : sum.lost / sum.expected);
  const least = (sum: PlaceSum): number => (sum.worst === null ? 2 : comparableR(sum.worst));
  return lost(b) - lost(a) || least(a) - least(b) || b.calls - a.calls || (a.name < b.name ? -1 : 1);
}
