import { onOctets } from './notes.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { maskSdp } from './sdp-text.ts';
import { maskValue, PARTIES } from './sip-text.ts';
import { maskText } from './text.ts';

/** Where a line of a message stands. */
type Part = 'request' | 'header' | 'sdp';

/** Lines of SDP that are told by their name (RFC 8866 6, RFC 8839 5, RFC 5576 4): it names nobody. */
const SDP_NAMES =
  /^(?:[a-z]=|m=(?:audio|video|image|text|application|message)|a=(?:rtcp|rtcp-mux|rtcp-rsize|rtcp-fb|rtcp-xr|rtpmap|fmtp|ptime|maxptime|sendrecv|sendonly|recvonly|inactive|crypto|key-mgmt|fingerprint|setup|connection|candidate|end-of-candidates|remote-candidates|ice-(?:ufrag|pwd|options|lite|mismatch)|ssrc|ssrc-group|msid|mid|group|label|content|lang|sdplang|direction|silenceSupp|X-nat|nortpproxy|T38[A-Za-z]+))$/;

/** One line of a message as a comparison of two points shows it, outside of its message. */
export function maskLineOf(names: Pseudonyms, part: Part, name: string, text: string): string {
  return onOctets(text, (octets) => {
    if (part === 'sdp') return maskSdp(names, octets);
    return part === 'header' ? maskValue(names, name, octets) : maskText(names, octets, 'wire');
  });
}

/** What such a line is called: everybody may invent headers and attributes, and put a name into theirs. */
export function maskLineName(names: Pseudonyms, part: Part, name: string): string {
  if (part === 'request' || (part === 'sdp' && SDP_NAMES.test(name))) return name;
  return onOctets(name, (octets) =>
    part === 'sdp'
      ? octets.slice(0, 2) + maskText(names, octets.slice(2), 'wire')
      : maskText(names, octets, 'wire'),
  );
}

/** Learns the names in the headers of a message, so that they are known where they stand in others. */
export function learnParties(names: Pseudonyms, headers: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, values] of headers) {
    if (!PARTIES.has(name)) continue;
    for (const value of values) onOctets(value, (octets) => maskValue(names, name, octets));
  }
}
