import { createHash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeSums } from '../store/checksums.ts';
import { StoreError } from '../store/segment-files.ts';

/** Files that are handed over are not written again. */
const READ_ONLY = 0o400;
/** Left free on the disk beside what is exported: the probe goes on. */
const SPARE_OCTETS = 64 << 20;

/**
 * A folder of files with their checksums. It is made under another name, and gets its own once it is whole: what is broken
 * off never looks like evidence.
 */
export class ExportFolder {
  private readonly target: string;
  private readonly partial: string;
  private readonly sums = new Map<string, string>();

  /**
   * @param octets that it will take
   * @throws {StoreError} where it is there already, or the disk has no room
   */
  constructor(target: string, octets: number) {
    this.target = resolve(target);
    this.partial = `${this.target}.partial`;
    try {
      for (const path of [this.target, this.partial])
        if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
          throw refusal(`${path} is there already; name a new folder`, 'EEXIST');
      const { bavail, bsize } = statfsSync(dirname(this.target));
      if (octets + SPARE_OCTETS > bavail * bsize) throw coded('ENOSPC');
      mkdirSync(this.partial, { mode: 0o700 });
    } catch (cause) {
      if (cause instanceof StoreError) throw cause;
      const text = `${target} cannot be written: ${Math.ceil(octets / 2 ** 20)} MiB are to go there`;
      throw new StoreError(text, cause);
    }
  }

  /** Writes a file, read-only. @param name below the folder, `/` between @returns octets and SHA-256 */
  write(name: string, pieces: Iterable<Uint8Array>): { path: string; bytes: number; sha256: string } {
    const path = join(this.partial, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const hash = createHash('sha256');
    let bytes = 0;
    const descriptor = openSync(path, 'wx', READ_ONLY);
    try {
      for (const piece of pieces) {
        hash.update(piece);
        bytes += piece.length;
        for (let rest = piece; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
      }
    } finally {
      closeSync(descriptor);
    }
    const sha256 = hash.digest('hex');
    this.sums.set(name, sha256);
    return { path, bytes, sha256 };
  }

  /** It is whole. @returns the SHA-256 of its list of checksums */
  finish(): string {
    const ownSum = writeSums(this.partial, this.sums);
    renameSync(this.partial, this.target);
    return ownSum;
  }

  /** It will never be whole. */
  discard(): void {
    rmSync(this.partial, { recursive: true, force: true });
  }
}

function refusal(text: string, code: string): StoreError {
  return new StoreError(text, coded(code));
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
