import type { HeldPlace } from './held-status.ts';
import { type DiskLosses, diskLosses, Losses } from './losses.ts';
import type { SegmentFiles } from './segment-files.ts';

/** Octets that wait for the disk at one time; what comes beyond them is not kept. */
const WAITING_MAX = 16 << 20;
/** So much is written together, or what there is each second. */
const CHUNK_OCTETS = 1 << 20;
/** A file holds this part of the time that is kept, between these bounds. */
const FILES_WANTED = 48;
const FILE_LEAST_MS = 60_000;
const FILE_MOST_MS = 86_400_000;

export interface HistoryOptions {
  /** How long records are kept, ms. */
  keepMs: number;
  /** Octets of all files together. */
  maxBytes: number;
  /** Intervals of streams as well: ten times as much as everything else. */
  intervals: boolean;
}

/** What the history holds, as it stands. */
export interface HistoryStatus {
  files: number;
  bytes: number;
  /** Records written, and those the disk did not take. */
  records: number;
  lost: number;
  problem: string | null;
}

/**
 * Records of a live probe on disk, one JSON object per line in files of which the oldest go. Writing waits for no disk:
 * what finds no room is counted.
 */
export class History {
  private readonly options: HistoryOptions;
  private readonly files: SegmentFiles;
  private readonly fileMs: number;
  private readonly fileBytes: number;
  private lines: string[] = [];
  private pendingOctets = 0;
  private waitingOctets = 0;
  private startMs = Number.NaN;
  private octetsInFile = 0;
  private written = 0;
  private readonly losses = new Losses();

  constructor(options: HistoryOptions, files: SegmentFiles) {
    this.options = options;
    this.files = files;
    this.fileMs = Math.min(FILE_MOST_MS, Math.max(FILE_LEAST_MS, options.keepMs / FILES_WANTED));
    this.fileBytes = options.maxBytes / FILES_WANTED;
  }

  /** Takes records that were told at `nowMs` (time of day). */
  records(records: readonly { type: string }[], nowMs: number): void {
    for (const record of records) {
      if (record.type === 'interval' && !this.options.intervals) continue;
      const line = `${JSON.stringify(record)}\n`;
      if (this.waitingOctets + this.pendingOctets + line.length > WAITING_MAX) {
        this.losses.total++;
        continue;
      }
      this.lines.push(line);
      this.pendingOctets += line.length;
      if (this.pendingOctets >= CHUNK_OCTETS) this.flush(nowMs);
    }
  }

  /** Time passes: what waits goes to the disk, and what is old from it. To be called every second. */
  tick(nowMs: number): void {
    this.flush(nowMs);
    this.files.expire((nowMs - this.options.keepMs) * 1000);
  }

  private flush(nowMs: number): void {
    if (this.lines.length === 0) return;
    const elapsedMs = nowMs - this.startMs;
    if (!(elapsedMs < this.fileMs && elapsedMs >= 0) || this.octetsInFile > this.fileBytes) {
      this.files.begin(nowMs * 1000);
      this.startMs = nowMs;
      this.octetsInFile = 0;
    }
    const { lines } = this;
    const bytes = Buffer.from(lines.join(''), 'utf8');
    this.lines = [];
    this.pendingOctets = 0;
    this.waitingOctets += bytes.length;
    this.octetsInFile += bytes.length;
    this.files.append(bytes, (isWritten) => {
      this.waitingOctets -= bytes.length;
      if (isWritten) this.written += lines.length;
      else {
        this.losses.total += lines.length;
        this.startMs = Number.NaN;
      }
    });
  }

  /** Writes what is left. */
  async close(nowMs: number): Promise<void> {
    this.flush(nowMs);
    await this.files.close();
  }

  /** Records lost since this was last asked, and why. */
  takeLosses(): DiskLosses {
    return diskLosses(this.losses, this.files);
  }

  /** The holds on it. */
  get held(): HeldPlace {
    return this.files.held;
  }

  /** Where it stands. */
  status(): HistoryStatus {
    const { files, bytes } = this.files.extent;
    return { files, bytes, records: this.written, lost: this.losses.total, problem: this.files.problem };
  }
}
