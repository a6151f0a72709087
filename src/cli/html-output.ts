import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { systemCode } from '../capture/errors.ts';
import { writeOut } from './output.ts';

/** A report could not be written to its file. */
export class ReportFileError extends Error {
  constructor(path: string, cause: unknown, what = 'the report') {
    const code = systemCode(cause);
    super(`${path}: ${what} cannot be written: ${REASONS[code] ?? code}`, { cause });
    this.name = 'ReportFileError';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'no such directory (a part of the path is a file)',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory, give the name of a file',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
};

/**
 * A file that a report is written to. It is opened before the captures are read, so that a wrong path is known at once,
 * and takes its name when it is complete: a report that was there before stays until then. `-` is standard output.
 */
export class ReportFile {
  private readonly path: string;
  private readonly what: string;
  private readonly partial: string | null;
  private descriptor: number;

  /**
   * Throws `ReportFileError`.
   *
   * @param what how it is called in errors
   * @param mode rights of a new file, before the umask
   */
  constructor(path: string, what = 'the report', mode = 0o666) {
    this.path = path;
    this.what = what;
    this.partial = path === '-' || this.isSpecial() ? null : `${path}.${process.pid}.partial`;
    this.descriptor = path === '-' ? -1 : this.attempt(() => openSync(this.partial ?? path, 'w', mode));
  }

  /** Writes a piece; throws `ReportFileError`. */
  write(piece: string | Uint8Array): void {
    if (this.descriptor < 0) {
      writeOut(piece);
      return;
    }
    this.attempt(() => {
      const bytes = typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece;
      for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    });
  }

  /** The report is complete. */
  finish(): void {
    if (this.descriptor < 0) return;
    this.attempt(() => {
      closeSync(this.descriptor);
      this.descriptor = -1;
      if (this.partial !== null) renameSync(this.partial, this.path);
    });
  }

  /** Leaves nothing behind of a report that was not finished. */
  discard(): void {
    if (this.descriptor < 0) return;
    closeSync(this.descriptor);
    this.descriptor = -1;
    if (this.partial !== null) rmSync(this.partial, { force: true });
  }

  private attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw new ReportFileError(this.path, cause, this.what);
    }
  }

  /** A device or a pipe keeps its name. A directory is no place for a report. */
  private isSpecial(): boolean {
    const stats = this.attempt(() => statSync(this.path, { throwIfNoEntry: false }));
    if (stats?.isDirectory()) {
      throw new ReportFileError(this.path, Object.assign(new Error(), { code: 'EISDIR' }), this.what);
    }
    return stats !== undefined && !stats.isFile();
  }
}
