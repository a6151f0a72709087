import { Engine } from '../../src/engine/engine.ts';
import { compareTaps, type Tap } from '../../src/taps/compare-taps.ts';
import { TapFacts } from '../../src/taps/tap-facts.ts';
import { TapReader } from '../../src/taps/tap-reader.ts';
import type { TapsComparison } from '../../src/taps/taps-contract.ts';
import { batchesOf } from '../batches.ts';

/** One packet of a capture of the generator: Ethernet, IPv4, UDP. The octets may be changed. */
export interface Packet {
  timeUs: number;
  frame: Uint8Array;
  isRtp: boolean;
  /** Number of its kind among packets with its source address and port. */
  index: number;
}

const ETHERNET = 14;
const UDP = ETHERNET + 20;
const PAYLOAD = UDP + 8;
const TOS = ETHERNET + 1;
const TTL = ETHERNET + 8;
const SOURCE = ETHERNET + 12;
const TARGET = ETHERNET + 16;
const IDENT = ETHERNET + 4;

export function packetsOf(pcap: Uint8Array): Packet[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const counts = new Map<string, number>();
  const packets: Packet[] = [];
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    const frame = pcap.slice(at + 16, at + 16 + length);
    const isRtp = frame[PAYLOAD]! >> 6 === 2 && (frame[PAYLOAD + 1]! & 0x7f) < 72;
    const key = `${isRtp} ${frame.slice(SOURCE, SOURCE + 4).join('.')} ${frame[UDP]} ${frame[UDP + 1]}`;
    const index = counts.get(key) ?? 0;
    counts.set(key, index + 1);
    const timeUs = view.getUint32(at, true) * 1e6 + view.getUint32(at + 4, true);
    packets.push({ timeUs, frame, isRtp, index });
    at += 16 + length;
  }
  return packets;
}

/** The capture file of packets, which are put in order of time. */
export function captureOf(packets: readonly Packet[]): Uint8Array {
  const sorted = [...packets].sort((a, b) => a.timeUs - b.timeUs);
  const file = new Uint8Array(24 + sorted.reduce((sum, { frame }) => sum + 16 + frame.length, 0));
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  let at = 24;
  for (const { timeUs, frame } of sorted) {
    const whole = Math.round(timeUs);
    view.setUint32(at, Math.floor(whole / 1e6), true);
    view.setUint32(at + 4, whole % 1e6, true);
    view.setUint32(at + 8, frame.length, true);
    view.setUint32(at + 12, frame.length, true);
    file.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return file;
}

/** A packet as it comes out of a router: one hop farther, later by a time. */
export function routed(packet: Packet, laterUs: number): Packet {
  const frame = packet.frame.slice();
  frame[TTL] = frame[TTL]! - 1;
  return { ...packet, frame, timeUs: packet.timeUs + laterUs };
}

export function withDscp(packet: Packet, dscp: number): Packet {
  const frame = packet.frame.slice();
  frame[TOS] = dscp << 2;
  return { ...packet, frame };
}

/** In VLAN 7, with a priority. */
export function tagged(packet: Packet, priority: number): Packet {
  const { frame } = packet;
  const longer = new Uint8Array(frame.length + 4);
  longer.set(frame.subarray(0, 12));
  longer.set([0x81, 0, priority << 5, 7], 12);
  longer.set(frame.subarray(12), 16);
  return { ...packet, frame: longer };
}

/** Sent by another host to another: a packet of its own, with other addresses, identification and TTL. */
export function readdressed(
  packet: Packet,
  src: readonly number[],
  dst: readonly number[],
  marked = 0x55,
): Packet {
  const frame = packet.frame.slice();
  frame.set(src, SOURCE);
  frame.set(dst, TARGET);
  frame[IDENT] = frame[IDENT]! ^ marked;
  frame[TTL] = 64;
  return { ...packet, frame };
}

/** RTP fields that a box makes anew. */
export function renumbered(packet: Packet, ssrc: number, sequence: number, timestamp: number): Packet {
  const frame = packet.frame.slice();
  const view = new DataView(frame.buffer);
  view.setUint16(PAYLOAD + 2, view.getUint16(PAYLOAD + 2) + sequence);
  view.setUint32(PAYLOAD + 4, view.getUint32(PAYLOAD + 4) + timestamp);
  view.setUint32(PAYLOAD + 8, ssrc);
  return { ...packet, frame };
}

/** Text of the payload replaced by text of the same length. */
export function rewritten(packet: Packet, from: string, to: string): Packet {
  if (from.length !== to.length) throw new Error('the length must stay');
  const frame = packet.frame.slice();
  const text = Buffer.from(frame.subarray(PAYLOAD)).toString('latin1').replaceAll(from, to);
  frame.set(Buffer.from(text, 'latin1'), PAYLOAD);
  return { ...packet, frame };
}

/** The source address of a packet, as text. */
export function sourceOf({ frame }: Packet): string {
  return frame.slice(SOURCE, SOURCE + 4).join('.');
}

export interface TapOptions {
  packetsMax?: number;
  trust?: string;
  /** Without it nothing is known of calls. */
  engine?: boolean;
}

/** What the program says of captures, each one tap; one capture alone holds several points. */
export function comparedTaps(captures: readonly Uint8Array[], options: TapOptions = {}): TapsComparison {
  const taps = captures.map((pcap, at): Tap => {
    const facts = new TapFacts();
    const reader = new TapReader(at, {
      severalPoints: captures.length === 1,
      ...(options.packetsMax === undefined ? {} : { packetsMax: options.packetsMax }),
    });
    const engine = options.engine === false ? null : new Engine(facts);
    for (const batch of batchesOf(pcap)) {
      engine?.ingest(batch);
      reader.ingest(batch);
    }
    engine?.finish();
    reader.finish();
    const description = {
      files: [`${at}.pcap`],
      startTime: null,
      endTime: null,
      packets: reader.packets,
      trust: options.trust ?? 'trusted',
    };
    return { reader, facts, description };
  });
  return compareTaps(taps);
}
