import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { systemCode } from '../capture/errors.ts';
import { writeOut } from './output.ts';

/** A report could not be written to its file. */
export class ReportFileError extends Error {
  constructor(path: string, cause: unknown) {
    const code = systemCode(cause);
    super(`${path}: the report cannot be written: ${REASONS[code] ?? code}`, { cause });
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
  private readonly partial: string | null;
  private descriptor: number;

  /** Throws `ReportFileError`. */
  constructor(path: string) {
    this.path = path;
    this.partial = path === '-' || isSpecial(path) ? null : `${path}.${process.pid}.partial`;
    this.descriptor = path === '-' ? -1 : attempt(path, () => openSync(this.partial ?? path, 'w', 0o666));
  }

  /** Writes a piece; throws `ReportFileError`. */
  write(text: string): void {
    if (this.descriptor < 0) {
      writeOut(text);
      return;
    }
    attempt(this.path, () => {
      const bytes = Buffer.from(text, 'utf8');
      for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    });
  }

  /** The report is complete. */
  finish(): void {
    if (this.descriptor < 0) return;
    attempt(this.path, () => {
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
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new ReportFileError(path, cause);
  }
}

/** A device or a pipe keeps its name. A directory is no place for a report. */
function isSpecial(path: string): boolean {
  const stats = attempt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats?.isDirectory()) throw new ReportFileError(path, Object.assign(new Error(), { code: 'EISDIR' }));
  return stats !== undefined && !stats.isFile();
}
