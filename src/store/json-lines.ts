import { isAscii } from 'node:buffer';
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
    const decoder = new Utf8();
    for (let n = readSync(descriptor, buffer); n > 0; n = readSync(descriptor, buffer)) {
      const text = decoder.text(buffer.subarray(0, n));
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        yield from === 0 ? rest + text.slice(0, end) : text.slice(from, end);
        from = end + 1;
      }
      rest = ((from === 0 ? rest : '') + text.slice(from)).slice(0, LINE_MAX);
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(descriptor);
  }
}

/** UTF-8 in pieces. Nearly all of what is written is ASCII, of which the text is known without decoding. */
class Utf8 {
  private readonly decoder = new TextDecoder();
  /** Before the first octet there may be a byte order mark; after others than ASCII part of a character may wait. */
  private isBetween = false;

  text(bytes: Buffer): string {
    if (this.isBetween && isAscii(bytes)) return bytes.toString('latin1');
    this.isBetween = bytes.length > 0 && bytes.at(-1)! < 0x80;
    return this.decoder.decode(bytes, { stream: true });
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
