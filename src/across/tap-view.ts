import { hostKey, networkKey } from './networks.ts';

const WAYS_MAX = 65_536;
/** So many calls must lack the same direction, and none show it, before the tap is taken to be blind for it. */
const CALLS_MIN = 3;

/**
 * Which ways the tap sees media flow, from network to network, and from which hosts. Where it never saw any, and never
 * both directions of any call, the absence of media says something about the tap and not about the call. A tap that
 * sees both directions of other calls is believed: then they are the ones that are well.
 */
export class TapView {
  /** What found no room, and is not compared. */
  refused = 0;
  private now = noWays();
  /** What was learnt before `turn`, and is forgotten with the next. */
  private before = noWays();

  /** A call showed media both ways. */
  callSeenBothWays(): void {
    this.now.both = true;
  }

  /** A stream flows from `src` to `dst` (address words). */
  streamSeen(src: Int32Array, dst: Int32Array): void {
    const { seen, seenBetween } = this.now;
    this.see(seenBetween, pairOf(src, dst));
    for (const way of waysOf(src, dst)) this.see(seen, way);
  }

  /** A call showed media from `dst` to `src` only. */
  callLacks(src: Int32Array, dst: Int32Array): void {
    for (const way of waysOf(src, dst)) this.miss(this.now.lacking, way);
  }

  /** A call between hosts that announced `a` and `b` showed no media at all. */
  callLacksAll(a: Int32Array, b: Int32Array): void {
    this.miss(this.now.lackingAll, pairOf(a, b));
  }

  /** Whether no media has ever been seen between two networks, either way, although several calls should have brought it. */
  isBlindBetween(a: Int32Array, b: Int32Array): boolean {
    const { now, before } = this;
    const pair = pairOf(a, b);
    if (now.seenBetween.has(pair) || before.seenBetween.has(pair)) return false;
    return isOftenMissed(pair, now.lackingAll, before.lackingAll);
  }

  /** Whether nothing has ever come that way although several calls should have brought it. */
  isBlind(src: Int32Array, dst: Int32Array): boolean {
    const { now, before } = this;
    if (now.both || before.both) return false;
    return waysOf(src, dst).some((way) => {
      if (now.seen.has(way) || before.seen.has(way)) return false;
      return isOftenMissed(way, now.lacking, before.lacking);
    });
  }

  private see(seen: Set<string>, way: string): void {
    if (seen.size < WAYS_MAX) seen.add(way);
    else if (!seen.has(way)) this.refused++;
  }

  private miss(lacking: Map<string, number>, way: string): void {
    const calls = lacking.get(way);
    if (calls !== undefined) lacking.set(way, calls + 1);
    else if (lacking.size < WAYS_MAX) lacking.set(way, 1);
    else this.refused++;
  }

  /** For captures without end: what was learnt counts until the next turn, then it is forgotten. */
  turn(): void {
    this.before = this.now;
    this.now = noWays();
  }
}

interface Ways {
  seen: Set<string>;
  lacking: Map<string, number>;
  both: boolean;
  /** Pairs of networks between which any media was seen, and those between which calls showed none. */
  seenBetween: Set<string>;
  lackingAll: Map<string, number>;
}

function noWays(): Ways {
  return { seen: new Set(), lacking: new Map(), both: false, seenBetween: new Set(), lackingAll: new Map() };
}

/** From network to network, unless both are one; and from the host to wherever. */
function waysOf(src: Int32Array, dst: Int32Array): string[] {
  const [from, to] = [networkKey(src), networkKey(dst)];
  const host = `${hostKey(src)}>`;
  return from === to ? [host] : [`${from}>${to}`, host];
}

/** Two networks, in whatever order; they may be one. */
function pairOf(a: Int32Array, b: Int32Array): string {
  const [one, other] = [networkKey(a), networkKey(b)];
  return one < other ? `${one}=${other}` : `${other}=${one}`;
}

function isOftenMissed(way: string, ...lacking: readonly ReadonlyMap<string, number>[]): boolean {
  return lacking.reduce((sum, calls) => sum + (calls.get(way) ?? 0), 0) >= CALLS_MIN;
}
