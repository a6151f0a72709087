import { staticFormat } from '../../rtp/payload-types.ts';
import type { SdpMedia } from '../../sip/sdp.ts';
import type { Call, Side } from '../call.ts';

const NAMES_MAX = 12;

/** Which codecs each side named in the exchange that sets the call up: `PCMU PCMA G729`; null where none did. */
export function codecEvidence(call: Call): { offered: string | null; answered: string | null } {
  return { offered: namedBy(call, 'caller'), answered: namedBy(call, 'callee') };
}

function namedBy(call: Call, side: Side): string | null {
  const description = call.descriptions.find((each) => each.side === side && !each.pending);
  if (description === undefined) return null;
  const names = description.media.filter((media) => media.type === 'audio').flatMap(codecNames);
  return names.length === 0 ? null : [...new Set(names)].slice(0, NAMES_MAX).join(' ');
}

/** The codecs of one media line in its order, upper case, without those that carry no speech of their own. */
export function codecNames(media: SdpMedia): string[] {
  const names: string[] = [];
  for (const type of media.payloadTypes) {
    const mapped = media.codecs.find((codec) => codec.payloadType === type)?.name ?? staticFormat(type)?.name;
    if (mapped === undefined) continue;
    const name = mapped.toUpperCase();
    if (!AUXILIARY.has(name)) names.push(name);
  }
  return names;
}

const AUXILIARY = new Set(['TELEPHONE-EVENT', 'CN', 'RED', 'ULPFEC', 'RTX']);
