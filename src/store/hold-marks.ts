import { chown, lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { absent } from './absent.ts';
import { MARKER } from './held-room.ts';
import { type Hold, markerText } from './hold.ts';
import { HOLDS } from './holds.ts';
import { StoreError } from './segment-files.ts';

/** Holds of one directory; each is a folder that is looked at whenever a file is to go. */
export const HOLDS_MAX = 100;

/**
 * Marks a hold on the segments of a directory. It is there whole or not at all.
 *
 * @returns its folder
 * @throws {StoreError} where there is one of that name, or no more may be, or the directory cannot be written to
 */
export async function markHold(directory: string, hold: Hold): Promise<string> {
  const folder = join(directory, HOLDS);
  const path = join(folder, hold.name);
  const made = join(folder, `.new-${hold.name}-${process.pid}`);
  try {
    const owner = await ownerOf(directory);
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await owner(folder);
    const holds = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    if (holds.length >= HOLDS_MAX) throw coded('EMLINK', `${HOLDS_MAX} holds are all there may be`);
    if ((await lstat(path).catch(absent)) !== null) throw coded('EEXIST', 'it is there');
    await rm(made, { recursive: true, force: true });
    await mkdir(made, { mode: 0o700 });
    await owner(made);
    await writeFile(join(made, MARKER), markerText(hold), { mode: 0o600, flush: true });
    await owner(join(made, MARKER));
    await rename(made, path);
    return path;
  } catch (cause) {
    await rm(made, { recursive: true, force: true }).catch(() => {});
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTEMPTY')
      throw new StoreError(`${directory} has a hold "${hold.name}" already`, cause);
    if (code === 'EMLINK')
      throw new StoreError(`${directory} has ${HOLDS_MAX} holds; release one of them`, cause);
    throw new StoreError(`${directory} cannot be written to`, cause);
  }
}

/** Writes a marker anew, whole or not at all: what a hold is about has changed. */
export async function remarkHold(directory: string, path: string, hold: Hold): Promise<void> {
  const fresh = join(path, `.${MARKER}-${process.pid}`);
  try {
    await writeFile(fresh, markerText(hold), { mode: 0o600, flush: true });
    await (await ownerOf(directory))(fresh);
    await rename(fresh, join(path, MARKER));
  } catch (cause) {
    throw new StoreError(`${path} cannot be written to`, cause);
  }
}

/** Releases a hold: it holds nothing from one instant on, and then its files go. */
export async function releaseHold(directory: string, name: string): Promise<void> {
  const gone = join(directory, HOLDS, `.gone-${name}-${process.pid}`);
  try {
    await rename(join(directory, HOLDS, name), gone);
    await rm(gone, { recursive: true });
  } catch (cause) {
    throw new StoreError(`hold "${name}" in ${directory} cannot be removed`, cause);
  }
}

/** Gives a file to whom the directory belongs: the probe must read what root marked for it. */
async function ownerOf(directory: string): Promise<(path: string) => Promise<void>> {
  const { uid, gid } = await stat(directory);
  return async (path) => {
    if (process.getuid?.() === 0) await chown(path, uid, gid);
  };
}

function coded(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}
