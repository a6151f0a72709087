import type { StreamKey } from '../rtp/plane.ts';
import { endpointKey } from './endpoint-key.ts';
import { isWayBack } from './ways.ts';

/** Counters of the filter: 256 KiB, and of 10,000 streams it lets a seventh of all strangers through. */
const FILTER_SIZE = 1 << 16;
/** Streams that are told of one endpoint. */
const LOOKED_AT_MAX = 256;
/** Streams that are told of one SSRC: chance gives one, hops of a call some, load generators all the same. */
const SAME_SSRC_MAX = 32;
const NONE: readonly number[] = [];

/** All streams being measured, by the endpoints they touch. */
export class StreamEnds {
  private readonly slots = new Map<string, number[]>();
  private readonly bySsrc = new Map<number, number[]>();
  /** How many streams have an end of this digest. */
  private readonly filter = new Uint32Array(FILTER_SIZE);

  add(slot: number, key: StreamKey): void {
    for (const end of endsOf(key)) enter(this.slots, end, slot);
    enter(this.bySsrc, key.ssrc, slot);
    this.count(key, 1);
  }

  remove(slot: number, key: StreamKey): void {
    for (const end of endsOf(key)) leave(this.slots, end, slot);
    leave(this.bySsrc, key.ssrc, slot);
    this.count(key, -1);
  }

  /** The newest streams that touch an endpoint, the oldest first: more of them is a flood, and each message asks. */
  at(end: string): readonly number[] {
    const slots = this.slots.get(end) ?? NONE;
    return slots.length <= LOOKED_AT_MAX ? slots : slots.slice(-LOOKED_AT_MAX);
  }

  /** The newest streams of an SSRC (its signed image), the oldest first. */
  withSsrc(ssrc: number): readonly number[] {
    return this.bySsrc.get(ssrc)?.slice(-SAME_SSRC_MAX) ?? NONE;
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

function enter<K>(slots: Map<K, number[]>, name: K, slot: number): void {
  const known = slots.get(name);
  if (known === undefined) slots.set(name, [slot]);
  else known.push(slot);
}

function leave<K>(slots: Map<K, number[]>, name: K, slot: number): void {
  const known = slots.get(name);
  if (known === undefined) return;
  const at = known.indexOf(slot);
  if (at >= 0) known.splice(at, 1);
  if (known.length === 0) slots.delete(name);
}

/** The two endpoints of a stream as keys of the media index. */
export function endsOf(key: StreamKey): [string, string] {
  return [endpointKey(key.dst, key.dstPort), endpointKey(key.src, key.srcPort)];
}

/** Does one stream flow from where the other flows to, and to where it comes from? */
export function isReverse(a: StreamKey, b: StreamKey): boolean {
  return a.srcPort === b.dstPort && a.dstPort === b.srcPort && isWayBack(a, b);
}

/** Does one stream flow from where the other comes from, and to where it goes? */
export function isSameWay(a: StreamKey, b: StreamKey): boolean {
  return a.srcPort === b.srcPort && a.dstPort === b.dstPort && isWayBack(a, { src: b.dst, dst: b.src });
}

function digest(w0: number, w1: number, w2: number, w3: number, port: number): number {
  let hash = Math.imul(w3 ^ Math.imul(port, 0x9e37_79b1), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w2 ^ Math.imul(w1 ^ Math.imul(w0, 31), 31), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) & (FILTER_SIZE - 1);
}
