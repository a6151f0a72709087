import { parseAddress } from '../packet/address.ts';
import type { Endpoint } from '../records/types.ts';
import { parseSipUri, type SipAddress } from '../sip/address.ts';
import { hostDigest } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { partyOf } from '../sip/party.ts';

/** Contacts of one redirection that are looked at. */
const TARGETS_MAX = 8;
const DEFAULT_PORT = 5060;

/** Where a registrar sends a device (RFC 3261 8.1.3.4, 21.3). */
export interface RedirectTarget {
  host: string;
  port: number;
  /** The address as people read it. */
  party: string;
  /** Digest of the host, as of receivers; null of a name, and where what is sent there is encrypted. */
  digest: number | null;
}

/** The contacts of a 3xx. None: there is nowhere to go. */
export function redirectTargets({ contact }: SipMessage): RedirectTarget[] {
  const targets: RedirectTarget[] = [];
  for (const address of contact) {
    if (address.host === null || targets.length >= TARGETS_MAX) continue;
    const { host, port } = address;
    const party = partyOf(address) ?? host;
    targets.push({ host: host.toLowerCase(), port: port ?? DEFAULT_PORT, party, digest: digestOf(address) });
  }
  return targets;
}

function digestOf({ uri, host }: SipAddress): number | null {
  if (/^sips:/i.test(uri) || /;\s*transport\s*=\s*(?:tls|wss?)\b/i.test(uri)) return null;
  const words = parseAddress(host ?? '');
  return words === null ? null : hostDigest(words);
}

/**
 * Does a REGISTER go where the device was sent? Its Request-URI is one of the contacts, or it goes to another place than
 * before: for a proxy (305) the Request-URI stays. `before` and `now`: where the two were sent.
 */
export function follows(
  targets: readonly RedirectTarget[],
  { requestUri }: SipMessage,
  before: Endpoint | null,
  now: Endpoint | null,
): boolean {
  const { host, port } = parseSipUri(requestUri ?? '');
  if (targets.some((to) => to.host === host?.toLowerCase() && to.port === (port ?? DEFAULT_PORT)))
    return true;
  return before !== null && now !== null && (before.ip !== now.ip || before.port !== now.port);
}
