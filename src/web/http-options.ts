import { asksForCredentials, type Credentials, isLoopback } from './access.ts';

/** Why the server cannot listen. */
export class HttpError extends Error {
  override name = 'HttpError';
}

/** Where and how the probe is asked. */
export interface HttpOptions {
  host: string;
  port: number;
  credentials: Credentials;
  /** Files of the certificate chain and its key, PEM; null for plain HTTP. */
  tls: { cert: string; key: string } | null;
  /** Listens on addresses that others reach without TLS or credentials. */
  allowOpen: boolean;
  /** Names under which this machine is asked, besides addresses and `localhost`. */
  names: readonly string[];
}

/** On this machine only, and for everybody on it. */
export const LOCAL_HTTP: Omit<HttpOptions, 'host' | 'port'> = {
  credentials: { username: null, password: null, token: null },
  tls: null,
  allowOpen: false,
  names: [],
};

/** `HOST:PORT`, `:PORT`, `PORT`, with IPv6 in brackets; null for anything else. No host is the loopback address. */
export function parseListen(text: string): { host: string; port: number } | null {
  const parts = /^(?:(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]*):)?(\d{1,5})$/.exec(text);
  if (parts === null || Number(parts[2]) > 65_535) return null;
  const host = (parts[1] ?? '').replace(/^\[|\]$/g, '');
  return { host: host === '' ? '127.0.0.1' : host, port: Number(parts[2]) };
}

/** Why these options must not be used, in one line that says what to do; null when they may. */
export function whyRefused({ host, port, tls, credentials, allowOpen }: HttpOptions): string | null {
  if (isLoopback(host) || allowOpen) return null;
  const missing = [
    ...(tls === null ? ['TLS (http.tls)'] : []),
    ...(asksForCredentials(credentials) ? [] : ['credentials (http.password or http.token)']),
  ];
  if (missing.length === 0) return null;
  return `${host}:${port} can be reached by others and lacks ${missing.join(' and ')}; configure it, listen on 127.0.0.1, or set http.allowOpen: true`;
}
