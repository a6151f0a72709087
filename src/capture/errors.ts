/** An input that cannot be opened at all. What is found wrong while reading is a `CaptureProblem` instead. */
export class CaptureError extends Error {
  /** The system's error name (`ENOENT`, `EACCES`, `EISDIR`, ...), or `TERMINAL` for a keyboard as input. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CaptureError';
    this.code = code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied; run as a user who may read it',
  EPERM: 'permission denied; run as a user who may read it',
  EISDIR: 'is a directory, expected a capture file',
  ENOTDIR: 'no such file (a part of the path is not a directory)',
  EMFILE: 'too many open files; raise the limit (ulimit -n) or read fewer files at once',
  ENXIO: 'cannot be read as a file',
};

/** The system's name of an error (`ENOENT`), or `UNKNOWN` when it has none. */
export function systemCode(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return 'UNKNOWN';
}

/** What a system error means, in words and with what to do about it. */
function systemReason(cause: unknown): string {
  return reasonOf(systemCode(cause));
}

/** The same by the error's name. */
export function reasonOf(code: string): string {
  return REASONS[code] ?? `cannot be read (${code})`;
}

/** That something cannot be read, by its name and with what to do about it. */
export function unreadable(name: string, cause: unknown): CaptureError {
  return new CaptureError(systemCode(cause), `${name}: ${systemReason(cause)}`, cause);
}

/** How an input is called in messages: its path, or "standard input". */
export function inputName(path: string): string {
  return path === '-' ? 'standard input' : path;
}
