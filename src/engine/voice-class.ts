import { type MarkingPolicy, markedMs } from '../calls/marking.ts';
import { isIpv4, sourceIp } from '../packet/address.ts';
import { PROTOCOL_TCP } from '../packet/ip.ts';
import type { PacketView } from '../packet/view.ts';
import type { VoiceClassRecord, VoiceClassSource } from '../records/voice-class-record.ts';
import { KIND_OTHER } from '../rtp/payload-types.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { ipHeaderOctets, ipOctets, TCP_HEADER, UDP_HEADER } from './ip-octets.ts';
import { RecentDatagrams } from './recent-datagrams.ts';

/** Senders kept; when there are more, the half that sent least gives way. */
export const VOICE_CLASS_SOURCES_MAX = 1024;
/** Senders told. */
const SOURCES_TOLD = 5;

type Kind = 'tcpPackets' | 'udpPackets' | 'videoPackets';

/**
 * What is marked as voice and is none, by sender: whoever fills the class that routers serve first makes voice wait. The
 * audio beside it is known from streams that are over, other packets one by one.
 */
export class VoiceClass {
  /** Packets of senders that gave way to others: they are in the sums alone. */
  unnamed = 0;
  /** By address: the word of IPv4, the text of IPv6. */
  private sources = new Map<number | string, VoiceClassSource>();
  private audioPackets = 0;
  private audioOctets = 0;
  private otherPackets = 0;
  private otherOctets = 0;
  private recent: RecentDatagrams | null = null;
  private readonly policy: { readonly marking: MarkingPolicy };

  /** @param policy read each time, for it may change while packets come */
  constructor(policy: { readonly marking: MarkingPolicy }) {
    this.policy = policy;
  }

  /** Is a packet with this TOS octet (-1: unknown) in the class? */
  has(tos: number): boolean {
    return tos >= 0 && this.policy.marking.voice.includes(tos >> 2);
  }

  /** A UDP datagram or TCP segment in the class that is no voice. The mirror's copy of a datagram is left out. */
  add(view: PacketView, bytes: Uint8Array): void {
    if (view.protocol === PROTOCOL_TCP) {
      this.note(view, 'tcpPackets', octetsOf(view), 1);
      return;
    }
    this.recent ??= new RecentDatagrams();
    if (!this.recent.isCopy(view, bytes)) this.note(view, 'udpPackets', octetsOf(view), 1);
  }

  /**
   * So many datagrams before this one turn out to be RTP: they are taken back, as if they had been as long, for nobody kept
   * their lengths.
   */
  takeBack(view: PacketView, packets: number): void {
    const source = this.sources.get(keyOf(view));
    if (source === undefined) return;
    const back = Math.min(packets, source.udpPackets);
    const octets =
      back === packetsOf(source) ? source.octets : Math.min(back * octetsOf(view), source.octets);
    this.note(view, 'udpPackets', -octets, -back);
  }

  /** A stream is over: audio, or RTP that is none, for as long as it was marked so. */
  streamEnded(src: Int32Array, measured: StreamMeasurement): void {
    const share = this.shareOf(measured);
    if (share === 0) return;
    const packets = Math.round(measured.packets * share);
    const octets = Math.round(ipOctets(measured, src) * share);
    if (measured.format?.kind === KIND_OTHER) {
      const [src0, src1, src2, src3] = src as unknown as [number, number, number, number];
      this.note({ src0, src1, src2, src3 }, 'videoPackets', octets, packets);
      return;
    }
    this.audioPackets += packets;
    this.audioOctets += octets;
  }

  /** All of it so far; null where no marking is said to be voice. */
  record(): VoiceClassRecord | null {
    const { voice } = this.policy.marking;
    if (voice.length === 0) return null;
    const { audioPackets, audioOctets, otherPackets, otherOctets } = this;
    const octets = audioOctets + otherOctets;
    const sources = this.heaviestFirst().filter(({ octets: sent }) => sent > 0);
    return {
      dscp: voice,
      audioPackets,
      audioOctets,
      otherPackets,
      otherOctets,
      otherRatio: octets === 0 ? null : otherOctets / octets,
      sources: sources.slice(0, SOURCES_TOLD).map((source) => ({ ...source })),
      furtherSources: Math.max(0, sources.length - SOURCES_TOLD),
    };
  }

  private note(from: Address, kind: Kind, octets: number, packets: number): void {
    this.otherPackets += packets;
    this.otherOctets += octets;
    const key = keyOf(from);
    let source = this.sources.get(key);
    if (source === undefined) {
      if (this.sources.size === VOICE_CLASS_SOURCES_MAX) this.makeRoom();
      const ip = sourceIp(from);
      source = { ip, octets: 0, tcpPackets: 0, udpPackets: 0, videoPackets: 0 };
      this.sources.set(key, source);
    }
    source.octets += octets;
    source[kind] += packets;
  }

  /** Senders of much stay, whenever they came: a scan of a network does not drive them out. */
  private makeRoom(): void {
    const ranked = this.heaviestFirst();
    const kept = new Set(ranked.slice(0, VOICE_CLASS_SOURCES_MAX / 2));
    for (const [key, source] of this.sources) {
      if (kept.has(source)) continue;
      this.unnamed += packetsOf(source);
      this.sources.delete(key);
    }
  }

  private heaviestFirst(): VoiceClassSource[] {
    return [...this.sources.values()].sort((a, b) => b.octets - a.octets || (a.ip < b.ip ? -1 : 1));
  }

  /** The part of a stream's time in which it was marked so. */
  private shareOf({ dscp, history: { path }, startUs, endUs }: StreamMeasurement): number {
    const { voice } = this.policy.marking;
    const inside = dscp.filter((value) => voice.includes(value)).length;
    if (inside === 0) return 0;
    if (inside === dscp.length) return 1;
    const durationMs = (endUs - startUs) / 1000;
    return durationMs <= 0 ? 1 : Math.min(1, markedMs(path, durationMs, voice) / durationMs);
  }
}

type Address = Pick<PacketView, 'src0' | 'src1' | 'src2' | 'src3'>;

function keyOf({ src0, src1, src2, src3 }: Address): number | string {
  return isIpv4(src0, src1, src2) ? src3 : `${src0} ${src1} ${src2} ${src3}`;
}

function packetsOf({ tcpPackets, udpPackets, videoPackets }: VoiceClassSource): number {
  return tcpPackets + udpPackets + videoPackets;
}

/** Octets of a packet at IP, without options. */
function octetsOf(view: PacketView): number {
  const transport = view.protocol === PROTOCOL_TCP ? TCP_HEADER : UDP_HEADER;
  return ipHeaderOctets(view.src0, view.src1, view.src2) + transport + Math.max(0, view.payloadWireLength);
}
