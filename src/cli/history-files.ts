import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { CaptureError, unreadable } from '../capture/errors.ts';
import type { LiveRecord, StartRecord, StatusRecord } from '../live/live-records.ts';
import type { Pseudonyms } from '../privacy/pseudonyms.ts';
import { maskReported } from '../privacy/reported.ts';
import { linesOf, recordIn } from '../store/json-lines.ts';
import { segmentsIn } from '../store/segment.ts';

/**
 * The lines of what `earshot live` told, in the order of the files: those it wrote with `--json`, and directories of
 * `--history`. Null when a file begins otherwise, as captures do. Throws what the file system says.
 */
export function historyLines(paths: readonly string[]): Iterable<string> | null {
  const files = paths.flatMap((path) => {
    if (path === '-' || !isDirectory(path)) return [path];
    return segmentsIn(path, 'ndjson').map((segment) => segment.path);
  });
  if (files.length === 0 || !files.every(startsAsJson)) return null;
  return allLines(files);
}

/** The same, for who searches them. @throws {Error} where they are something else */
export function searchedLines(paths: readonly string[]): Iterable<string> {
  const lines = historyLines(paths);
  if (lines !== null) return lines;
  throw new Error(`${paths.join(', ')}: not what "earshot live" told; a capture is for "earshot replay"`);
}

/** Covers records. The names of all calls come first, for they may be quoted in the name of a group. */
export function coverOf(names: Pseudonyms, records: Iterable<{ type: string } | null>): <T>(record: T) => T {
  for (const record of records) if (record?.type === 'call') maskReported(names, record);
  return (record) => maskReported(names, record);
}

/**
 * The same lines, where nobody in them has a pseudonym already: pseudonyms of pseudonyms would be known nowhere else.
 *
 * @throws {CaptureError} at the first record that says so
 */
export function* withoutPseudonyms(lines: Iterable<string>): Generator<string> {
  for (const line of lines) {
    const { privacy = null, time = null } = standingIn(line) ?? {};
    if (privacy !== null) {
      const key = privacy.key === null ? 'a key that is gone' : `key ${privacy.key}`;
      const since = time === null ? '' : ` from ${time} on`;
      const text = `the history has pseudonyms already${since} (${key}); leave out --pseudonymise`;
      throw new CaptureError('KEY', text);
    }
    yield line;
  }
}

/** The start of a run, or where it stands, as far as the line says so. */
function standingIn(line: string): StartRecord | StatusRecord | null {
  if (!/^\{"type":"(?:start|status)"/.test(line) || !line.includes('"privacy"')) return null;
  return recordIn(line) as LiveRecord as StartRecord | StatusRecord;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* allLines(files: readonly string[]): Generator<string> {
  for (const file of files) yield* linesOf(file);
}

function startsAsJson(file: string): boolean {
  if (file === '-') return false;
  const first = Buffer.alloc(1);
  const descriptor = openSync(file, 'r');
  try {
    return readSync(descriptor, first) === 1 && first[0] === 0x7b;
  } finally {
    closeSync(descriptor);
  }
}
