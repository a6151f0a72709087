import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { StoreError } from './segment-files.ts';

/** The list of checksums in a folder that is handed over, as `sha256sum -c` reads it. */
export const SUMS = 'SHA256SUMS';
/** More is no list of ours. */
const SUMS_OCTETS_MAX = 64 << 20;
const CHUNK = 1 << 20;
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** SHA-256 of files by their names below a folder, `/` between. */
export type Checksums = ReadonlyMap<string, string>;

/** What became of a folder since its checksums were written; names of files, sorted. */
export interface Altered {
  changed: string[];
  missing: string[];
  added: string[];
}

/** Writes the list, read-only. @returns its own SHA-256: who has noted that knows whether the list was written anew */
export function writeSums(folder: string, sums: Checksums): string {
  const lines = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => `${sum}  ${name}\n`);
  const text = lines.join('');
  writeFileSync(join(folder, SUMS), text, { flag: 'wx', mode: 0o400 });
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The list of a folder, and its own SHA-256.
 *
 * @throws {StoreError} where there is none, or it is none
 */
export function readSums(folder: string): { sums: Checksums; ownSum: string } {
  const path = join(folder, SUMS);
  let octets: Buffer;
  try {
    const status = lstatSync(path);
    if (!status.isFile() || status.size > SUMS_OCTETS_MAX)
      throw Object.assign(new Error(), { code: status.isFile() ? 'EFBIG' : 'no file' });
    octets = readFileSync(path);
  } catch (cause) {
    throw new StoreError(`${path} cannot be read`, cause);
  }
  const sums = new Map<string, string>();
  for (const line of octets.toString('utf8').split('\n')) {
    if (line === '') continue;
    const parts = LINE.exec(line);
    if (parts === null || !isBelow(parts[2]!)) {
      const cause = Object.assign(new Error(), { code: 'EBADMSG' });
      throw new StoreError(`${path} is no list of SHA-256 sums of files below it`, cause);
    }
    sums.set(parts[2]!, parts[1]!);
  }
  return { sums, ownSum: createHash('sha256').update(octets).digest('hex') };
}

/** A list from elsewhere may name files that are none of its business. */
function isBelow(name: string): boolean {
  return posix.normalize(name) === name && !name.startsWith('/') && !/^\.\.(\/|$)/.test(name);
}

/** Compares a folder with a list. Links are followed nowhere: what is no plain file has changed. */
export function alteredIn(folder: string, sums: Checksums): Altered {
  const found = new Set(filesBelow(folder, ''));
  found.delete(SUMS);
  const changed: string[] = [];
  const missing: string[] = [];
  for (const [name, sum] of sums) {
    if (!found.delete(name)) missing.push(name);
    else if (!lstatSync(join(folder, name)).isFile() || sumOf(join(folder, name)) !== sum) changed.push(name);
  }
  return { changed: changed.sort(), missing: missing.sort(), added: [...found].sort() };
}

/** All below a folder that is no folder, by names with `/` between. */
function* filesBelow(folder: string, below: string): Generator<string> {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const name = posix.join(below, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, name);
    else yield name;
  }
}

/** SHA-256 of a file, hexadecimal. Throws what the file system says. */
export function sumOf(path: string): string {
  const hash = createHash('sha256');
  for (const octets of chunksOf(path, Number.POSITIVE_INFINITY)) hash.update(octets);
  return hash.digest('hex');
}

/** The first `octetsMax` octets of a file, in pieces that are written over by the next. */
export function* chunksOf(path: string, octetsMax: number): Generator<Uint8Array> {
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK);
    for (let left = octetsMax; left > 0; ) {
      const octets = readSync(descriptor, buffer, 0, Math.min(CHUNK, left), null);
      if (octets === 0) return;
      left -= octets;
      yield buffer.subarray(0, octets);
    }
  } finally {
    closeSync(descriptor);
  }
}
