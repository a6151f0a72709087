import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureError, unreadable } from '../capture/errors.ts';

const CAPTURE_NAME = /\.(?:pcapng|pcap|cap)(?:\d+)?(?:\.(?:gz|zst|lz4))?$/i;

/**
 * Files to read: a directory stands for the captures in it, by name, which for the files of `earshot live --keep` is by
 * time. Everything else stays as it is.
 *
 * @throws {CaptureError} for a directory that cannot be read or has no captures in it
 */
export function captureInputs(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const names = namesIn(path).filter((name) => CAPTURE_NAME.test(name));
    if (names.length === 0) {
      throw new CaptureError('ENOENT', `${path}: no capture in this directory; expected *.pcapng or *.pcap`);
    }
    return names.sort().map((name) => join(path, name));
  });
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
