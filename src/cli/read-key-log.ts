import { readFileSync } from 'node:fs';
import { unreadable } from '../capture/errors.ts';
import { TlsKeys } from '../tls/key-log.ts';
import { remark } from './output.ts';

/**
 * The secrets of a TLS key log file; none when there is no file. One without a usable line is worth a warning, the
 * captures may bring secrets of their own.
 *
 * @throws {CaptureError} when it cannot be read
 */
export function readKeyLog(path: string | undefined): TlsKeys {
  const keys = new TlsKeys();
  if (path === undefined) return keys;
  let text: Uint8Array;
  try {
    text = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  keys.add(text);
  const { secrets, malformed, forgotten } = keys.counters;
  if (secrets === 0) {
    const expected = 'CLIENT_RANDOM, CLIENT_TRAFFIC_SECRET_0, ...';
    remark(`${path}: no TLS secrets in it, expected lines such as ${expected}`);
  } else if (malformed > 0) {
    const what =
      malformed === 1 ? '1 line is no TLS secret and was' : `${malformed} lines are no TLS secrets and were`;
    remark(`${path}: ${what} skipped`);
  }
  if (forgotten > 0) {
    remark(`${path}: only the last ${keys.size} sessions are kept`);
  }
  return keys;
}
