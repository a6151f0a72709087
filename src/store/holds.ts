import type { Stats } from 'node:fs';
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Hold, holdIn, isoTime } from './hold.ts';
import { type HeldKind, PACKETS_MOST_US, type Segment } from './segment.ts';

/** In a directory of segments: a folder for each hold, with its marker and a second name for each file it holds. */
export const HOLDS = 'holds';
export const MARKER = 'hold.json';
/** Is there once a hold has no more room: from which file on nothing is held. */
const FULL = 'full.json';
/** What is told goes into the history later, and what is saved of calls: half a minute after one, which may be a long one. */
const TOLD_LATER_US = 3_600_000_000;
/** What a hold cannot take for now stays where it is, until files take so many times what they may. */
const WAITING_TIMES = 2;
/** Files of one name that may be held: a recording that was fed again, and again. */
const SAME_NAME_MAX = 100;

/** A hold as it stands in a directory of segments. */
export interface StandingHold {
  /** Of its folder; that of the hold, where its marker can be read. */
  name: string;
  path: string;
  /** Null where the marker cannot be read: then it holds everything. */
  hold: Hold | null;
}

/** What a folder holds, counted when it last changed. */
interface Counted {
  changedMs: number;
  bytes: number;
}

/**
 * The holds on the files of one directory. They are files themselves, and nothing else: who makes one needs no answer from
 * the probe, and a probe that is started again goes on. Held files get a second name (a hard link), so that removing the
 * first one removes nothing.
 */
export class Holds {
  private readonly directory: string;
  private readonly kind: HeldKind;
  private readonly counted = new Map<string, Counted>();
  private trouble: string | null = null;

  constructor(directory: string, kind: HeldKind) {
    this.directory = directory;
    this.kind = kind;
  }

  /** All of them, by name. Throws what the file system says, unless there are none. */
  async all(): Promise<StandingHold[]> {
    const folder = join(this.directory, HOLDS);
    const names = await readdir(folder).catch(absent);
    const found: StandingHold[] = [];
    // A hidden one is being made, or removed.
    for (const name of (names ?? []).filter((each) => !each.startsWith('.')).sort()) {
      const path = join(folder, name);
      const text = await readFile(join(path, MARKER), 'utf8').catch(absent);
      if (text !== null) found.push({ name, path, hold: holdIn(text) });
    }
    return found;
  }

  /**
   * The first of some segments is about to be removed: whatever holds it gets it.
   *
   * @param totalBytes that all files take, of `maxBytes`
   * @returns false where it must stay, because a hold could not take it
   */
  async mayGo(segments: readonly Segment[], totalBytes: number, maxBytes: number): Promise<boolean> {
    const segment = segments[0]!;
    const endUs = endOf(segments, 0, this.kind);
    try {
      for (const standing of await this.all())
        if (covers(standing.hold, segment, endUs, this.kind)) await this.take(standing, segment);
      return true;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      this.trouble = `${basename(segment.path)} cannot be held (${reason})`;
      // It is tried again. A hold that never gets it must not fill the disk.
      return totalBytes > WAITING_TIMES * maxBytes;
    }
  }

  /** Holds what there is of all segments, in their order. */
  async gather(standing: StandingHold, segments: readonly Segment[]): Promise<void> {
    for (const [i, segment] of segments.entries()) {
      const endUs = endOf(segments, i, this.kind);
      if (covers(standing.hold, segment, endUs, this.kind)) await this.take(standing, segment);
    }
  }

  /** What could not be held since this was last asked; null for nothing. */
  takeTrouble(): string | null {
    const { trouble } = this;
    this.trouble = null;
    return trouble;
  }

  private async take({ name, path, hold }: StandingHold, { path: file, startUs }: Segment): Promise<void> {
    const status = await stat(file).catch(absent);
    if (status === null || (await fullSince(path)) !== null) return;
    const free = await this.freeName(path, file, status);
    if (free === null) return;
    const bytes = await this.bytesIn(path);
    if (bytes === null) return;
    if (hold !== null && bytes + status.size > hold.maxBytes) {
      this.trouble = `hold ${name} is full: nothing from ${isoTime(startUs)} on is held`;
      await writeFile(join(path, FULL), `${JSON.stringify({ since: isoTime(startUs) })}\n`, { flag: 'wx' })
        // Somebody else found out, or it was released.
        .catch(ignore('EEXIST', 'ENOENT'));
      return;
    }
    await link(file, free).catch(ignore('EEXIST', 'ENOENT'));
    const changed = await stat(path).catch(absent);
    if (changed !== null) this.counted.set(path, { changedMs: changed.mtimeMs, bytes: bytes + status.size });
  }

  /** A name in a hold for a file; null where the hold has the file, or is gone. */
  private async freeName(path: string, file: string, { ino, dev }: Stats): Promise<string | null> {
    const plain = join(path, basename(file));
    for (let again = 0; again <= SAME_NAME_MAX; again++) {
      const name = again === 0 ? plain : plain.replace(/(-\d+)?(\.[a-z]+)$/, `-${100 + again}$2`);
      const known = await stat(name).catch(absent);
      if (known === null) return name;
      if (known.ino === ino && known.dev === dev) return null;
    }
    throw Object.assign(new Error(`${plain} is there already`), { code: 'EEXIST' });
  }

  /** Octets in a hold; null when it is gone. They are added up anew only when somebody else changed it. */
  private async bytesIn(path: string): Promise<number | null> {
    const status = await stat(path).catch(absent);
    if (status === null) return null;
    const known = this.counted.get(path);
    if (known?.changedMs === status.mtimeMs) return known.bytes;
    let bytes = 0;
    for (const name of (await readdir(path).catch(absent)) ?? [])
      bytes += (await stat(join(path, name)).catch(absent))?.size ?? 0;
    this.counted.set(path, { changedMs: status.mtimeMs, bytes });
    return bytes;
  }
}

/** From when on a hold has nothing for want of room, us; null where it has room. */
export async function fullSince(path: string): Promise<number | null> {
  const text = await readFile(join(path, FULL), 'utf8').catch(absent);
  const since = text === null ? null : /"since":"([^"]+)"/.exec(text)?.[1];
  return since === null ? null : Date.parse(since ?? '') * 1000;
}

/** Whether a segment has anything that a hold is about. */
export function covers(hold: Hold | null, { startUs }: Segment, endUs: number, kind: HeldKind): boolean {
  if (hold === null) return true;
  const { fromUs, toUs } = hold;
  const laterUs = kind === 'pcapng' ? 0 : TOLD_LATER_US;
  return endUs >= fromUs && (toUs === null || startUs <= toUs + laterUs);
}

/** When one of some segments ends, as far as it is known: where the next begins, or, of calls that were saved, when they were. */
export function endOf(segments: readonly Segment[], i: number, kind: HeldKind): number {
  const { startUs } = segments[i]!;
  if (kind === 'calls') return startUs;
  const nextUs = segments[i + 1]?.startUs ?? Number.POSITIVE_INFINITY;
  return kind === 'pcapng' ? Math.min(nextUs, startUs + PACKETS_MOST_US) : nextUs;
}

/** Null for what is not there. */
export function absent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  // A file where a folder should be holds nothing either.
  if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
  throw error;
}

function ignore(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  };
}
