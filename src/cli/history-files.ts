import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { linesOf } from '../store/json-lines.ts';
import { segmentsIn } from '../store/segment-files.ts';

/**
 * The lines of what `earshot live` told, in the order of the files: those it wrote with `--json`, and directories of
 * `--history`. Null when a file begins otherwise, as captures do. Throws what the file system says.
 */
export function historyLines(paths: readonly string[]): Iterable<string> | null {
  const files = paths.flatMap((path) => {
    if (path === '-' || !statSync(path).isDirectory()) return [path];
    return segmentsIn(path, 'ndjson').map((segment) => segment.path);
  });
  if (files.length === 0 || !files.every(startsAsJson)) return null;
  return allLines(files);
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
