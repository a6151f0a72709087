import { endianness } from 'node:os';
import type { PacketBatch } from '../../packet/batch.ts';

/** Header of a record as `pcap_dump` writes it: seconds, fraction, captured and original length, 32 bits each. */
export const RECORD_HEADER = 16;

const LITTLE = endianness() === 'LE';

/** Where reading records ended. */
export interface DumpPosition {
  /** First octet that was not read. */
  next: number;
  /** Octets on the wire of the packets read. */
  wireBytes: number;
}

/**
 * Reads records as `pcap_dump` writes them, in the host's byte order, into a batch, until it is full, or the records end, or a
 * record goes beyond the end: then `next` stays where that one begins.
 *
 * @param from first octet of a record in `batch.bytes`
 * @param end one past the last octet
 * @param unitsPerUs of the stamps' fraction: 1000 for nanoseconds
 */
export function readDumpRecords(
  batch: PacketBatch,
  from: number,
  end: number,
  unitsPerUs: number,
  position: DumpPosition,
): void {
  const { view, offset, capturedLength, originalLength, timeUs } = batch;
  const room = offset.length;
  let at = from;
  let count = 0;
  let wire = 0;
  while (count < room && at + RECORD_HEADER <= end) {
    const captured = view.getUint32(at + 8, LITTLE);
    if (at + RECORD_HEADER + captured > end) break;
    const original = view.getUint32(at + 12, LITTLE);
    offset[count] = at + RECORD_HEADER;
    capturedLength[count] = captured;
    originalLength[count] = original < captured ? captured : original;
    timeUs[count] = view.getUint32(at, LITTLE) * 1e6 + view.getUint32(at + 4, LITTLE) / unitsPerUs;
    wire += original;
    at += RECORD_HEADER + captured;
    count++;
  }
  batch.count = count;
  position.next = at;
  position.wireBytes = wire;
}
