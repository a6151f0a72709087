import { formatAddress } from '../packet/address.ts';
import type { PacketView } from '../packet/view.ts';
import type { RtpHeader } from '../rtp/header.ts';
import { hashKey, KeyIndex } from '../rtp/key-index.ts';
import { COPY_US, fingerprint, isCopy, networkMark } from '../rtp/mirror-copies.ts';
import type { PacketColumns } from './packet-columns.ts';
import { PROOF_PACKETS, type TapStream, tapStream } from './tap-stream.ts';

/** Streams of one tap. */
export const STREAMS_MAX = 16_384;
/** Packets of one tap that are remembered, about 33 octets each. */
export const PACKETS_MAX = 4_000_000;
/** Sights of one stream in a capture of several points. */
export const SIGHTS_MAX = 8;

/** Packets of a stream in which copies of an IP packet are looked for, however many came in that time. */
const COPIES_WITHIN = 64;
/** Octets of the payload that tell one packet from another; more would need longer snapshots at both points. */
const CONTENT_OCTETS = 48;

export interface StreamLogOptions {
  /** The capture holds several points: the same addresses with another TTL or VLAN are another sight. */
  severalPoints: boolean;
  packetsMax?: number;
  streamsMax?: number;
}

/** Writes down every RTP packet of a tap, by stream, within bounds. */
export class StreamLog {
  /** Packets of streams that found no room, and packets after there was room for no more. */
  readonly counters = { streamsRefused: 0, packetsLeftOut: 0 };
  /** When there was no more room for packets, us: nothing later is compared. Infinite as long as there is. */
  fullSinceUs = Number.POSITIVE_INFINITY;
  private readonly tap: number;
  private readonly severalPoints: boolean;
  private readonly packetsMax: number;
  private readonly index: KeyIndex;
  private readonly streams: (TapStream | undefined)[];
  /** In a capture of several points: the next sight of the same key; -1 at the end. */
  private readonly nextSight: Int32Array;
  private readonly free: number[] = [];
  /** Slots in order of opening, some of them proved or freed meanwhile. */
  private young: number[] = [];
  private packets = 0;
  private opened = 0;

  constructor(tap: number, options: StreamLogOptions) {
    this.tap = tap;
    this.severalPoints = options.severalPoints;
    this.packetsMax = options.packetsMax ?? PACKETS_MAX;
    const streamsMax = options.streamsMax ?? STREAMS_MAX;
    this.index = new KeyIndex(streamsMax);
    this.streams = new Array<TapStream | undefined>(streamsMax);
    this.nextSight = new Int32Array(streamsMax).fill(-1);
    for (let slot = streamsMax - 1; slot >= 0; slot--) this.free.push(slot);
  }

  /** Writes a packet down. `priority` is that of its VLAN tag plus one, 0 without. */
  take(view: PacketView, header: RtpHeader, data: DataView, priority: number): void {
    const stream = this.streamOf(view, header.ssrc);
    if (stream === null) return;
    if (this.packets >= this.packetsMax) {
      this.fullSinceUs = Math.min(this.fullSinceUs, view.timeUs);
      this.counters.packetsLeftOut++;
      return;
    }
    this.packets++;
    const { packets } = stream;
    const isSamePacket = isSeenBefore(packets, view, header);
    const at = packets.next();
    if (at > 0) {
      const step = (header.sequence - packets.sequence[at - 1]!) & 0xffff;
      if (step > 0 && step < 100) stream.inSequence++;
    }
    packets.timeUs[at] = view.timeUs;
    packets.sequence[at] = header.sequence;
    packets.timestamp[at] = header.timestamp;
    packets.content[at] = contentOf(header, data);
    packets.ident[at] = view.ident;
    packets.print[at] = fingerprint(view);
    packets.mark[at] = networkMark(view);
    packets.isSamePacket[at] = isSamePacket ? 1 : 0;
    packets.tos[at] = Math.max(0, view.tos);
    packets.ttl[at] = Math.max(0, view.ttl);
    packets.priority[at] = priority;
    packets.payloadType[at] = header.payloadType;
    packets.octets[at] = header.payloadLength;
  }

  /** Streams that proved themselves, in order of their first packet. */
  proved(): TapStream[] {
    const proved = this.streams.filter(
      (stream): stream is TapStream => stream !== undefined && stream.inSequence >= PROOF_PACKETS - 1,
    );
    return proved.sort((a, b) => a.packets.timeUs[0]! - b.packets.timeUs[0]! || a.number - b.number);
  }

  private streamOf(view: PacketView, ssrc: number): TapStream | null {
    const ports = (view.srcPort << 16) | view.dstPort;
    const hash = hashKey(view, ports, ssrc);
    const slot = this.index.find(view, ports, ssrc, hash);
    if (slot < 0) return this.open(view, ports, ssrc, hash);
    if (!this.severalPoints) return this.streams[slot]!;
    let last = slot;
    let sights = 0;
    for (let at = slot; at >= 0; at = this.nextSight[at]!) {
      const stream = this.streams[at]!;
      if (stream.ttl === view.ttl && stream.path === view.path) return stream;
      last = at;
      sights++;
    }
    if (sights >= SIGHTS_MAX || this.free.length === 0) {
      this.counters.streamsRefused++;
      return null;
    }
    const sight = this.free.pop()!;
    this.nextSight[last] = sight;
    return this.enter(sight, view, ssrc);
  }

  private open(view: PacketView, ports: number, ssrc: number, hash: number): TapStream | null {
    if (this.free.length === 0) this.evictOldest();
    const slot = this.free.pop();
    if (slot === undefined || !this.index.insert(slot, view, ports, ssrc, hash)) {
      if (slot !== undefined) this.free.push(slot);
      this.counters.streamsRefused++;
      return null;
    }
    this.young.push(slot);
    return this.enter(slot, view, ssrc);
  }

  private enter(slot: number, view: PacketView, ssrc: number): TapStream {
    const stream = tapStream({
      tap: this.tap,
      number: this.opened++,
      src: { ip: formatAddress(view.src0, view.src1, view.src2, view.src3), port: view.srcPort },
      dst: { ip: formatAddress(view.dst0, view.dst1, view.dst2, view.dst3), port: view.dstPort },
      ssrc,
      ttl: view.ttl,
      path: view.path,
    });
    this.streams[slot] = stream;
    return stream;
  }

  /** Noise that reads like RTP fills the table: the oldest that has not proved itself makes room. */
  private evictOldest(): void {
    for (const [place, slot] of this.young.entries()) {
      const stream = this.streams[slot]!;
      if (stream.inSequence >= PROOF_PACKETS - 1 || this.nextSight[slot]! >= 0) continue;
      this.index.remove(slot);
      this.packets -= stream.packets.count;
      this.streams[slot] = undefined;
      this.free.push(slot);
      this.young = this.young.slice(place + 1);
      return;
    }
    this.young = [];
  }
}

/** The same IP packet as one just before, which the engine leaves out as a mirror's copy. */
function isSeenBefore(packets: PacketColumns, view: PacketView, header: RtpHeader): boolean {
  const { timeUs, sequence, timestamp, print, mark } = packets;
  const until = Math.max(0, packets.count - COPIES_WITHIN);
  for (let at = packets.count - 1; at >= until; at--) {
    if (Math.abs(view.timeUs - timeUs[at]!) > COPY_US) return false;
    if (sequence[at] !== header.sequence || timestamp[at] !== header.timestamp) continue;
    if (isCopy(view, print[at]!, mark[at]!, timeUs[at]!)) return true;
  }
  return false;
}

/** FNV-1a over the length and the first octets; 0 only where they were not captured. */
function contentOf({ payloadOffset, payloadLength, payloadCaptured }: RtpHeader, data: DataView): number {
  const octets = Math.min(CONTENT_OCTETS, payloadLength);
  if (octets === 0 || payloadCaptured < octets) return 0;
  let hash = Math.imul(0x811c_9dc5 ^ payloadLength, 0x0100_0193);
  for (let at = payloadOffset; at < payloadOffset + octets; at++)
    hash = Math.imul(hash ^ data.getUint8(at), 0x0100_0193);
  return (hash ^ (hash >>> 15)) | 0 || 1;
}
