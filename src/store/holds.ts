import type { Stats } from 'node:fs';
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { absent } from './absent.ts';
import { FULL, fullSince, HeldRoom, MARKER } from './held-room.ts';
import { HELD_OF, type HeldPlace, type HoldStatus } from './held-status.ts';
import { type Hold, holdIn, isoTime } from './hold.ts';
import { type HeldKind, PACKETS_MOST_US, type Segment } from './segment.ts';

/** In a directory of segments: a folder for each hold, with its marker and a second name for each file it holds. */
export const HOLDS = 'holds';
/** What is told goes into the history later, and what is saved of calls: half a minute after one, which may be a long one. */
const TOLD_LATER_US = 3_600_000_000;
/** What a hold cannot take for now stays where it is, until files take so many times what they may. */
const WAITING_TIMES = 2;
/** Files of one name that may be held: a recording that was fed again, and again. */
const SAME_NAME_MAX = 100;
/** Of so many times that somebody is asked to look at what stands, he does at one. */
const LOOKS_ONCE_IN = 5;

/** A hold as it stands in a directory of segments. */
export interface StandingHold {
  /** Of its folder; that of the hold, where its marker can be read. */
  name: string;
  path: string;
  /** Null where the marker cannot be read: then it holds everything. */
  hold: Hold | null;
}

/**
 * The holds on the files of one directory. They are files themselves, and nothing else: who makes one needs no answer from
 * the probe, and a probe that is started again goes on. Held files get a second name (a hard link), so that removing the
 * first one removes nothing.
 */
export class Holds {
  private readonly directory: string;
  private readonly kind: HeldKind;
  private readonly room = new HeldRoom();
  private trouble: string | null = null;
  /** Why holds do not get what they are about, by their folders. */
  private readonly lacking = new Map<string, string>();
  private standing: HeldPlace;
  private looks = 0;
  private isLooking = false;

  constructor(directory: string, kind: HeldKind) {
    this.directory = directory;
    this.kind = kind;
    this.standing = { of: HELD_OF[kind], holds: [], problem: null };
  }

  /** How they stood when that was last looked at. */
  get status(): HeldPlace {
    return this.standing;
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
    let reason: string | null = null;
    try {
      // One that cannot take it must not cost the others theirs.
      for (const standing of await this.all()) reason = (await this.give(standing, segment, endUs)) ?? reason;
    } catch (error) {
      reason = reasonOf(error);
    }
    if (reason === null) return true;
    this.trouble = `${basename(segment.path)} cannot be held (${reason})`;
    // It is tried again. A hold that never gets it must not fill the disk.
    return totalBytes > WAITING_TIMES * maxBytes;
  }

  /** Gives a hold a segment that is about to be removed, if it is about that. @returns why it cannot take it */
  private async give(standing: StandingHold, segment: Segment, endUs: number): Promise<string | null> {
    const { path, hold } = standing;
    this.lacking.delete(path);
    if (!covers(hold, segment, endUs, this.kind)) return null;
    try {
      const isHeld = await this.take(standing, segment);
      if (!isHeld) this.lacking.set(path, 'it is full');
      return null;
    } catch (error) {
      const reason = reasonOf(error);
      this.lacking.set(path, `${basename(segment.path)} cannot be held (${reason})`);
      return reason;
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

  /** Sees how they stand, at every fifth call. To be called every second. */
  async look(): Promise<void> {
    if (this.isLooking || this.looks++ % LOOKS_ONCE_IN !== 0) return;
    this.isLooking = true;
    const { of } = this.standing;
    try {
      const found = await this.all();
      const paths = new Set(found.map(({ path }) => path));
      this.room.retain(paths);
      for (const path of this.lacking.keys()) if (!paths.has(path)) this.lacking.delete(path);
      const holds: HoldStatus[] = [];
      for (const each of found) holds.push(await this.statusOf(each));
      this.standing = { of, holds, problem: null };
    } catch (error) {
      this.standing = { ...this.standing, problem: `holds cannot be read (${reasonOf(error)})` };
    } finally {
      this.isLooking = false;
    }
  }

  private async statusOf({ name, path, hold }: StandingHold): Promise<HoldStatus> {
    const problem = this.lacking.get(path) ?? null;
    const status = { name, files: 0, bytes: 0, maxBytes: hold?.maxBytes ?? null, fullSince: null, problem };
    try {
      const { files, bytes } = (await this.room.in(path)) ?? status;
      const fullUs = await fullSince(path);
      const isKnown = fullUs !== null && !Number.isNaN(fullUs);
      return { ...status, files, bytes, fullSince: isKnown ? isoTime(fullUs) : null };
    } catch (error) {
      return { ...status, problem: problem ?? `it cannot be read (${reasonOf(error)})` };
    }
  }

  /** @returns false where the hold is full */
  private async take({ name, path, hold }: StandingHold, { path: file, startUs }: Segment): Promise<boolean> {
    const status = await stat(file).catch(absent);
    if (status === null) return true;
    const free = await this.freeName(path, file, status);
    if (free === null) return true;
    if ((await fullSince(path)) !== null) return false;
    const held = await this.room.in(path);
    if (held === null) return true;
    if (hold !== null && held.bytes + status.size > hold.maxBytes) {
      this.trouble = `hold ${name} is full: nothing from ${isoTime(startUs)} on is held`;
      await writeFile(join(path, FULL), `${JSON.stringify({ since: isoTime(startUs) })}\n`, { flag: 'wx' })
        // Somebody else found out, or it was released.
        .catch(ignore('EEXIST', 'ENOENT'));
      return false;
    }
    await link(file, free).catch(ignore('EEXIST', 'ENOENT'));
    await this.room.add(path, held, status.size);
    return true;
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

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function ignore(...codes: string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  };
}
