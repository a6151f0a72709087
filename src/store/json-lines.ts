import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 20;
/** What is longer is no record. */
const LINE_MAX = 1 << 24;

/**
 * The lines of a file, one after the other; memory holds one of them. Throws what the file system says.
 */
export function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK);
    let rest = '';
    const decoder = new TextDecoder();
    for (let n = readSync(descriptor, buffer); n > 0; n = readSync(descriptor, buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, n), { stream: true })).split('\n');
      rest = lines.pop()!.slice(0, LINE_MAX);
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(descriptor);
  }
}

/** The record that a line holds; null when it holds none, such as the last line of a file that is still written. */
export function recordIn(line: string): { type: string } | null {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === 'object' && record !== null && 'type' in record;
    return isRecord && typeof record.type === 'string' ? (record as { type: string }) : null;
  } catch {
    return null;
  }
}
