import { hostKey, networkKey } from './networks.ts';

const WAYS_MAX = 65_536;
/** So many calls must lack the same direction, and none show it, before the tap is taken to be blind for it. */
const CALLS_MIN = 3;

/** What the tap was seen to see it is trusted to see for a day more, and for two at most. */
const HOURS_OF_DAY = 24;
/** No media for so long, while calls should have brought it, is more than a pause. */
const LONG_US = 3_600_000_000;

/**
 * Which ways the tap sees media flow, from network to network, and from which hosts. Where it never saw any, and never
 * both directions of any call, the absence of media says something about the tap and not about the call. A tap that
 * sees both directions of other calls is believed: then they are the ones that are well. For captures without end it is
 * told to `turn` once an hour: what calls lacked counts until the next hour is over; what was seen, until the next day is,
 * lest an outage that lasts be taken for a blind tap.
 */
export class TapView {
  /** What found no room, and is not compared. */
  refused = 0;
  private lackingThisHour = nothingLacking();
  private lackingLastHour = nothingLacking();
  private seenToday = nothingSeen();
  private seenYesterday = nothingSeen();
  private hours = 0;

  /** A call showed media both ways. */
  callSeenBothWays(): void {
    this.seenToday.both = true;
  }

  /** A stream flows from `src` to `dst` (address words). */
  streamSeen(src: Int32Array, dst: Int32Array, timeUs: number): void {
    this.see('pairs', pairOf(src, dst), timeUs);
    for (const [kind, way] of waysOf(src, dst)) this.see(kind, way, timeUs);
  }

  /** A call showed media from `dst` to `src` only. */
  callLacks(src: Int32Array, dst: Int32Array): void {
    for (const [kind, way] of waysOf(src, dst)) this.miss(this.lackingThisHour[kind], way);
  }

  /** A call between hosts that announced `a` and `b` showed no media at all. */
  callLacksAll(a: Int32Array, b: Int32Array): void {
    this.miss(this.lackingThisHour.pairs, pairOf(a, b));
  }

  /** Whether no media has ever been seen between two networks, either way, although several calls should have brought it. */
  isBlindBetween(a: Int32Array, b: Int32Array): boolean {
    const pair = pairOf(a, b);
    return this.lastUs('pairs', pair) === null && this.isOftenMissed('pairs', pair);
  }

  /** Whether nothing has ever come that way although several calls should have brought it. */
  isBlind(src: Int32Array, dst: Int32Array): boolean {
    if (this.seenToday.both || this.seenYesterday.both) return false;
    return waysOf(src, dst).some(
      ([kind, way]) => this.lastUs(kind, way) === null && this.isOftenMissed(kind, way),
    );
  }

  /**
   * When media was last seen between two networks, us, where that is an hour ago by `nowUs` and several calls have lacked it
   * since; null otherwise.
   */
  silentBetweenSince(a: Int32Array, b: Int32Array, nowUs: number): number | null {
    return this.silentSince('pairs', pairOf(a, b), nowUs);
  }

  /** The same of one way. */
  silentWaySince(src: Int32Array, dst: Int32Array, nowUs: number): number | null {
    const since = waysOf(src, dst).map(([kind, way]) => this.silentSince(kind, way, nowUs));
    return since.find((us) => us !== null) ?? null;
  }

  private silentSince(kind: Kind, key: string, nowUs: number): number | null {
    const lastUs = this.lastUs(kind, key);
    if (lastUs === null || nowUs - lastUs < LONG_US) return null;
    return this.isOftenMissed(kind, key) ? lastUs : null;
  }

  private lastUs(kind: Kind, key: string): number | null {
    return this.seenToday[kind].get(key) ?? this.seenYesterday[kind].get(key) ?? null;
  }

  private isOftenMissed(kind: Kind, key: string): boolean {
    const [now, before] = [this.lackingThisHour[kind].get(key), this.lackingLastHour[kind].get(key)];
    return (now ?? 0) + (before ?? 0) >= CALLS_MIN;
  }

  private see(kind: Kind, key: string, timeUs: number): void {
    if (kind === 'hosts' && isFull(this.seenToday.hosts, key)) this.turnHosts();
    const seen = this.seenToday[kind];
    if (isFull(seen, key)) this.refused++;
    else seen.set(key, timeUs);
    this.lackingThisHour[kind].delete(key);
    this.lackingLastHour[kind].delete(key);
  }

  /** Of hosts there may be more than a day has room for; those that sent last are worth more than the first. */
  private turnHosts(): void {
    this.refused += this.seenYesterday.hosts.size;
    this.seenYesterday.hosts = this.seenToday.hosts;
    this.seenToday.hosts = new Map();
  }

  private miss(lacking: Map<string, number>, key: string): void {
    const calls = lacking.get(key);
    if (calls !== undefined) lacking.set(key, calls + 1);
    else if (lacking.size < WAYS_MAX) lacking.set(key, 1);
    else this.refused++;
  }

  /** An hour has passed. */
  turn(): void {
    this.lackingLastHour = this.lackingThisHour;
    this.lackingThisHour = nothingLacking();
    if (++this.hours % HOURS_OF_DAY !== 0) return;
    this.seenYesterday = this.seenToday;
    this.seenToday = nothingSeen();
  }
}

/** Ways from network to network, from hosts to wherever, or pairs of networks. */
type Kind = 'ways' | 'hosts' | 'pairs';

/** When media was last seen, us, and whether any call was seen both ways. */
interface Seen extends Record<Kind, Map<string, number>> {
  both: boolean;
}

/** How many calls lacked media where none was seen since. */
type Lacking = Record<Kind, Map<string, number>>;

function isFull(seen: ReadonlyMap<string, number>, key: string): boolean {
  return seen.size >= WAYS_MAX && !seen.has(key);
}

function nothingSeen(): Seen {
  return { ways: new Map(), hosts: new Map(), pairs: new Map(), both: false };
}

function nothingLacking(): Lacking {
  return { ways: new Map(), hosts: new Map(), pairs: new Map() };
}

/** From network to network, unless both are one; and from the host to wherever. */
function waysOf(src: Int32Array, dst: Int32Array): (readonly [Kind, string])[] {
  const [from, to] = [networkKey(src), networkKey(dst)];
  const host = ['hosts', hostKey(src)] as const;
  return from === to ? [host] : [['ways', `${from}>${to}`], host];
}

/** Two networks, in whatever order; they may be one. */
function pairOf(a: Int32Array, b: Int32Array): string {
  const [one, other] = [networkKey(a), networkKey(b)];
  return one < other ? `${one}=${other}` : `${other}=${one}`;
}
