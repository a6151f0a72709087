import type { SipAddress } from './address.ts';

/** `user@host` of an address, the form shown everywhere; null when it has no host. */
export function partyOf(address: SipAddress | null): string | null {
  if (address === null) return null;
  const scheme = /^(sips?|tel):/i.exec(address.uri)?.[1]?.toLowerCase() ?? 'sip';
  if (address.host === null) return address.uri.slice(0, 256);
  return address.user === null ? `${scheme}:${address.host}` : `${scheme}:${address.user}@${address.host}`;
}

/** What tells one contact of a user from the next: user, host and port, without scheme and parameters. */
export function contactKey({ user, host, port, uri }: SipAddress): string {
  if (host === null) return uri.slice(0, 256);
  return `${user ?? ''}@${host.toLowerCase()}:${port ?? 5060}`;
}
