import type { PacketBatch } from '../../packet/batch.ts';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const SNAP_LENGTH = 262_144;

/** Head of a pcap with stamps in nanoseconds. `linkType`: LINKTYPE of all its packets. */
export function pcapHead(linkType: number): Buffer {
  const head = Buffer.alloc(FILE_HEADER);
  head.writeUInt32LE(MAGIC_NANOSECONDS, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(SNAP_LENGTH, 16);
  head.writeUInt32LE(linkType, 20);
  return head;
}

/** The packets of a batch as records of such a pcap. Stamps keep what a double holds of them, about a quarter of a microsecond. */
export function pcapRecords({
  count,
  bytes,
  offset,
  capturedLength,
  originalLength,
  timeUs,
}: PacketBatch): Buffer {
  let length = 0;
  for (let i = 0; i < count; i++) length += RECORD_HEADER + capturedLength[i]!;
  const records = Buffer.allocUnsafe(length);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const captured = capturedLength[i]!;
    const seconds = Math.floor(timeUs[i]! / 1e6);
    records.writeUInt32LE(seconds, at);
    records.writeUInt32LE(Math.floor((timeUs[i]! - seconds * 1e6) * 1000), at + 4);
    records.writeUInt32LE(captured, at + 8);
    records.writeUInt32LE(originalLength[i]!, at + 12);
    records.set(bytes.subarray(offset[i]!, offset[i]! + captured), at + RECORD_HEADER);
    at += RECORD_HEADER + captured;
  }
  return records;
}
