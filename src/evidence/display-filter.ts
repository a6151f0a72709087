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
  { src, dst, ssrc, inHep = false }: Pick<WantedStream, 'src' | 'dst' | 'ssrc' | 'inHep'>,
  range: FrameRange | null,
): string {
  const digits = (ssrc >>> 0).toString(16).padStart(8, '0');
  // What is inside of HEP Wireshark does not take for packets with addresses.
  if (inHep) return [`frame contains ${digits.match(/../g)!.join(':')}`, ...rangeParts(range)].join(' && ');
  const parts = [
    `${addressField(src.ip)}.src==${src.ip}`,
    `udp.srcport==${src.port}`,
    `${addressField(dst.ip)}.dst==${dst.ip}`,
    `udp.dstport==${dst.port}`,
    `(!rtp || rtp.ssrc==0x${digits})`,
    ...rangeParts(range),
  ];
  return parts.join(' && ');
}

/**
 * A Wireshark display filter for the messages of a call; null when the Call-ID cannot be written in one.
 *
 * @param inHep whether messages may lie in HEP, where Wireshark does not find them by their header
 */
export function callFilter(callId: string, range: FrameRange | null, inHep = false): string | null {
  if (!QUOTABLE.test(callId)) return range === null ? null : rangeParts(range).join(' && ');
  const named = inHep ? `frame contains "${callId}"` : `sip.Call-ID=="${callId}"`;
  return [named, ...rangeParts(range)].join(' && ');
}

/** A Wireshark display filter for the registrations of a user (`sip:7001@example.com`); null as above. */
export function registrationFilter(aor: string): string | null {
  const user = aor.replace(/^sips?:/, '');
  return QUOTABLE.test(user) ? `sip.CSeq.method=="REGISTER" && sip.To contains "${user}"` : null;
}

/** A Wireshark display filter for a time, us since the epoch, widened to whole milliseconds. */
export function timeFilter(fromUs: number, toUs: number): string {
  const [from, to] = [Math.floor(fromUs / 1000) / 1000, Math.ceil(toUs / 1000) / 1000];
  return `frame.time_epoch>=${from.toFixed(3)} && frame.time_epoch<=${to.toFixed(3)}`;
}

function rangeParts(range: FrameRange | null): string[] {
  if (range === null) return [];
  if (range.first === range.last) return [`frame.number==${range.first}`];
  return [`frame.number>=${range.first}`, `frame.number<=${range.last}`];
}

function addressField(ip: string): string {
  return ip.includes(':') ? 'ipv6' : 'ip';
}
