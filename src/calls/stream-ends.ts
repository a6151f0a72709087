import type { StreamKey } from '../rtp/plane.ts';
import { endpointKey } from './media-index.ts';
import { isWayBack } from './ways.ts';

/** Counters of the filter: 256 KiB, and of 10,000 streams it lets a seventh of all strangers through. */
const FILTER_SIZE = 1 << 16;
/** Streams that are told of one endpoint. */
const LOOKED_AT_MAX = 256;
const NONE: readonly number[] = [];

/** All streams being measured, by the endpoints they touch. */
export class StreamEnds {
  private readonly slots = new Map<string, number[]>();
  /** How many streams have an end of this digest. */
  private readonly filter = new Uint32Array(FILTER_SIZE);

  add(slot: number, key: StreamKey): void {
    for (const end of endsOf(key)) {
      const slots = this.slots.get(end);
      if (slots === undefined) this.slots.set(end, [slot]);
      else slots.push(slot);
    }
    this.count(key, 1);
  }

  remove(slot: number, key: StreamKey): void {
    for (const end of endsOf(key)) {
      const slots = this.slots.get(end);
      if (slots === undefined) continue;
      const at = slots.indexOf(slot);
      if (at >= 0) slots.splice(at, 1);
      if (slots.length === 0) this.slots.delete(end);
    }
    this.count(key, -1);
  }

  /** The newest streams that touch an endpoint, the oldest first: more of them is a flood, and each message asks. */
  at(end: string): readonly number[] {
    const slots = this.slots.get(end) ?? NONE;
    return slots.length <= LOOKED_AT_MAX ? slots : slots.slice(-LOOKED_AT_MAX);
  }

  /** May a stream flow to this address and port? Never false when one does; asked without making anything. */
  mayFlowTo(w0: number, w1: number, w2: number, w3: number, port: number): boolean {
    return this.filter[digest(w0, w1, w2, w3, port)]! > 0;
  }

  private count({ dst, dstPort }: StreamKey, by: number): void {
    const at = digest(dst[0]!, dst[1]!, dst[2]!, dst[3]!, dstPort);
    this.filter[at] = this.filter[at]! + by;
  }
}

/** The two endpoints of a stream as keys of the media index. */
export function endsOf(key: StreamKey): [string, string] {
  return [endpointKey(key.dst, key.dstPort), endpointKey(key.src, key.srcPort)];
}

/** Does one stream flow from where the other flows to, and to where it comes from? */
export function isReverse(a: StreamKey, b: StreamKey): boolean {
  return a.srcPort === b.dstPort && a.dstPort === b.srcPort && isWayBack(a, b);
}

function digest(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = Math.imul(w3 ^ Math.imul(port, 0x9e37_79b1), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w2 ^ Math.imul(w1 ^ Math.imul(w0, 31), 31), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) & (FILTER_SIZE - 1);
}
