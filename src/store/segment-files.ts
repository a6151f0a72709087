import { mkdirSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldPlace } from './held-status.ts';
import { Holds } from './holds.ts';
import { nameOf, type Segment, type SegmentKind, segmentsIn } from './segment.ts';

/** A directory cannot be used. */
export class StoreError extends Error {
  readonly code: string;

  constructor(text: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    super(`${text} (${code})`, { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

/** Files of one instant that may exist: a probe that was started again, and again. */
const SAME_INSTANT_MAX = 100;

/**
 * Files that are written one after the other, and removed from the oldest on, unless they are held. Whatever is asked is done in
 * order and later; what fails is counted and said once, and the next segment is tried anew.
 */
export class SegmentFiles {
  /** Octets that could not be written, and what was wrong last. */
  failedBytes = 0;
  problem: string | null = null;
  /** The same since that was last asked, whether or not writing has worked again. */
  private untold: string | null = null;
  private readonly directory: string;
  private readonly kind: SegmentKind;
  private readonly maxBytes: number;
  private readonly segments: Segment[];
  private readonly holds: Holds;
  private totalBytes = 0;
  private handle: FileHandle | null = null;
  private isBroken = false;
  /** Files from before this are to be removed; null when that is done. */
  private expireUs: number | null = null;
  private queue: Promise<void> = Promise.resolve();

  /**
   * @param maxBytes of all files together; the oldest is removed beyond it
   * @throws {StoreError} when the directory cannot be made or read
   */
  constructor(directory: string, maxBytes: number, kind: SegmentKind) {
    this.directory = directory;
    this.kind = kind;
    this.maxBytes = maxBytes;
    this.holds = new Holds(directory, kind);
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      this.segments = segmentsIn(directory, kind);
    } catch (cause) {
      throw new StoreError(`${directory} cannot be written to`, cause);
    }
    for (const { bytes } of this.segments) this.totalBytes += bytes;
  }

  /** Files there are, octets in them, and when the oldest begins. */
  get extent(): { files: number; bytes: number; oldestUs: number | null } {
    const { segments, totalBytes } = this;
    return { files: segments.length, bytes: totalBytes, oldestUs: segments[0]?.startUs ?? null };
  }

  /** The holds on the files, as they stood a moment ago. */
  get held(): HeldPlace {
    return this.holds.status;
  }

  /** Begins a file for what begins at `startUs`; the one before is complete. */
  begin(startUs: number): void {
    this.later(async () => {
      await this.closeFile();
      this.isBroken = true;
      this.handle = await this.created(startUs);
      this.isBroken = false;
    });
  }

  /** Appends whole blocks or lines to the file begun last. `done` when the bytes may be written over. */
  append(bytes: Uint8Array, done: (written: boolean) => void): void {
    this.later(async () => {
      let written = false;
      try {
        written = await this.written(bytes);
      } finally {
        if (!written) this.failedBytes += bytes.length;
        done(written);
      }
    });
  }

  /** Removes files all of which is from before `beforeUs`, and the oldest while there is too much. To be called every second. */
  expire(beforeUs: number): void {
    const isWaiting = this.expireUs !== null;
    this.expireUs = beforeUs;
    // A disk that hangs must not let these pile up: the one that waits does for all.
    if (isWaiting) return;
    this.later(async () => {
      const { segments } = this;
      const untilUs = this.expireUs!;
      this.expireUs = null;
      // The one after a file begins where that file ends.
      while (segments.length > 1 && (segments[1]!.startUs < untilUs || this.totalBytes > this.maxBytes)) {
        if (!(await this.removeOldest())) break;
      }
      await this.holds.look();
    });
  }

  /**
   * Removes the oldest file, unless it is the one being written; what is held has another name by then.
   *
   * @returns false where it must stay
   */
  private async removeOldest(): Promise<boolean> {
    const [oldest, next] = this.segments;
    if (oldest === undefined || next === undefined) return false;
    if (!(await this.holds.mayGo(this.segments, this.totalBytes, this.maxBytes))) return false;
    this.segments.shift();
    this.totalBytes -= oldest.bytes;
    await unlink(oldest.path);
    return true;
  }

  /** Everything asked for before is done, and the file complete. */
  async close(): Promise<void> {
    this.later(() => this.closeFile());
    await this.idle();
  }

  /** Everything asked for before is done. */
  async idle(): Promise<void> {
    await this.queue;
  }

  private later(task: () => Promise<void>): void {
    this.queue = this.queue.then(task).catch((error: unknown) => {
      this.problem = (error as NodeJS.ErrnoException).code ?? String(error);
      this.untold = this.problem;
    });
  }

  /** What was wrong last since this was last asked; null for nothing. */
  takeProblem(): string | null {
    const said = this.untold ?? this.problem;
    this.untold = null;
    return said;
  }

  /** What could not be held since this was last asked; null for nothing. */
  takeUnheld(): string | null {
    return this.holds.takeTrouble();
  }

  private async created(startUs: number): Promise<FileHandle> {
    const name = nameOf(startUs);
    for (let again = 0; ; again++) {
      const path = join(this.directory, `${name}${again === 0 ? '' : `-${again}`}.${this.kind}`);
      try {
        const handle = await open(path, 'wx', 0o600);
        this.segments.push({ path, startUs, bytes: 0 });
        return handle;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || again === SAME_INSTANT_MAX) throw error;
      }
    }
  }

  private async written(bytes: Uint8Array): Promise<boolean> {
    const { handle, isBroken } = this;
    const segment = this.segments.at(-1);
    if (handle === null || isBroken || segment === undefined) return false;
    try {
      await handle.appendFile(bytes);
    } catch (error) {
      this.isBroken = true;
      // A block that was written in part would end whoever reads the file.
      await handle.truncate(segment.bytes);
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') await this.removeOldest();
      throw error;
    }
    segment.bytes += bytes.length;
    this.totalBytes += bytes.length;
    this.problem = null;
    return true;
  }

  private async closeFile(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    if (handle === null) return;
    await handle.close();
    if (this.segments.at(-1)?.bytes === 0) await unlink(this.segments.pop()!.path);
  }
}
