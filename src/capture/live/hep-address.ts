import { isIP } from 'node:net';

/** Where HEP is received. */
export interface HepAddress {
  transport: 'udp' | 'tcp';
  host: string;
  port: number;
}

const LOOPBACK = '127.0.0.1';
const FORM = /^(udp|tcp):(?:(\[[^\]]*\]|[^:[\]]*):)?(\d{1,5})$/i;

/** Reads `udp:HOST:PORT`, `tcp:[IPV6]:PORT` or `udp:PORT`, which is on loopback; or says what is wrong with it. */
export function parseHepAddress(
  text: string,
): { ok: true; address: HepAddress } | { ok: false; message: string } {
  const parts = FORM.exec(text);
  if (parts === null) {
    return { ok: false, message: 'expected udp:HOST:PORT or tcp:HOST:PORT, such as udp:127.0.0.1:9060' };
  }
  const host = (parts[2] ?? LOOPBACK).replace(/^\[|\]$/g, '').toLowerCase();
  const bracketed = parts[2]?.startsWith('[') ?? false;
  if (isIP(host) !== (bracketed ? 6 : 4)) {
    return { ok: false, message: `"${parts[2]}" is no address; IPv6 goes in brackets: udp:[::1]:9060` };
  }
  const port = Number(parts[3]);
  if (port > 65_535) return { ok: false, message: `${port} is no port` };
  return { ok: true, address: { transport: parts[1]!.toLowerCase() as 'udp' | 'tcp', host, port } };
}

/** The address as it was given. */
export function hepAddressText({ transport, host, port }: HepAddress): string {
  return `${transport}:${host.includes(':') ? `[${host}]` : host}:${port}`;
}
