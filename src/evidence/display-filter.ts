import type { WantedStream } from './contract.ts';

/** Frames from one to another, both included. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

/** What a Call-ID or a user may hold without leaving the quotes of a filter. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

/**
 * A Wireshark display filter for packets of a stream. It goes by addresses and ports, and by the SSRC only where
 * Wireshark has made the packets out as RTP: without the signalling it takes them for plain UDP.
 */
export function streamFilter(
  { src, dst, ssrc }: Pick<WantedStream, 'src' | 'dst' | 'ssrc'>,
  range: FrameRange | null,
): string {
  const source = `0x${(ssrc >>> 0).toString(16).padStart(8, '0')}`;
  const parts = [
    `${addressField(src.ip)}.src==${src.ip}`,
    `udp.srcport==${src.port}`,
    `${addressField(dst.ip)}.dst==${dst.ip}`,
    `udp.dstport==${dst.port}`,
    `(!rtp || rtp.ssrc==${source})`,
    ...rangeParts(range),
  ];
  return parts.join(' && ');
}

/** A Wireshark display filter for the messages of a call; null when the Call-ID cannot be written in one. */
export function callFilter(callId: string, range: FrameRange | null): string | null {
  if (!QUOTABLE.test(callId)) return range === null ? null : rangeParts(range).join(' && ');
  return [`sip.Call-ID=="${callId}"`, ...rangeParts(range)].join(' && ');
}

function rangeParts(range: FrameRange | null): string[] {
  if (range === null) return [];
  if (range.first === range.last) return [`frame.number==${range.first}`];
  return [`frame.number>=${range.first}`, `frame.number<=${range.last}`];
}

function addressField(ip: string): string {
  return ip.includes(':') ? 'ipv6' : 'ip';
}
