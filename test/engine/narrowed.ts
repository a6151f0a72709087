import { batchesOf } from '../batches.ts';
import { type PcapRecord, pcapFile } from '../capture/write-captures.ts';
import { frameFragments } from '../packet/fragmenting.ts';

/** The capture as behind a link that lets fragments of `size` octets through, or the first of each only. */
export function narrowed(pcap: Uint8Array, size: number, isFirstOnly = false): Uint8Array {
  const records: PcapRecord[] = [];
  for (const { bytes, offset, capturedLength, timeUs, count } of batchesOf(pcap)) {
    for (let i = 0; i < count; i++) {
      const seconds = Math.floor(timeUs[i]! / 1e6);
      const fraction = timeUs[i]! - seconds * 1e6;
      const frame = bytes.subarray(offset[i]!, offset[i]! + capturedLength[i]!);
      const pieces = frameFragments(frame, size, (records.length % 0xffff) + 1);
      for (const data of isFirstOnly ? pieces.slice(0, 1) : pieces) records.push({ seconds, fraction, data });
    }
  }
  return pcapFile({}, records);
}
