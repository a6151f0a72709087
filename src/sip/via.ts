/**
 * Via: the path a message took (RFC 3261 20.42, RFC 3581 for rport).
 */
import { parseHostPort } from './address.ts';
import { IDENTIFIER_MAX } from './limits.ts';
import { parseDecimal, parseParameters } from './text.ts';

/** One hop. */
export interface SipVia {
  /** Upper case: UDP, TCP, TLS, WS, ... */
  readonly transport: string;
  /** Host without the brackets of an IPv6 reference. */
  readonly host: string;
  readonly port: number | null;
  readonly branch: string | null;
  readonly received: string | null;
  /** Null also when the parameter has no value yet, as in a request. */
  readonly rport: number | null;
}

const SENT_PROTOCOL = /^([^\s/;]+)\s*\/\s*([^\s/;]+)\s*\/\s*([^\s/;]+)\s+/;

/**
 * Reads one Via value, with white space around `/` and `:` where the grammar allows it. Null when it has no
 * protocol or no host, or an identifier above 1024 characters.
 */
export function parseVia(value: string): SipVia | null {
  const text = value.trim();
  const protocol = SENT_PROTOCOL.exec(text);
  if (protocol === null) return null;
  const rest = text.slice(protocol[0].length);
  const semicolon = rest.indexOf(';');
  const sentBy = parseHostPort(semicolon < 0 ? rest : rest.slice(0, semicolon));
  if (sentBy === null) return null;
  const params = parseParameters(semicolon < 0 ? '' : rest.slice(semicolon));
  const branch = params.get('branch') ?? '';
  const received = (params.get('received') ?? '').replace(/^\[|\]$/g, '');
  const longest = Math.max(branch.length, received.length, sentBy.host.length, protocol[3]!.length);
  if (longest > IDENTIFIER_MAX) return null;
  return {
    transport: protocol[3]!.toUpperCase(),
    host: sentBy.host,
    port: sentBy.port,
    branch: branch === '' ? null : branch,
    received: received === '' ? null : received,
    rport: parseDecimal(params.get('rport') ?? '', 65_535),
  };
}
