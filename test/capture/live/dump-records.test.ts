import { describe, expect, test } from 'vitest';
import { type DumpPosition, readDumpRecords } from '../../../src/capture/live/dump-records.ts';
import { createBatch } from '../../../src/packet/batch.ts';

function record(seconds: number, fraction: number, octets: number[], wire = octets.length): number[] {
  return [...new Uint8Array(new Uint32Array([seconds, fraction, octets.length, wire]).buffer), ...octets];
}

function read(bytes: number[], { end = bytes.length, capacity = 8, from = 0 } = {}) {
  const batch = createBatch(Uint8Array.from(bytes), capacity);
  const position: DumpPosition = { next: 0, wireBytes: 0 };
  readDumpRecords(batch, from, end, 1000, position);
  const packets = Array.from({ length: batch.count }, (_, i) => {
    const start = batch.offset[i]!;
    return [...batch.bytes.subarray(start, start + batch.capturedLength[i]!)];
  });
  return { batch, packets, position };
}

const two = [...record(1_700_000_000, 500_250, [1, 2, 3], 1000), ...record(4_000_000_000, 1000, [4])];

describe('what pcap_dump writes', () => {
  test('is read where it lies', () => {
    const { batch, packets, position } = read(two);
    expect(packets).toEqual([[1, 2, 3], [4]]);
    expect([...batch.originalLength.subarray(0, 2)]).toEqual([1000, 1]);
    expect([...batch.timeUs.subarray(0, 2)]).toEqual([1.7e15 + 500.25, 4_000_000_000_000_001]);
    expect(position).toEqual({ next: two.length, wireBytes: 1001 });
  });

  test('goes on where a full batch ended', () => {
    const first = read(two, { capacity: 1 });
    expect([first.packets, first.position.next]).toEqual([[[1, 2, 3]], 19]);
    expect(read(two, { capacity: 1, from: 19 }).packets).toEqual([[4]]);
  });

  test('is never read beyond its end', () => {
    for (let end = 0; end < two.length; end++) {
      const { packets, position } = read(two, { end });
      expect(packets.length).toBe(end < 19 ? 0 : 1);
      expect(position.next).toBe(end < 19 ? 0 : 19);
    }
    const lying = record(1, 1, [1, 2]);
    lying[8] = 255;
    lying[11] = 255;
    expect(read(lying).packets).toEqual([]);
  });
});
