import { PROTOCOL_TCP } from '../packet/ip.ts';
import type { PacketView } from '../packet/view.ts';
import { fingerprint, isCopy, networkMark } from '../rtp/mirror-copies.ts';

/** Datagrams remembered: the signalling of 50 ms, many times over. */
export const RECENT_DATAGRAMS_MAX = 8192;

/** Octets looked at on either end of a long TCP segment, whose place in the connection is known as well. */
const TCP_ENDS = 64;

/**
 * Recognises copies that a mirror makes of signalling, RTCP and TCP segments, by addresses, ports, identification and
 * content. One number of 32 bits stands for all of it: two different datagrams have the same one, in the same place
 * and within 50 ms, about once in four thousand million. A newer datagram takes an older one's place.
 */
export class RecentDatagrams {
  private readonly hashes = new Int32Array(RECENT_DATAGRAMS_MAX);
  private readonly prints = new Int32Array(RECENT_DATAGRAMS_MAX);
  private readonly marks = new Int32Array(RECENT_DATAGRAMS_MAX);
  private readonly timesUs = new Float64Array(RECENT_DATAGRAMS_MAX).fill(Number.NaN);

  /** Remembers a datagram or segment. @returns whether it is a copy of one that is remembered */
  isCopy(view: PacketView, bytes: Uint8Array): boolean {
    const hash = hashOf(view, bytes);
    const at = (hash ^ (hash >>> 15)) & (RECENT_DATAGRAMS_MAX - 1);
    if (this.hashes[at] === hash && isCopy(view, this.prints[at]!, this.marks[at]!, this.timesUs[at]!))
      return true;
    this.hashes[at] = hash;
    this.prints[at] = fingerprint(view);
    this.marks[at] = networkMark(view);
    this.timesUs[at] = view.timeUs;
    return false;
  }
}

/** FNV-1a, but over words of addresses and ports first. */
function hashOf(view: PacketView, bytes: Uint8Array): number {
  let hash = mix(0x811c_9dc5, view.src0 ^ Math.imul(view.src1, 31));
  hash = mix(hash, view.src2 ^ Math.imul(view.src3, 31));
  hash = mix(hash, view.dst0 ^ Math.imul(view.dst1, 31));
  hash = mix(hash, view.dst2 ^ Math.imul(view.dst3, 31));
  hash = mix(hash, (view.srcPort << 16) | view.dstPort);
  hash = mix(hash, view.payloadLength);
  if (view.protocol === PROTOCOL_TCP) hash = mix(hash, view.tcpSequence ^ view.tcpFlags);
  const start = view.payloadOffset;
  const end = start + view.payloadLength;
  // What a connection carries is no repetition of itself: the ends of a segment are enough, and most are no signalling.
  const isLong = view.protocol === PROTOCOL_TCP && end - start > 2 * TCP_ENDS;
  const firstEnd = isLong ? start + TCP_ENDS : end;
  for (let at = start; at < firstEnd; at++) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  if (isLong) for (let at = end - TCP_ENDS; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x0100_0193);
  return hash;
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}
