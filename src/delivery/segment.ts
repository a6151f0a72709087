import { crc32 } from 'node:zlib';
import type { Batch } from './batch.ts';

/*
 * A segment of the spool is a file of batches, one behind the other. In front of each: a mark, the octets of the body, the
 * points in it, the CRC-32 of the body, and the CRC-32 of these four; 32 bits each, little endian.
 */

const MARK = 0x31505345;
export const HEAD_BYTES = 20;
/** A body is never longer: what says so is damage. */
export const BODY_BYTES_MAX = 16 << 20;

/** What stands in front of a batch. */
export interface BatchHead {
  bytes: number;
  points: number;
  crc: number;
}

/** A batch as it stands in a segment. */
export function segmentBytes({ points, body }: Batch): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  bytes.writeUInt32LE(MARK, 0);
  bytes.writeUInt32LE(body.length, 4);
  bytes.writeUInt32LE(points, 8);
  bytes.writeUInt32LE(crc32(body), 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  body.copy(bytes, HEAD_BYTES);
  return bytes;
}

/** Reads the head of a batch; null for anything else. */
export function readHead(bytes: Buffer): BatchHead | null {
  if (bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== MARK) return null;
  if (bytes.readUInt32LE(16) !== crc32(bytes.subarray(0, 16))) return null;
  const head = { bytes: bytes.readUInt32LE(4), points: bytes.readUInt32LE(8), crc: bytes.readUInt32LE(12) };
  return head.bytes <= BODY_BYTES_MAX ? head : null;
}

/** Is this the body that the head tells of? */
export function isWhole(head: BatchHead, body: Buffer): boolean {
  return body.length === head.bytes && crc32(body) === head.crc;
}
