import { median } from './delays.ts';
import { endpointText, type TapStream } from './tap-stream.ts';

/** What tells that two streams are one: numbers, timestamps and SSRC, or the payloads where a box made new headers. */
export type Identity = 'headers' | 'content';

/** Two sights of one stream. */
export interface Match {
  a: TapStream;
  b: TapStream;
  identity: Identity;
}

/** Streams with more packets are known by a part of them, which both points choose alike: by the identity itself. */
const WHOLE_MAX = 2000;
const CHOSEN_MASK = 15;
/** Votes of one stream: of more, the least ones, which are mostly the same at both points. */
const VOTES_MAX = 128;
const VOTES_MIN = 3;
/** Share of the votes of the poorer of the two that must agree. */
const AGREED_SHARE = 0.2;
/** Of more streams that share one identity, those that begin nearest and those between the same endpoints are looked at. */
const SHARED_MAX = 16;

/** What else speaks for two streams being one, beside their packets. */
export interface Kinship {
  /** Clock of `b` less that of `a`, us; null where nothing tells. */
  offsetUs: number | null;
  /** Greater for streams of one call, one direction, equal endpoints. */
  affinity: (a: TapStream, b: TapStream) => number;
}

/**
 * Finds streams of `b` that are streams of `a`, each once: first by headers, then, of those left, by content. Some equipment
 * gives every call the same SSRC and numbers, or plays every caller the same music: then time, call and addresses decide.
 */
export function matchStreams(a: readonly TapStream[], b: readonly TapStream[], kinship: Kinship): Match[] {
  const aheadUs = kinship.offsetUs ?? 0;
  const byHeaders = eachOnce(candidates('headers', a, b, aheadUs), kinship, Number.POSITIVE_INFINITY);
  const taken = new Set(byHeaders.flatMap((match) => [match.a, match.b]));
  const left = (streams: readonly TapStream[]): TapStream[] => streams.filter((stream) => !taken.has(stream));
  const offsetUs =
    kinship.offsetUs ??
    (byHeaders.length === 0 ? null : median(byHeaders.map((match) => startsApartUs(match))));
  const nearUs = offsetUs === null ? ROUGHLY_US : NEARLY_US;
  const found = candidates('content', left(a), left(b), offsetUs ?? 0);
  const byContent = eachOnce(found, { ...kinship, offsetUs }, nearUs);
  return [...byHeaders, ...byContent];
}

/** Finds all pairs of streams of one capture that are one stream at two points. */
export function matchSights(streams: readonly TapStream[]): Match[] {
  const byHeaders = candidates('headers', streams, streams, 0);
  const known = new Set(byHeaders.map(pairName));
  const byContent = candidates('content', streams, streams, 0);
  return [...byHeaders, ...byContent.filter((match) => !known.has(pairName(match)))];
}

interface Candidate extends Match {
  agreed: number;
}

/** @param aheadUs what the clock of `b` is taken to be ahead by; both are in order of their first packets */
function candidates(
  identity: Identity,
  a: readonly TapStream[],
  b: readonly TapStream[],
  aheadUs: number,
): Candidate[] {
  // Nearly every identity is one stream's own, which needs no list.
  const index = new Map<number, number | number[]>();
  const ends = new Map<string, number[]>();
  const votesOfB = b.map((stream, at) => {
    const votes = votesOf(stream, identity);
    for (const vote of votes) {
      const known = index.get(vote);
      if (known === undefined) index.set(vote, at);
      else if (typeof known === 'number') index.set(vote, [known, at]);
      else known.push(at);
    }
    const between = endpointsOf(stream);
    const same = ends.get(between);
    if (same === undefined) ends.set(between, [at]);
    else same.push(at);
    return votes.length;
  });
  const found: Candidate[] = [];
  for (const [place, stream] of a.entries()) {
    const votes = votesOf(stream, identity);
    const likely = likelyOnes(stream, b, aheadUs, ends.get(endpointsOf(stream)) ?? []);
    const agreed = new Map<number, number>();
    for (const vote of votes)
      for (const at of likely(index.get(vote)))
        if (a !== b || at > place) agreed.set(at, (agreed.get(at) ?? 0) + 1);
    const best = Math.max(0, ...agreed.values());
    for (const [at, count] of agreed) {
      const least = Math.max(VOTES_MIN, AGREED_SHARE * Math.min(votes.length, votesOfB[at]!), best / 2);
      if (count >= least) found.push({ a: stream, b: b[at]!, identity, agreed: count });
    }
  }
  return found;
}

/** Of the streams that share an identity with `stream` all, or the likely ones where equipment gives every call the same. */
function likelyOnes(
  stream: TapStream,
  b: readonly TapStream[],
  aheadUs: number,
  sameEnds: readonly number[],
): (shared: number | number[] | undefined) => Iterable<number> {
  const startUs = stream.packets.timeUs[0]! + aheadUs;
  return (shared) => {
    if (shared === undefined) return [];
    if (typeof shared === 'number') return [shared];
    if (shared.length <= SHARED_MAX) return shared;
    const place = placeIn(shared, (at) => b[at]!.packets.timeUs[0]! < startUs);
    const from = Math.max(0, place - SHARED_MAX / 2);
    const between = sameEnds.filter((wanted) => shared[placeIn(shared, (at) => at < wanted)] === wanted);
    return new Set([...shared.slice(from, from + SHARED_MAX), ...between.slice(0, SHARED_MAX)]);
  };
}

/** The first place of a list in order whose item does not lie before what is looked for. */
function placeIn(list: readonly number[], isBefore: (item: number) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function endpointsOf({ src, dst }: TapStream): string {
  return `${endpointText(src)} ${endpointText(dst)}`;
}

/** How far from at once two streams begin, in three steps: a box holds packets up for so long, or not much longer. */
const AT_ONCE_US = 300_000;
const NEARLY_US = 3_000_000;
/** What clocks are taken to be apart at most where nothing tells: the same music an hour later is another call. */
const ROUGHLY_US = 60_000_000;

/** Each stream once, in the likeliest of its pairs; none that begins farther apart than `nearUs`. */
function eachOnce(found: readonly Candidate[], { offsetUs, affinity }: Kinship, nearUs: number): Match[] {
  const weighed = found.map((match) => {
    const { a, b } = match;
    const apartUs = Math.abs(startsApartUs(match) - (offsetUs ?? 0));
    const step = apartUs <= AT_ONCE_US ? 0 : apartUs <= NEARLY_US ? 1 : 2;
    return { match, step, apartUs, affinity: affinity(a, b) };
  });
  weighed.sort(
    (x, y) =>
      x.step - y.step ||
      y.affinity - x.affinity ||
      y.match.agreed - x.match.agreed ||
      x.apartUs - y.apartUs ||
      x.match.a.number - y.match.a.number,
  );
  const taken = new Set<TapStream>();
  const once: Match[] = [];
  for (const { match, apartUs } of weighed) {
    if (apartUs > nearUs || taken.has(match.a) || taken.has(match.b)) continue;
    taken.add(match.a).add(match.b);
    once.push(match);
  }
  return once;
}

/** Identities of a stream's packets, each once; of content those that come several times (silence) are left out. */
function votesOf({ packets, ssrc }: TapStream, identity: Identity): number[] {
  const { count, sequence, timestamp, content } = packets;
  const times = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const vote = identity === 'headers' ? headerHash(sequence[at]!, timestamp[at]!, ssrc) : content[at]!;
    if (identity === 'content' && vote === 0) continue;
    if (count > WHOLE_MAX && (vote & CHOSEN_MASK) !== 0) continue;
    times.set(vote, (times.get(vote) ?? 0) + 1);
  }
  const votes = [...times].filter(([, seen]) => identity === 'headers' || seen <= 2).map(([vote]) => vote);
  // The same ones at both points, whichever were lost.
  return votes.sort((left, right) => left - right).slice(0, VOTES_MAX);
}

function headerHash(sequence: number, timestamp: number, ssrc: number): number {
  let hash = Math.imul(ssrc ^ Math.imul(timestamp, 0x9e37_79b1), 0x85eb_ca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash ^ sequence, 0xc2b2_ae35);
  return hash ^ (hash >>> 13);
}

function startsApartUs({ a, b }: Match): number {
  return b.packets.timeUs[0]! - a.packets.timeUs[0]!;
}

function pairName({ a, b }: Pick<Match, 'a' | 'b'>): string {
  return `${a.number} ${b.number}`;
}
