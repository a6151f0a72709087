import { readFileSync } from 'node:fs';
import { CaptureError, unreadable } from '../capture/errors.ts';

/**
 * The key that every HEP message must carry, from a file (its first line) or from EARSHOT_HEP_KEY; null when there is
 * none. On the command line itself everybody who lists processes could read it.
 *
 * @throws {CaptureError} when the file cannot be read, or has no key in it
 */
export function readHepKey(path: string | undefined, env: NodeJS.ProcessEnv): Uint8Array | null {
  if (path === undefined) {
    const key = env.EARSHOT_HEP_KEY ?? '';
    return key === '' ? null : Buffer.from(key, 'utf8');
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const key = text.split(/\r?\n/, 1)[0]!;
  if (key === '') throw new CaptureError('EMPTY', `${path}: no key in its first line`);
  return Buffer.from(key, 'utf8');
}
