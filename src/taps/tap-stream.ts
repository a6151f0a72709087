import type { Endpoint } from '../records/types.ts';
import { PacketColumns } from './packet-columns.ts';

/** One RTP stream as one point saw it: addresses, ports and SSRC, and in a capture of several points TTL and path. */
export interface TapStream {
  /** Which tap, and which of its streams. */
  tap: number;
  number: number;
  src: Endpoint;
  dst: Endpoint;
  ssrc: number;
  /** Of its first packet; what tells two sights of one stream apart where one capture holds both. */
  ttl: number;
  path: number;
  packets: PacketColumns;
  /** So many packets went on from the number before: what does not is no RTP. */
  inSequence: number;
}

/** Packets in sequence that make a stream believed. */
export const PROOF_PACKETS = 4;

export function tapStream(facts: Omit<TapStream, 'packets' | 'inSequence'>): TapStream {
  return { ...facts, packets: new PacketColumns(), inSequence: 0 };
}

/** `0x` and eight hexadecimal digits. */
export function ssrcText(ssrc: number): string {
  return `0x${(ssrc >>> 0).toString(16).padStart(8, '0')}`;
}

/** `203.0.113.1:5060`, `[2001:db8::1]:5060`. */
export function endpointText({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
