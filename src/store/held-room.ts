import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './absent.ts';

/** The marker of a hold. */
export const MARKER = 'hold.json';
/** Is there once a hold has no more room: from which file on nothing is held. */
export const FULL = 'full.json';

/** What the folder of a hold has. */
export interface HeldFiles {
  files: number;
  /** Octets in them. */
  bytes: number;
}

/** What folders of holds have, counted anew only when one has changed. */
export class HeldRoom {
  private readonly counted = new Map<string, HeldFiles & { changedMs: number }>();

  /** What a folder has; null when it is gone. */
  async in(path: string): Promise<HeldFiles | null> {
    const changedMs = await changedAt(path);
    if (changedMs === null) return null;
    const known = this.counted.get(path);
    if (known?.changedMs === changedMs) return known;
    let files = 0;
    let bytes = 0;
    for (const name of (await readdir(path).catch(absent)) ?? []) {
      if (name === MARKER || name === FULL || name.startsWith('.')) continue;
      const status = await stat(join(path, name)).catch(absent);
      if (status === null) continue;
      files++;
      bytes += status.size;
    }
    const found = { changedMs, files, bytes };
    this.counted.set(path, found);
    return found;
  }

  /** A folder, of which was known what it has, has one file more. */
  async add(path: string, before: HeldFiles, octets: number): Promise<void> {
    const changedMs = await changedAt(path);
    if (changedMs === null) return;
    this.counted.set(path, { changedMs, files: before.files + 1, bytes: before.bytes + octets });
  }

  /** Forgets all folders but these. */
  retain(paths: ReadonlySet<string>): void {
    for (const path of this.counted.keys()) if (!paths.has(path)) this.counted.delete(path);
  }
}

async function changedAt(path: string): Promise<number | null> {
  return (await stat(path).catch(absent))?.mtimeMs ?? null;
}

/** From when on a hold has nothing for want of room, us; null where it has room. */
export async function fullSince(path: string): Promise<number | null> {
  const text = await readFile(join(path, FULL), 'utf8').catch(absent);
  const since = text === null ? null : /"since":"([^"]+)"/.exec(text)?.[1];
  return since === null ? null : Date.parse(since ?? '') * 1000;
}
