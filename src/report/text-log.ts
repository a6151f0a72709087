import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** Text that does not fit in memory could not be put aside on disk, or not be read back. */
export class ReportStorageError extends Error {
  /** The system's name of the error (`ENOSPC`, `EACCES`, ...), or `UNKNOWN`. */
  readonly code: string;

  constructor(action: string, directory: string, cause: unknown) {
    const code =
      cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN';
    super(`cannot ${action} in ${directory} (${code}); set TMPDIR to a directory with enough free space`, {
      cause,
    });
    this.name = 'ReportStorageError';
    this.code = code;
  }
}

/** Texts on their way to the file are collected: a write for each would cost more than making them. */
const PENDING_SIZE = 256 * 1024;

/**
 * Append-only text with a memory budget. What goes beyond the budget is kept in a temporary file. The file is
 * removed from its directory as soon as it is open, where the system allows that, so that not even a kill leaves
 * call data behind; else on `close` or at the end of the process.
 */
export class TextLog {
  /** Bytes held in memory and on disk. */
  memoryBytes = 0;
  diskBytes = 0;
  private memory = Buffer.alloc(0);
  private file = -1;
  /** The end of the file's text that is not written yet. */
  private pending = Buffer.alloc(0);
  private pendingBytes = 0;
  private ownDirectory: string | null = null;
  private readonly budgetBytes: number;
  private readonly parentDirectory: string;
  private readonly removeAtExit = (): void => this.remove();

  constructor(budgetBytes: number, parentDirectory: string = os.tmpdir()) {
    this.budgetBytes = budgetBytes;
    this.parentDirectory = parentDirectory;
  }

  /** Where the next text will start. */
  get end(): number {
    return this.memoryBytes + this.diskBytes;
  }

  /** Appends a text and answers its length in bytes. Its offset was `end` before the call. */
  append(text: string): number {
    const length = Buffer.byteLength(text);
    // Once a text went to disk all others follow: offsets below `memoryBytes` are in memory, the others on disk.
    if (this.diskBytes > 0 || this.memoryBytes + length > this.budgetBytes) {
      this.appendToFile(text, length);
      return length;
    }
    // All of the budget: the system gives pages as they are written to, and nothing has to be moved.
    if (this.memory.length === 0) this.memory = Buffer.allocUnsafeSlow(this.budgetBytes);
    this.memory.write(text, this.memoryBytes);
    this.memoryBytes += length;
    return length;
  }

  /** The text at an offset. */
  read(offset: number, length: number): string {
    if (offset < this.memoryBytes) return this.memory.toString('utf8', offset, offset + length);
    if (offset + length > this.end - this.pendingBytes) this.flush();
    const bytes = Buffer.allocUnsafe(length);
    try {
      for (let done = 0; done < length; ) {
        const count = fs.readSync(this.file, bytes, done, length - done, offset - this.memoryBytes + done);
        if (count === 0) throw new Error('the temporary file is shorter than what was written to it');
        done += count;
      }
    } catch (cause) {
      throw new ReportStorageError('read the report back', this.parentDirectory, cause);
    }
    return bytes.toString('utf8');
  }

  /** Lets go of the memory and of the file. Reading is over after this. */
  close(): void {
    this.memory = Buffer.alloc(0);
    this.pending = Buffer.alloc(0);
    this.pendingBytes = 0;
    if (this.file >= 0) fs.closeSync(this.file);
    this.file = -1;
    this.remove();
  }

  private appendToFile(text: string, length: number): void {
    if (this.file < 0) this.open();
    if (this.pendingBytes + length > PENDING_SIZE) this.flush();
    if (length > this.pending.length) this.pending = Buffer.allocUnsafe(Math.max(PENDING_SIZE, length));
    this.pending.write(text, this.pendingBytes);
    this.pendingBytes += length;
    this.diskBytes += length;
  }

  private flush(): void {
    const start = this.diskBytes - this.pendingBytes;
    try {
      // A full disk may take a part of it without an error; the next write then says why.
      for (let done = 0; done < this.pendingBytes; ) {
        done += fs.writeSync(this.file, this.pending, done, this.pendingBytes - done, start + done);
      }
    } catch (cause) {
      throw new ReportStorageError('put the report aside', this.parentDirectory, cause);
    }
    this.pendingBytes = 0;
  }

  private open(): void {
    try {
      this.ownDirectory = fs.mkdtempSync(path.join(this.parentDirectory, 'earshot-'));
      process.once('exit', this.removeAtExit);
      this.file = fs.openSync(path.join(this.ownDirectory, 'records.ndjson'), 'wx+', 0o600);
    } catch (cause) {
      throw new ReportStorageError('put the report aside', this.parentDirectory, cause);
    }
    this.remove();
  }

  private remove(): void {
    if (this.ownDirectory === null) return;
    try {
      fs.rmSync(this.ownDirectory, { recursive: true, force: true });
    } catch {
      // Some systems do not remove a file that is open. It is tried again after closing and at exit.
      return;
    }
    this.ownDirectory = null;
    process.removeListener('exit', this.removeAtExit);
  }
}
