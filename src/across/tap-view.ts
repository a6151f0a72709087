import { networkKey } from './networks.ts';

const PAIRS_MAX = 65_536;
/** So many calls must lack the same direction, and none show it, before the tap is taken to be blind for it. */
const CALLS_MIN = 3;

/**
 * Which ways the tap sees media flow, from network to network. Where it never saw any, the absence of media says
 * something about the tap and not about the call.
 */
export class TapView {
  private readonly seen = new Set<string>();
  private readonly lacking = new Map<string, number>();

  /** A stream flows from `src` to `dst` (address words). */
  streamSeen(src: Int32Array, dst: Int32Array): void {
    if (this.seen.size < PAIRS_MAX) this.seen.add(wayOf(src, dst));
  }

  /** A call showed media from `dst` to `src` only. */
  callLacks(src: Int32Array, dst: Int32Array): void {
    const way = wayOf(src, dst);
    const calls = this.lacking.get(way);
    if (calls !== undefined) this.lacking.set(way, calls + 1);
    else if (this.lacking.size < PAIRS_MAX) this.lacking.set(way, 1);
  }

  /** Whether nothing has ever come from `src` to `dst` although several calls should have brought it. */
  isBlind(src: Int32Array, dst: Int32Array): boolean {
    const way = wayOf(src, dst);
    return !this.seen.has(way) && (this.lacking.get(way) ?? 0) >= CALLS_MIN;
  }
}

function wayOf(src: Int32Array, dst: Int32Array): string {
  return `${networkKey(src)}>${networkKey(dst)}`;
}
