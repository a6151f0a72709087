import type { StreamRecord } from '../records/types.ts';
import type { LossFeed } from '../rtp/loss-feed.ts';
import type { StreamKey } from '../rtp/plane.ts';
import { goBothWays, hostKey } from './networks.ts';

/** Losses of several streams within this time are one instant (standards section 9). */
const INSTANT_US = 20_000;
/** More than three independent streams must lose packets in it. */
const STREAMS_MIN = 4;
/** So many such instants make a mirror port that is overloaded; one may be a link that failed. */
const INSTANTS_MIN = 3;
/** Instants as near as this are one moment. */
const MOMENT = 5;
/** Share of a stream's losses that must lie in such instants. */
const SHARE_MIN = 0.5;
/** Losses of other streams may still join an instant for this long; then it is compared with its neighbours. */
const JOINING_US = 15_000_000;
/** Its neighbours: so many instants before and after it, two seconds; and the near ones, half a second. */
const NEIGHBOURS = 100;
const NEAR = 25;
/** What chance brings about less often than this is not chance. Fifty instants a second are compared. */
const CHANCE_MAX = 1e-6;
/** Three moments this close make a mirror port that is overloaded. */
const MOMENTS_WITHIN = 600_000_000 / INSTANT_US;
/** Instants, and streams that are over, that are remembered at most. */
const INSTANTS_KEPT = 65_536;
const REPORTS_WAITING_MAX = 4096;
/** Streams of one instant; more change nothing. */
const STREAMS_OF_INSTANT_MAX = 1024;
/** A relay passes a packet on within this time. */
const RELAY_US = 5000;
/** Packets that are missing between two that are further apart than this are missing at no instant. */
const HOLE_MAX_US = 2_000_000;
/** Streams that are looked at for the second leg of one. */
const COMPARED_MAX = 64;

/** A stream that lost packets in an instant: since when, and from which host to which. */
interface Loser {
  timeUs: number;
  src: string;
  dst: string;
}

/** What lost packets in one instant, by SSRC: one that passes a relay unchanged counts once. */
type Instant = Map<number, Loser>;

/** The verdict on the mirror port, with its figures. */
export interface MirrorVerdict {
  instants: number;
  streams: number;
  /** Packets that the finished ones of these streams lack. */
  lost: number;
  /** By receivers' reports: packets that only the tap lacked, and that the receivers lacked, too; null without reports. */
  onlyAtProbe: number | null;
  reported: number | null;
  firstUs: number;
  lastUs: number;
}

/**
 * Losses of unrelated streams at the same instants: a mirror port that is given more than it can carry drops from
 * every stream at once, whichever way it flows. A link on the way does so to the streams that cross it one way. Where
 * receivers report, their word decides.
 */
export class LossInstants {
  /** What found no room, and is not compared. */
  refused = 0;
  private readonly open = new Map<number, Instant>();
  /** Room for what the neighbours of one instant lost. */
  private readonly counts = new Float64Array(2 * NEIGHBOURS + 2);
  /** The first and last instants with losses. */
  private oldest = Number.POSITIVE_INFINITY;
  private newest = Number.NEGATIVE_INFINITY;
  /** Instants before this one have been compared. */
  private comparedTo = Number.NEGATIVE_INFINITY;
  /** Coinciding instants by number. */
  private readonly coinciding = new Set<number>();
  private readonly streams = new Set<number>();
  /** Streams that are over, some of whose instants are yet to be compared. */
  private waiting: StreamRecord[] = [];
  private onlyAtProbe = 0;
  private beforeProbe = 0;
  private reporting = 0;
  private lost = 0;
  private moments = 0;
  /** The first instants of the last moments, and whether enough of them ever were close together. */
  private lastMoments: number[] = [];
  private isBlamed = false;
  private first = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;

  /** Takes what the streams lost since the last time. */
  drain(feed: LossFeed, keyOf: (slot: number) => StreamKey): void {
    for (let i = 0; i < feed.length; i++) this.take(feed.timesUs[i]!, keyOf(feed.slots[i]!));
    feed.clear();
  }

  private take(timeUs: number, key: StreamKey): void {
    const at = Math.floor(timeUs / INSTANT_US);
    let instant = this.open.get(at);
    if (instant === undefined) {
      // A stream that paused learns late what it lost before: its instant is compared.
      if (at < this.comparedTo) return;
      if (this.open.size >= INSTANTS_KEPT) {
        this.refused++;
        return;
      }
      instant = new Map();
      this.open.set(at, instant);
      this.oldest = Math.min(this.oldest, at);
      this.newest = Math.max(this.newest, at);
    }
    if (instant.size >= STREAMS_OF_INSTANT_MAX) {
      this.refused++;
      return;
    }
    const known = instant.get(key.ssrc);
    if (known === undefined || timeUs < known.timeUs)
      instant.set(key.ssrc, { timeUs, src: hostKey(key.src), dst: hostKey(key.dst) });
  }

  /** Capture time moves on (to infinity at the end): instants that nobody joins any more are compared. */
  sweep(timeUs: number): void {
    const before = Math.floor((timeUs - JOINING_US) / INSTANT_US);
    const due = [...this.open.keys()].filter((at) => at >= this.comparedTo && at < before);
    due.sort((a, b) => a - b);
    let compared = Number.NEGATIVE_INFINITY;
    for (const at of due) {
      // Two neighbours together hold whatever happened within one instant's time.
      if (at - 1 !== compared) this.compare(at - 1);
      this.compare(at);
      compared = at;
    }
    this.comparedTo = Math.max(this.comparedTo, before);
    for (const at of this.open.keys()) if (at < before - NEIGHBOURS) this.open.delete(at);
    const waiting = this.waiting;
    this.waiting = [];
    for (const stream of waiting) this.noteReports(stream);
  }

  private compare(first: number): void {
    const a = this.open.get(first);
    const b = this.open.get(first + 1);
    const atMost = (a?.size ?? 0) + (b?.size ?? 0);
    if (atMost < STREAMS_MIN) return;
    const usual = 2 * this.usual(first);
    if (isChance(atMost, usual)) return;
    const losers: Instant = new Map([...(b ?? []), ...(a ?? [])]);
    if (losers.size < STREAMS_MIN || isChance(losers.size, usual)) return;
    const independent = withoutSecondLegs([...losers.values()]);
    if (independent.length < STREAMS_MIN) return;
    if (!goBothWays(new Set(independent.map(({ src, dst }) => `${src}>${dst}`)))) return;
    if (this.coinciding.size >= INSTANTS_KEPT) return;
    this.note(first);
    for (const stream of losers.keys()) if (this.streams.size < INSTANTS_KEPT) this.streams.add(stream);
  }

  /** Remembers an instant; those that follow each other are one moment. */
  private note(instant: number): void {
    let isApart = true;
    for (let near = instant - MOMENT; near <= instant + MOMENT; near++) {
      if (this.coinciding.has(near)) isApart = false;
    }
    this.coinciding.add(instant);
    this.first = Math.min(this.first, instant);
    this.last = Math.max(this.last, instant);
    if (!isApart) return;
    this.moments++;
    this.lastMoments = [...this.lastMoments, instant].slice(-INSTANTS_MIN);
    const isEnough = this.lastMoments.length === INSTANTS_MIN;
    if (isEnough && instant - this.lastMoments[0]! <= MOMENTS_WITHIN) this.isBlamed = true;
  }

  /** Streams that usually lose packets in one instant at this time. Where calls begin by the hundred, only the near count. */
  private usual(first: number): number {
    return Math.max(this.usualWithin(NEIGHBOURS, first), this.usualWithin(NEAR, first));
  }

  private usualWithin(neighbours: number, first: number): number {
    const { counts } = this;
    let length = 0;
    const to = Math.min(this.newest, first + 1 + neighbours);
    for (let at = Math.max(this.oldest, first - neighbours); at <= to; at++) {
      // The instants beside it may hold a part of what happened in it.
      if (at >= first - 1 && at <= first + 2) continue;
      counts[length++] = this.open.get(at)?.size ?? 0;
    }
    // What stands out is not what is usual.
    let mean = meanUpTo(Number.POSITIVE_INFINITY, counts, length);
    for (let round = 0; round < 3; round++) mean = meanUpTo(mean + 5 * Math.sqrt(mean), counts, length);
    return mean;
  }

  /** Forgets instants before a time; with the last of them the verdict on the mirror port is withdrawn. */
  forget(beforeUs: number): void {
    const before = Math.floor(beforeUs / INSTANT_US);
    for (const at of this.coinciding) if (at < before) this.coinciding.delete(at);
    if (this.coinciding.size > 0 || this.moments === 0) return;
    this.streams.clear();
    this.moments = 0;
    this.lastMoments = [];
    this.isBlamed = false;
    this.lost = 0;
    this.reporting = 0;
    this.onlyAtProbe = 0;
    this.beforeProbe = 0;
    this.first = Number.POSITIVE_INFINITY;
    this.last = Number.NEGATIVE_INFINITY;
  }

  /** Share of a stream's losses that coincide with others'. */
  share({ history: { losses }, startUs }: StreamRecord): number {
    if (losses.length === 0) return 0;
    let shared = 0;
    for (let i = 0; i < losses.length; i++) {
      const at = Math.floor((startUs + losses.atMs(i) * 1000) / INSTANT_US);
      if (this.coinciding.has(at) || this.coinciding.has(at - 1)) shared++;
    }
    return shared / losses.length;
  }

  /** A stream is over: what its receiver reported about losses that coincide is the word on them. */
  noteReports(stream: StreamRecord): void {
    if (stream.lost === 0) return;
    if (stream.endUs >= this.comparedTo * INSTANT_US && this.waiting.length < REPORTS_WAITING_MAX) {
      this.waiting.push(stream);
      return;
    }
    if (this.coinciding.size === 0 || this.share(stream) < SHARE_MIN) return;
    const { lossCompared, lossOnlyAtProbe, lossBeforeProbe } = stream.rtcp;
    this.lost += stream.lost;
    if (lossCompared === null) return;
    this.reporting++;
    this.onlyAtProbe += lossOnlyAtProbe ?? 0;
    this.beforeProbe += lossBeforeProbe ?? 0;
  }

  /** Whether a stream's losses are the mirror's: they coincide, and its receiver does not contradict. */
  isMirrorLoss(stream: StreamRecord): boolean {
    if (this.verdict() === null || this.share(stream) < SHARE_MIN) return false;
    const { lossCompared, lossOnlyAtProbe, lossBeforeProbe } = stream.rtcp;
    return lossCompared === null || (lossBeforeProbe ?? 0) <= (lossOnlyAtProbe ?? 0);
  }

  /** The same of something else that lacks packets, in times between those around them. */
  isMirrorLossAt(holes: readonly { fromUs: number; toUs: number }[]): boolean {
    if (holes.length === 0 || this.verdict() === null) return false;
    const shared = holes.filter(({ fromUs, toUs }) => {
      // A pause is no instant; and a stamp that jumps by years must not be walked through.
      if (!(toUs - fromUs <= HOLE_MAX_US)) return false;
      for (let at = Math.floor(fromUs / INSTANT_US) - 1; at <= toUs / INSTANT_US; at++) {
        if (this.coinciding.has(at)) return true;
      }
      return false;
    });
    return shared.length >= holes.length * SHARE_MIN;
  }

  /** The mirror port, if it is to blame; null if it is not. */
  verdict(): MirrorVerdict | null {
    // Moments that hold most of no stream's losses are chance.
    if (!this.isBlamed || this.lost === 0) return null;
    if (this.beforeProbe > this.onlyAtProbe) return null;
    const reported = this.reporting > 0;
    return {
      instants: this.moments,
      streams: this.streams.size,
      lost: this.lost,
      onlyAtProbe: reported ? this.onlyAtProbe : null,
      reported: reported ? this.beforeProbe : null,
      firstUs: this.first * INSTANT_US,
      lastUs: (this.last + 2) * INSTANT_US,
    };
  }
}

/**
 * A relay that renumbers streams has two legs, which lack the same packets: whatever comes from a host that lacked a
 * packet a moment before, and does not go back to where that came from, may be the second leg of the first, and says
 * nothing of its own. Each stream has one second leg.
 */
function withoutSecondLegs(losers: readonly Loser[]): readonly Loser[] {
  const sorted = losers.toSorted((a, b) => a.timeUs - b.timeUs);
  const second = new Set<Loser>();
  for (const [i, first] of sorted.entries()) {
    // In one burst nearly all lose at once: looking at some of them is enough.
    for (let k = i + 1; k < Math.min(sorted.length, i + COMPARED_MAX); k++) {
      const other = sorted[k]!;
      if (other.timeUs - first.timeUs > RELAY_US) break;
      if (other.src !== first.dst || other.dst === first.src || second.has(other)) continue;
      second.add(other);
      break;
    }
  }
  return sorted.filter((loser) => !second.has(loser));
}

/** The mean of the first values, without those that are higher than `highest`. */
function meanUpTo(highest: number, values: Float64Array, length: number): number {
  let sum = 0;
  let number = 0;
  for (let i = 0; i < length; i++) {
    if (values[i]! > highest) continue;
    sum += values[i]!;
    number++;
  }
  return number === 0 ? 0 : sum / number;
}

/** Whether so many events are likely enough where so many are usual: the tail of Poisson's distribution. */
function isChance(count: number, mean: number): boolean {
  // Far beyond, the tail is nothing; and exp() of much would be nothing, too.
  if (mean > 500) return count <= mean + 5 * Math.sqrt(mean);
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below > CHANCE_MAX;
}
