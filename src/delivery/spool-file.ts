import { open } from 'node:fs/promises';
import { type BatchHead, HEAD_BYTES, isWhole, readHead } from './segment.ts';

/** What a segment holds, and where it ceases to be readable. */
export interface Scanned {
  batches: number;
  points: number;
  /** Octets up to the end of the last batch that is there as a whole. */
  bytes: number;
  /** Octets behind that, and the points in them as far as they say. */
  damagedBytes: number;
  damagedPoints: number;
}

/** Read at one time when heads are looked for: bodies may be shorter by far, or longer. */
const CHUNK_BYTES = 64 << 10;

/** Reads heads only: bodies are checked when they are sent. */
export async function scanSegment(path: string): Promise<Scanned> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const found: Scanned = { batches: 0, points: 0, bytes: 0, damagedBytes: 0, damagedPoints: 0 };
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let chunk = { at: 0, bytes: 0 };
    while (found.bytes < size) {
      if (found.bytes + HEAD_BYTES > chunk.at + chunk.bytes) {
        const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, found.bytes);
        chunk = { at: found.bytes, bytes: bytesRead };
      }
      const head = readHead(buffer.subarray(found.bytes - chunk.at, chunk.bytes));
      if (head === null || found.bytes + HEAD_BYTES + head.bytes > size) {
        found.damagedBytes = size - found.bytes;
        found.damagedPoints = head?.points ?? 0;
        break;
      }
      found.batches++;
      found.points += head.points;
      found.bytes += HEAD_BYTES + head.bytes;
    }
    return found;
  } finally {
    await handle.close();
  }
}

/** A batch at a place of a segment; `body` is null where it is damaged, all is null where not even its head can be read. */
export async function batchAt(
  path: string,
  offset: number,
): Promise<{ head: BatchHead; body: Buffer<ArrayBuffer> | null } | null> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const got = await handle.read(bytes, 0, HEAD_BYTES, offset);
    const head = readHead(bytes.subarray(0, got.bytesRead));
    if (head === null) return null;
    const body = Buffer.alloc(head.bytes);
    const { bytesRead } = await handle.read(body, 0, head.bytes, offset + HEAD_BYTES);
    return { head, body: isWhole(head, body.subarray(0, bytesRead)) ? body : null };
  } finally {
    await handle.close();
  }
}
