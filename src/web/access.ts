import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** Who may ask. */
export interface Credentials {
  /** For basic authentication; both or none. */
  username: string | null;
  password: string | null;
  /** For bearer authentication. */
  token: string | null;
}

/** Is anybody asked who he is? */
export function asksForCredentials({ password, token }: Credentials): boolean {
  return password !== null || token !== null;
}

/** Checks an `Authorization` header. The time it takes tells nothing about how near a guess was. */
export function isAuthorized(header: string | undefined, credentials: Credentials): boolean {
  if (!asksForCredentials(credentials)) return true;
  const [scheme = '', value = ''] = splitOnce(header ?? '', ' ');
  const { username, password, token } = credentials;
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return token !== null && isSame(value.trim(), token);
    case 'basic': {
      if (password === null) return false;
      const [user, given = ''] = splitOnce(Buffer.from(value.trim(), 'base64').toString('utf8'), ':');
      // Both are compared, whatever the first comparison says.
      const rightUser = isSame(user, username ?? '');
      return isSame(given, password) && rightUser;
    }
    default:
      return false;
  }
}

/** What a client without credentials is told. */
export function challengeOf({ password }: Credentials): string {
  return password === null ? 'Bearer realm="earshot"' : 'Basic realm="earshot", charset="UTF-8"';
}

/** Of the same length for texts of any length, so that the comparison does not tell the length either. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Can nobody but this machine reach the address? A name may mean any address, but for `localhost`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/**
 * May a request for this `Host` be answered without credentials? A page of a stranger can have its name resolved to this
 * machine and read what a browser here may read (DNS rebinding); it cannot do so with an address.
 */
export function isExpectedHost(header: string | undefined, names: readonly string[]): boolean {
  if (header === undefined) return false;
  const host = header.replace(/:\d{1,5}$/, '').toLowerCase();
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || bare === 'localhost' || names.some((name) => name.toLowerCase() === bare);
}
