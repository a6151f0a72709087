/**
 * SIP addresses: From, To, Contact and their kin (RFC 3261 20.10, 25.1), and the URIs within.
 */
import { IDENTIFIER_MAX } from './limits.ts';
import { indexOutsideQuotes, parseDecimal, parseParameters, unquote } from './text.ts';

/** A `name-addr` or `addr-spec` with the parameters of its header. */
export interface SipAddress {
  /** As written, without `<>`; `*` in a Contact that removes all bindings. */
  readonly uri: string;
  readonly display: string | null;
  /** User part without password, escapes kept; the number of a tel URI. */
  readonly user: string | null;
  /** Host without the brackets of an IPv6 reference. */
  readonly host: string | null;
  readonly port: number | null;
  readonly tag: string | null;
  /** Header parameters (not those of the URI), lower-case names. */
  readonly params: ReadonlyMap<string, string>;
}

/** What a URI says about who and where. */
export interface SipUri {
  /** Lower case; `''` when there is none. */
  readonly scheme: string;
  readonly user: string | null;
  readonly host: string | null;
  readonly port: number | null;
}

const PORT_MAX = 65_535;

/**
 * `host`, `host:port`, `[v6]` or `[v6]:port`, spaces around the colon allowed. Brackets are taken off; a bad
 * port gives null. Null without a host.
 */
export function parseHostPort(text: string): { host: string; port: number | null } | null {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) {
    const close = trimmed.indexOf(']');
    if (close < 2) return null;
    const rest = trimmed.slice(close + 1).trim();
    const port = rest.startsWith(':') ? parseDecimal(rest.slice(1).trim(), PORT_MAX) : null;
    return { host: trimmed.slice(1, close), port };
  }
  const colon = trimmed.indexOf(':');
  // More than one colon without brackets: an IPv6 address of a careless sender, and no port.
  if (colon >= 0 && trimmed.indexOf(':', colon + 1) >= 0) return { host: trimmed, port: null };
  const host = (colon < 0 ? trimmed : trimmed.slice(0, colon)).trim();
  if (host === '') return null;
  return { host, port: colon < 0 ? null : parseDecimal(trimmed.slice(colon + 1).trim(), PORT_MAX) };
}

/** Where the user part ends: the last `@` before the URI headers, since users are not always escaped. */
function userEnd(rest: string): number {
  const question = rest.indexOf('?');
  if (question >= 0) {
    const before = rest.lastIndexOf('@', question);
    if (before >= 0) return before;
  }
  return rest.lastIndexOf('@');
}

/**
 * Scheme, user, host and port of a URI (RFC 3261 19.1, RFC 3966 for tel). Parts that are not there, or that
 * the scheme does not have, are null; nothing fails.
 */
export function parseSipUri(uri: string): SipUri {
  const colon = uri.indexOf(':');
  const scheme = colon <= 0 ? '' : uri.slice(0, colon).trim().toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return { scheme: '', user: null, host: null, port: null };
  const rest = uri.slice(colon + 1);
  if (scheme === 'tel') {
    const end = rest.search(/[;?]/);
    const user = end < 0 ? rest : rest.slice(0, end);
    return { scheme, user: user === '' ? null : user, host: null, port: null };
  }
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'im' && scheme !== 'pres') {
    return { scheme, user: null, host: null, port: null };
  }
  const at = userEnd(rest);
  const userInfo = at < 0 ? '' : rest.slice(0, at);
  const password = userInfo.indexOf(':');
  const user = password < 0 ? userInfo : userInfo.slice(0, password);
  const tail = rest.slice(at + 1);
  const end = tail.search(/[;?>]/);
  const hostPort = parseHostPort(end < 0 ? tail : tail.slice(0, end));
  return {
    scheme,
    user: user === '' ? null : user,
    host: hostPort?.host ?? null,
    port: hostPort?.port ?? null,
  };
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

/**
 * Reads one address. Salvages what it can: an address whose URI makes no sense keeps it as written, with
 * null parts, because its tag still identifies the dialog.
 *
 * @returns null when there is no URI at all, or when one of the strings that outlive the message exceeds
 *   1024 characters
 */
export function parseSipAddress(value: string): SipAddress | null {
  const text = value.trim();
  if (text === '*') {
    return { uri: '*', display: null, user: null, host: null, port: null, tag: null, params: NO_PARAMETERS };
  }
  const left = indexOutsideQuotes(text, '<');
  let display = '';
  let uri: string;
  let after: string;
  if (left >= 0) {
    display = unquote(text.slice(0, left).trim());
    const right = text.indexOf('>', left);
    uri = text.slice(left + 1, right < 0 ? text.length : right).trim();
    after = right < 0 ? '' : text.slice(right + 1);
  } else {
    // Without <> everything after the first semicolon belongs to the header (RFC 3261 20.10).
    const semicolon = indexOutsideQuotes(text, ';');
    uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
    after = semicolon < 0 ? '' : text.slice(semicolon);
  }
  if (uri === '') return null;
  const params = parseParameters(after);
  const tag = params.get('tag') ?? '';
  if (uri.length > IDENTIFIER_MAX || display.length > IDENTIFIER_MAX || tag.length > IDENTIFIER_MAX)
    return null;
  const { user, host, port } = parseSipUri(uri);
  return {
    uri,
    display: display === '' ? null : display,
    user,
    host,
    port,
    tag: tag === '' ? null : tag,
    params,
  };
}
