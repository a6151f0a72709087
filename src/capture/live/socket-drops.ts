import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import { parseAddress } from '../../packet/address.ts';

/** Seen from the process itself: a hardened service is shown no more of /proc. */
const TABLES = '/proc/self/net/udp';
/** Column of that table that counts what the kernel dropped because a socket was not read in time. */
const DROPS_COLUMN = 12;

/**
 * Datagrams that the kernel dropped because the UDP socket bound to an address was not read in time; null where the
 * system does not tell.
 */
export function socketDrops(host: string, port: number): number | null {
  let table: string;
  try {
    table = readFileSync(isIPv6(host) ? `${TABLES}6` : TABLES, 'latin1');
  } catch {
    return null;
  }
  return dropsIn(table, host, port);
}

/** The same from the text of the table. */
export function dropsIn(table: string, host: string, port: number): number | null {
  const words = parseAddress(host);
  if (words === null) return null;
  const own = isIPv6(host) ? words : words.subarray(3);
  const wanted =
    `${Array.from(own, inHostOrder).join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] !== wanted) continue;
    const drops = Number(columns[DROPS_COLUMN]);
    return Number.isInteger(drops) ? drops : null;
  }
  return null;
}

/** The table has addresses as the machine's own 32-bit numbers. */
function inHostOrder(word: number): string {
  const hex = (word >>> 0).toString(16).padStart(8, '0');
  return endianness() === 'BE' ? hex : (hex.match(/../g) ?? []).reverse().join('');
}
