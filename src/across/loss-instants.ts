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
/** Instants remembered while losses of other streams may still join them, and those that coincide for good. */
const JOINING_US = 30_000_000;
const INSTANTS_KEPT = 65_536;
/** Streams of one instant; more change nothing. */
const STREAMS_OF_INSTANT_MAX = 1024;
/** A relay passes a packet on within this time. */
const RELAY_US = 5000;
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
  /** Coinciding instants by number. */
  private readonly coinciding = new Set<number>();
  private readonly streams = new Set<number>();
  private onlyAtProbe = 0;
  private beforeProbe = 0;
  private reporting = 0;
  private lost = 0;
  private moments = 0;
  private chanceOf = Number.NaN;
  private expected = 0;
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
      if (this.open.size >= INSTANTS_KEPT) {
        this.refused++;
        return;
      }
      instant = new Map();
      this.open.set(at, instant);
    }
    if (instant.size >= STREAMS_OF_INSTANT_MAX) {
      this.refused++;
      return;
    }
    const known = instant.get(key.ssrc);
    if (known === undefined || timeUs < known.timeUs)
      instant.set(key.ssrc, { timeUs, src: hostKey(key.src), dst: hostKey(key.dst) });
    // Two neighbours together hold whatever happened within one instant's time.
    for (const first of [at - 1, at]) this.compare(first, key.ssrc);
  }

  private compare(first: number, ssrc: number): void {
    if (this.coinciding.has(first)) {
      if (this.streams.size < INSTANTS_KEPT) this.streams.add(ssrc);
      return;
    }
    const a = this.open.get(first);
    const b = this.open.get(first + 1);
    if ((a?.size ?? 0) + (b?.size ?? 0) < STREAMS_MIN) return;
    const losers: Instant = new Map([...(b ?? []), ...(a ?? [])]);
    if (losers.size < Math.max(STREAMS_MIN, this.chance(first))) return;
    const independent = withoutSecondLegs([...losers.values()]);
    if (independent.length < STREAMS_MIN) return;
    if (!goBothWays(new Set(independent.map(({ src, dst }) => `${src}>${dst}`)))) return;
    if (this.coinciding.size >= INSTANTS_KEPT) return;
    this.note(first);
    for (const stream of losers.keys()) if (this.streams.size < INSTANTS_KEPT) this.streams.add(stream);
  }

  /** Remembers an instant; those that follow each other are one moment. */
  private note(instant: number): void {
    if (this.coinciding.has(instant)) return;
    let isApart = true;
    for (let near = instant - MOMENT; near <= instant + MOMENT; near++) {
      if (this.coinciding.has(near)) isApart = false;
    }
    if (isApart) this.moments++;
    this.coinciding.add(instant);
    this.first = Math.min(this.first, instant);
    this.last = Math.max(this.last, instant);
  }

  /** `byChance`, counted once for each instant. */
  private chance(first: number): number {
    if (first !== this.chanceOf) this.expected = this.byChance(first);
    this.chanceOf = first;
    return this.expected;
  }

  /** Streams that lose packets in a double instant by chance, judging by all others, and five deviations more. */
  private byChance(first: number): number {
    if (this.open.size < 2) return 0;
    let streams = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    // A sample is enough: the rate is what counts.
    let looked = 0;
    for (const [at, instant] of this.open) {
      // What coincides is not chance: it must not hide the rest of itself.
      const isApart = at < first - 1 || at > first + 2;
      if (isApart && !this.coinciding.has(at) && !this.coinciding.has(at - 1)) streams += instant.size;
      least = Math.min(least, at);
      most = Math.max(most, at);
      if (++looked === 256) break;
    }
    const mean = (2 * streams) / Math.max(1, most - least + 1);
    return mean + 5 * Math.sqrt(mean);
  }

  /** Capture time moves on: instants that nobody joins any more are forgotten. */
  sweep(timeUs: number): void {
    const before = Math.floor((timeUs - JOINING_US) / INSTANT_US);
    for (const at of this.open.keys()) {
      if (at < before) this.open.delete(at);
    }
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
    if (this.moments < INSTANTS_MIN || this.lost === 0) return null;
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
