import type { PacketBatch } from '../packet/batch.ts';
import type { ChunkReader } from './chunk-reader.ts';

/**
 * Most bytes that one captured packet may have. libpcap and Wireshark draw the line at the same place
 * (MAXIMUM_SNAPLEN, WTAP_MAX_PACKET_SIZE_STANDARD); a larger claim is damage, and believing it would let 4 bytes
 * of a broken file allocate gigabytes.
 */
export const MAX_CAPTURED_BYTES = 256 * 1024;

/** `parse` result: the batch is full. */
export const BATCH_FULL = 0;

/** `parse` result: a fatal problem was noted, nothing more will come. */
export const STOPPED = -1;

/** The reader of one file format. It keeps all state between chunks, so that any split gives the same packets. */
export interface FormatParser {
  /**
   * Appends the packets that lie complete in the reader's buffer to `batch`.
   *
   * @returns how many bytes from `reader.start` the next step needs (more than are there), `BATCH_FULL` or
   * `STOPPED`
   */
  parse(reader: ChunkReader, batch: PacketBatch): number;
  /** The input is at its end: notes a problem when that is in the middle of something. */
  finish(reader: ChunkReader): void;
}

/** "the 1233 packets before it were read": what survived, for the end of a fatal problem's text. */
export function packetsBefore(packets: number): string {
  if (packets === 0) return 'no packet was read before it';
  return packets === 1 ? 'the 1 packet before it was read' : `the ${packets} packets before it were read`;
}
