import { formatAddress, parseAddress } from '../../packet/address.ts';
import type { Endpoint } from '../../records/types.ts';
import type { Call, Description, Side } from '../call.ts';

/** Where a description says media may be sent to: the media lines' own addresses and their ICE candidates'. */
export interface Announced extends Endpoint {
  description: Description;
}

/** What was asked last: the findings of a call ask for its few addresses again and again. */
const RECENT_MAX = 64;
const recent = new Map<string, string | null>();

/** An address as records write it; null for a host name. */
export function canonical(text: string): string | null {
  let written = recent.get(text);
  if (written === undefined) {
    const words = parseAddress(text);
    written = words === null ? null : formatAddress(words[0]!, words[1]!, words[2]!, words[3]!);
    if (recent.size >= RECENT_MAX) recent.clear();
    recent.set(text, written);
  }
  return written;
}

/** All endpoints that a side announced over the call; refused offers are not meant. */
export function announcedBy(call: Call, side: Side): Announced[] {
  const found: Announced[] = [];
  for (const description of call.descriptions) {
    if (description.side !== side || description.refused) continue;
    for (const media of description.media) {
      if (media.port === 0) continue;
      add(found, description, media.address, media.port);
      for (const { address, port } of media.candidates) add(found, description, address, port);
    }
  }
  return found;
}

function add(list: Announced[], description: Description, address: string | null, port: number): void {
  const ip = address === null ? null : canonical(address);
  if (ip !== null) list.push({ ip, port, description });
}

/** Does a side use ICE? Then media may come from and go to addresses that no SDP names (RFC 8445 7.2.5.3.1). */
export function usesIce(call: Call, side: Side): boolean {
  return call.descriptions.some(
    (description) =>
      description.side === side && description.media.some(({ candidates }) => candidates.length > 0),
  );
}

export function isAmong(endpoints: readonly Endpoint[], { ip, port }: Endpoint): boolean {
  return endpoints.some((known) => known.port === port && known.ip === ip);
}

/** `192.0.2.1:4000`, `[2001:db8::1]:4000`. */
export function endpointText({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
