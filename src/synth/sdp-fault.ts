import type { ResolvedCall } from './resolve.ts';

/** A session description, spoilt where the scenario wants it. */
export function faulty(call: ResolvedCall, role: 'offer' | 'answer', sdp: string): string {
  const fault = call.signalling.sdpFault;
  if (fault === undefined || fault.in !== role) return sdp;
  switch (fault.fault) {
    case 'garbage':
      return 'this describes no session\r\n';
    case 'no_address':
      return sdp.replace(/c=IN [^\r]*\r\n/, '');
    case 'unmapped':
      return sdp.replace(/(m=audio [^\r]*)/, '$1 119');
    case 'extra_media':
      return `${sdp}m=video 0 RTP/AVP 31\r\n`;
    case 'refused':
      return sdp.replace(/m=audio \d+/, 'm=audio 0');
    case 'foreign_codec':
      return sdp.replace(/(m=audio \d+ \S+)[^\r]*/, '$1 3').replace(/a=(?:rtpmap|fmtp):[^\r]*\r\n/g, '');
  }
}
