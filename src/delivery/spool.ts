import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from './batch.ts';
import { HEAD_BYTES, segmentBytes } from './segment.ts';
import { batchAt, scanSegment } from './spool-file.ts';
import { takeDirectory } from './spool-lock.ts';

/** A segment is closed when it has so many octets, or an eighth of the limit. */
const SEGMENT_BYTES = 8 << 20;
const SEGMENTS_MIN = 8;
/** What the system will not read so often in a row it will never read, and nothing may wait behind it. */
const UNREAD_MAX = 5;

/** The spool cannot be used. */
export class SpoolError extends Error {
  override name = 'SpoolError';
}

export interface SpoolOptions {
  directory: string;
  /** Octets on the disk; beyond it the oldest segment makes room. */
  bytesMax: number;
  /** Points were lost, or may have been: for the log and the counters. */
  lost(reason: 'spool_full' | 'spool_damaged', points: number, where: string): void;
}

interface Segment {
  path: string;
  /** Octets in it, and where what is not delivered begins. */
  bytes: number;
  offset: number;
  /** Of what is not delivered. */
  points: number;
  batches: number;
  isGone: boolean;
  /** Times in a row that the system would not read it. */
  unread: number;
}

/** A batch that the spool holds. */
export interface SpooledBatch extends Batch {
  segment: Segment;
}

/**
 * Batches on the disk until they are delivered, oldest first: numbered files, to which is only ever appended, and which are
 * deleted when all in them is delivered. What a restart finds is sent on from the beginning of the oldest file; points that were
 * delivered already are the same points. A batch that was cut short when the probe died is left out and counted.
 *
 * Everything happens one after the other, whoever asks.
 */
export class Spool {
  private readonly options: SpoolOptions;
  private readonly segmentBytesMax: number;
  private segments: Segment[] = [];
  private writing: { segment: Segment; handle: FileHandle } | null = null;
  /** What is on its way to the server. */
  private sending: SpooledBatch | null = null;
  private giveBack: () => Promise<void> = () => Promise.resolve();
  private number = 0;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(options: SpoolOptions) {
    this.options = options;
    this.segmentBytesMax = Math.min(SEGMENT_BYTES, Math.floor(options.bytesMax / SEGMENTS_MIN));
  }

  /** Opens a spool with what an earlier run left in it. @throws {SpoolError} */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options);
    try {
      await mkdir(options.directory, { recursive: true, mode: 0o750 });
      spool.giveBack = await takeDirectory(options.directory);
      await spool.resume();
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new SpoolError(`the spool ${options.directory} cannot be used: ${code ?? message}`, { cause });
    }
    return spool;
  }

  /** Octets on the disk. */
  get bytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Points that are not delivered. */
  get points(): number {
    return this.segments.reduce((sum, { points }) => sum + points, 0);
  }

  get isEmpty(): boolean {
    return this.segments.every(({ batches }) => batches === 0);
  }

  /** Appends a batch. The oldest segments make room for it. @throws what the system says; nothing was appended then */
  append(batch: Batch): Promise<void> {
    return this.inTurn(async () => {
      const bytes = segmentBytes(batch);
      await this.makeRoom(bytes.length);
      const { segment, handle } = await this.writable(bytes.length);
      try {
        await writeAll(handle, bytes, segment.bytes);
      } catch (error) {
        // Half a batch may stand behind the last whole one: nothing may come behind it.
        await handle.truncate(segment.bytes).catch(() => {});
        await this.closeWriting();
        throw error;
      }
      segment.bytes += bytes.length;
      segment.points += batch.points;
      segment.batches++;
    });
  }

  /**
   * The oldest batch, to be followed by `done` or `failed`; null when there is none. What is damaged is passed over and
   * counted. @throws what the system says
   */
  first(): Promise<SpooledBatch | null> {
    return this.inTurn(async () => {
      for (let segment = this.oldest(); segment !== null; segment = this.oldest()) {
        const found = await this.read(segment);
        if (found === null) {
          this.options.lost('spool_damaged', segment.points, segment.path);
          await this.remove(segment);
        } else if (found.body === null) {
          this.options.lost('spool_damaged', found.head.points, segment.path);
          await this.passBy(segment, found.head.bytes, found.head.points);
        } else {
          this.sending = { points: found.head.points, body: found.body, segment };
          return this.sending;
        }
      }
      return null;
    });
  }

  /** The oldest batch is delivered, or never will be. */
  done({ segment, body, points }: SpooledBatch): Promise<void> {
    return this.inTurn(async () => {
      this.sending = null;
      if (!segment.isGone) await this.passBy(segment, body.length, points);
    });
  }

  /** It stays. Where its segment had to make room meanwhile, it is lost now. */
  failed({ segment, points }: SpooledBatch): Promise<void> {
    return this.inTurn(async () => {
      this.sending = null;
      if (segment.isGone) this.options.lost('spool_full', points, segment.path);
    });
  }

  /** Closes files. What is in the spool stays there. */
  close(): Promise<void> {
    return this.inTurn(async () => {
      await this.closeWriting();
      await this.giveBack();
      this.giveBack = () => Promise.resolve();
    });
  }

  private async resume(): Promise<void> {
    const { directory, lost } = this.options;
    const names = (await readdir(directory)).filter((name) => /^\d{12}\.spool$/.test(name)).sort();
    for (const name of names) {
      const path = join(directory, name);
      const { bytes, points, batches, damagedBytes, damagedPoints } = await scanSegment(path);
      if (damagedBytes > 0) lost('spool_damaged', damagedPoints, path);
      this.number = Number(name.slice(0, 12));
      const segment = { path, bytes, offset: 0, points, batches, isGone: false, unread: 0 };
      if (batches > 0) this.segments.push(segment);
      else await unlink(path);
    }
  }

  /** The batch at the front of a segment; null when there will never be one. @throws what the system says */
  private async read(segment: Segment): Promise<Awaited<ReturnType<typeof batchAt>>> {
    try {
      const found = await batchAt(segment.path, segment.offset);
      segment.unread = 0;
      return found;
    } catch (error) {
      segment.unread++;
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone || segment.unread >= UNREAD_MAX) return null;
      throw error;
    }
  }

  private oldest(): Segment | null {
    return this.segments.find(({ batches }) => batches > 0) ?? null;
  }

  private async makeRoom(bytes: number): Promise<void> {
    while (this.segments.length > 0 && this.bytes + bytes > this.options.bytesMax) {
      const [oldest] = this.segments as [Segment];
      // What is on its way may still get there.
      const onItsWay = this.sending?.segment === oldest ? this.sending.points : 0;
      const lost = oldest.points - onItsWay;
      if (lost > 0) this.options.lost('spool_full', lost, oldest.path);
      await this.remove(oldest);
    }
  }

  private async writable(bytes: number): Promise<{ segment: Segment; handle: FileHandle }> {
    if (this.writing !== null && this.writing.segment.bytes + bytes > this.segmentBytesMax)
      await this.closeWriting();
    if (this.writing !== null) return this.writing;
    this.number++;
    const path = join(this.options.directory, `${String(this.number).padStart(12, '0')}.spool`);
    // Whoever else writes here must not be overwritten.
    const handle = await open(path, 'wx', 0o640);
    const segment: Segment = { path, bytes: 0, offset: 0, points: 0, batches: 0, isGone: false, unread: 0 };
    this.segments.push(segment);
    this.writing = { segment, handle };
    return this.writing;
  }

  private async passBy(segment: Segment, bodyBytes: number, points: number): Promise<void> {
    segment.offset += HEAD_BYTES + bodyBytes;
    segment.points -= points;
    segment.batches--;
    if (segment.batches === 0) await this.remove(segment);
  }

  private async remove(segment: Segment): Promise<void> {
    segment.isGone = true;
    this.segments = this.segments.filter((each) => each !== segment);
    if (this.writing?.segment === segment) await this.closeWriting();
    await unlink(segment.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  private async closeWriting(): Promise<void> {
    const { writing } = this;
    this.writing = null;
    await writing?.handle.close();
    if (writing === null || writing.segment.batches > 0 || writing.segment.isGone) return;
    // Nothing whole is in it.
    await this.remove(writing.segment);
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(act);
    this.turn = mine.catch(() => {});
    return mine;
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written);
    written += bytesWritten;
  }
}
