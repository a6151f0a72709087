import { createBatch, type PacketBatch } from '../src/packet/batch.ts';

/**
 * The packets of a little-endian pcap file in memory as batches of at most `perBatch`, for tests that feed the core
 * without files. Understands microsecond and nanosecond files of our own generator, nothing else.
 */
export function batchesOf(pcap: Uint8Array, perBatch = 1000): PacketBatch[] {
  const bytes = new Uint8Array(pcap);
  const view = new DataView(bytes.buffer);
  const nanoseconds = view.getUint32(0, true) === 0xa1b23c4d;
  const linkType = view.getUint32(20, true);
  const batches: PacketBatch[] = [];
  let batch = createBatch(bytes, perBatch);
  let offset = 24;
  let frame = 0;
  while (offset < bytes.length) {
    if (batch.count === perBatch) {
      batches.push(batch);
      batch = createBatch(bytes, perBatch);
    }
    const at = batch.count++;
    const captured = view.getUint32(offset + 8, true);
    batch.timeUs[at] =
      view.getUint32(offset, true) * 1e6 + view.getUint32(offset + 4, true) / (nanoseconds ? 1000 : 1);
    batch.offset[at] = offset + 16;
    batch.capturedLength[at] = captured;
    batch.originalLength[at] = view.getUint32(offset + 12, true);
    batch.linkType[at] = linkType;
    batch.frame[at] = ++frame;
    offset += 16 + captured;
  }
  batches.push(batch);
  return batches;
}
