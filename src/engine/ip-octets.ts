import { isIpv4 } from '../packet/address.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

/** Octets of headers: IPv4 without options, IPv6 without extension headers, UDP, TCP without options, RTP without CSRC. */
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
export const UDP_HEADER = 8;
export const TCP_HEADER = 20;
const RTP_HEADER = 12;

/** Octets of an IP header in front of packets from this address (words as in `PacketView`), without what is optional. */
export function ipHeaderOctets(src0: number, src1: number, src2: number): number {
  return isIpv4(src0, src1, src2) ? IPV4_HEADER : IPV6_HEADER;
}

/** What a stream is measured by at layer 3. */
export type SentOctets = Pick<
  StreamMeasurement,
  'packets' | 'octets' | 'duplicates' | 'startUs' | 'endUs' | 'interruptions' | 'interruptedMs'
>;

/**
 * Octets of a stream's packets with their IP, UDP and RTP headers: `octets` of payload (which holds what SRTP adds), and
 * 40 octets (IPv6: 60) for each of `packets`. Duplicates of the network count as packets of mean size, for they took
 * room, too; copies of the mirror do not. What is not counted is not in it: CSRC, header extensions, padding, IP
 * options, tunnels and link layer.
 */
export function ipOctets(sent: SentOctets, src: Int32Array): number {
  const { packets, octets, duplicates } = sent;
  if (packets === 0) return 0;
  const headers = ipHeaderOctets(src[0]!, src[1]!, src[2]!) + UDP_HEADER + RTP_HEADER;
  return (octets + packets * headers) * (1 + duplicates / packets);
}

/**
 * The mean IP bandwidth of a stream while it sent, kbit/s of 1000 bits: `ipOctets` over the time from the first packet
 * to the last, without interruptions. A packet belongs to the time up to the next one, so that the last of them (and
 * the last before each interruption) is none: 160 octets of G.711 every 20 ms are 80 kbit/s, however long that lasts. Times in
 * which the sender was silent count: it is what the link had to carry on average. Null for a stream without duration.
 */
export function ipKbps(sent: SentOctets, src: Int32Array): number | null {
  const { packets, startUs, endUs, interruptions, interruptedMs } = sent;
  const sentMs = (endUs - startUs) / 1000 - interruptedMs;
  const timed = packets - 1 - interruptions;
  if (timed <= 0 || sentMs <= 0) return null;
  return ((ipOctets(sent, src) * 8) / sentMs) * (timed / packets);
}
