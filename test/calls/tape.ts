import type { SignallingChanges } from '../../src/calls/options.ts';
import { parseAddress } from '../../src/synth/address.ts';
import { type Route, udpFrame } from '../../src/synth/frame.ts';
import { type FilePacket, pcapFile } from '../../src/synth/pcap.ts';
import { type Replayed, replayed } from '../engine/replayed.ts';

/** Capture time 0 of every tape, ms since the epoch. */
export const EPOCH_MS = Date.parse('2026-03-02T09:00:00Z');

export interface Endpoint {
  ip: string;
  port: number;
}

/** A train of RTP packets; what is left out is G.711 at 20 ms. */
export interface Train {
  from: Endpoint;
  to: Endpoint;
  ssrc: number;
  atMs: number;
  count: number;
  payloadType?: number;
  clockRate?: number;
  ptimeMs?: number;
  octets?: number;
  sequence?: number;
  timestamp?: number;
  /** Positions never seen. */
  lost?: (index: number) => boolean;
  /** Extra delay of each packet. */
  delayMs?: (index: number) => number;
}

/** A capture put together packet by packet, in any order; it is sorted by time when it is played. */
export class Tape {
  private readonly packets: FilePacket[] = [];
  private ident = 0;

  /** One UDP datagram. */
  udp(atMs: number, from: Endpoint, to: Endpoint, payload: Uint8Array): void {
    const route: Route = { src: octets(from.ip), dst: octets(to.ip), dscp: 46, ttl: 60, vlans: [] };
    this.ident = (this.ident + 1) & 0xffff;
    const bytes = udpFrame(route, from.port, to.port, payload, this.ident);
    this.packets.push({ timeNs: Math.round(atMs * 1000) * 1000, bytes });
  }

  /** One SIP message. */
  sip(atMs: number, from: Endpoint, to: Endpoint, text: string): void {
    this.udp(atMs, from, to, new TextEncoder().encode(text));
  }

  /** A train of RTP packets. */
  rtp(train: Train): void {
    const { payloadType = 0, clockRate = 8000, ptimeMs = 20, octets: size = 160 } = train;
    const { sequence = 1000, timestamp = 50_000, lost, delayMs } = train;
    for (let i = 0; i < train.count; i++) {
      if (lost?.(i)) continue;
      const payload = new Uint8Array(12 + size).fill(0x55);
      const view = new DataView(payload.buffer);
      view.setUint8(0, 0x80);
      view.setUint8(1, payloadType);
      view.setUint16(2, (sequence + i) & 0xffff);
      view.setUint32(4, (timestamp + (i * ptimeMs * clockRate) / 1000) >>> 0);
      view.setUint32(8, train.ssrc >>> 0);
      this.udp(train.atMs + i * ptimeMs + (delayMs?.(i) ?? 0), train.from, train.to, payload);
    }
  }

  /** Something harmless that lets capture time pass. */
  idle(atMs: number): void {
    this.udp(atMs, { ip: '192.0.2.1', port: 53 }, { ip: '192.0.2.2', port: 53 }, Uint8Array.of(0, 1, 2, 3));
  }

  /** The capture file. */
  file(): Uint8Array {
    const sorted = [...this.packets].sort((a, b) => a.timeNs - b.timeNs);
    return pcapFile(sorted, EPOCH_MS, false);
  }

  /** Runs the tape through the engine. */
  play(signalling: SignallingChanges = {}): Replayed {
    return replayed(this.file(), 1000, { signalling });
  }
}

function octets(ip: string): Uint8Array {
  const parsed = parseAddress(ip);
  if (parsed === null) throw new Error(`bad address ${ip}`);
  return parsed;
}

/** Capture time of a record in ms of the tape. */
export function tapeMs(us: number | null): number | null {
  return us === null ? null : us / 1000 - EPOCH_MS;
}
