import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockReader, type BlockReaderOptions } from '../../../src/capture/live/ring-block.ts';
import { createBatch, type PacketBatch } from '../../../src/packet/batch.ts';
import { BLOCK_BYTES, RingBytes, type RingPacket } from './ring-bytes.ts';

const ETHERNET: BlockReaderOptions = {
  blockBytes: BLOCK_BYTES,
  cooked: false,
  vlanOffset: 12,
  skipOutgoing: false,
  gluedAbove: 1522,
};
const VLAN_VALID = 1 << 4;
const TPID_VALID = 1 << 6;

function frameOf(...first: number[]): Uint8Array {
  return Uint8Array.from({ length: 60 }, (_, i) => first[i] ?? i);
}

function packetsOf(batch: PacketBatch): number[][] {
  return Array.from({ length: batch.count }, (_, i) => {
    const start = batch.offset[i]!;
    return [...batch.bytes.subarray(start, start + batch.capturedLength[i]!)];
  });
}

function setUp(packets: readonly RingPacket[], options: Partial<BlockReaderOptions> = {}, capacity = 64) {
  const ring = new RingBytes(2);
  const headers = ring.fill(1, packets);
  const reader = new BlockReader(ring.bytes, { ...ETHERNET, ...options });
  return { ring, headers, reader, batch: createBatch(ring.bytes, capacity) };
}

describe('a block of the ring', () => {
  test('is read where it lies, with nanoseconds and both lengths', () => {
    const { ring, reader, batch } = setUp([
      { frame: frameOf(1), seconds: 1_700_000_000, nanoseconds: 123_456_789, originalLength: 1400 },
      { frame: frameOf(2), seconds: 4_000_000_000, nanoseconds: 1 },
    ]);
    expect([reader.isReady(0), reader.isReady(1)]).toEqual([false, true]);
    reader.open(1);
    expect(reader.left).toBe(2);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([[...frameOf(1)], [...frameOf(2)]]);
    expect([...batch.originalLength.subarray(0, 2)]).toEqual([1400, 60]);
    expect(batch.timeUs[0]).toBeCloseTo(1_700_000_000 * 1e6 + 123_456.75, 0);
    expect(batch.timeUs[1]).toBe(4e15 + 0.001);
    expect(reader).toMatchObject({ packets: 2, bytes: 1460, malformed: 0, left: 0, glued: 0 });
    reader.giveBack(1);
    expect([ring.status(1), reader.isReady(1)]).toEqual([0, false]);
  });

  test('tells when its first packet was stamped, before it is read', () => {
    const { ring, reader } = setUp([
      { frame: frameOf(1), seconds: 1_700_000_000, nanoseconds: 500_000 },
      { frame: frameOf(2), seconds: 1_700_000_001 },
    ]);
    expect(reader.firstUs(1)).toBe(1_700_000_000 * 1e6 + 500);
    // Without packets, or with a place outside of the block.
    expect(reader.firstUs(0)).toBe(0);
    for (const place of [4, 50, BLOCK_BYTES - 47, 0xffffffff]) {
      ring.view.setUint32(BLOCK_BYTES + 16, place, true);
      expect(reader.firstUs(1)).toBe(0);
    }
  });

  test('is cut into batches where it holds more than one', () => {
    const frames = Array.from({ length: 7 }, (_, i) => ({ frame: frameOf(i) }));
    const { reader, batch } = setUp(frames, {}, 3);
    reader.open(1);
    const counts: number[][] = [];
    while (reader.left > 0) {
      reader.fill(batch);
      counts.push(packetsOf(batch).map((packet) => packet[0]!));
    }
    expect(counts).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  test('may be empty', () => {
    const { reader } = setUp([]);
    reader.open(1);
    expect([reader.left, reader.malformed]).toEqual([0, 0]);
  });

  test('shows loopback once', () => {
    const { reader, batch } = setUp(
      [
        { frame: frameOf(1), packetType: 4 },
        { frame: frameOf(2), packetType: 0 },
      ],
      { skipOutgoing: true },
    );
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch).map((packet) => packet[0])).toEqual([2]);
    expect(reader.packets).toBe(1);
  });

  test('counts what was glued together', () => {
    const { reader, batch } = setUp([
      { frame: frameOf(), originalLength: 1522 },
      { frame: frameOf(), originalLength: 1523 },
    ]);
    reader.open(1);
    reader.fill(batch);
    expect([batch.count, reader.glued]).toEqual([2, 1]);
  });
});

describe('a VLAN tag that the card took off', () => {
  const addresses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const rest = [...frameOf()].slice(12);

  test.each([
    ['802.1Q', { status: 1 | VLAN_VALID, vlanTci: 0x6123 }, [0x81, 0, 0x61, 0x23]],
    ['802.1ad', { status: 1 | VLAN_VALID | TPID_VALID, vlanTci: 42, vlanTpid: 0x88a8 }, [0x88, 0xa8, 0, 42]],
    ['priority only', { status: 1 | VLAN_VALID, vlanTci: 0 }, [0x81, 0, 0, 0]],
  ])('is put back: %s', (_name, fields, tag) => {
    const { reader, batch } = setUp([{ frame: frameOf(...addresses), originalLength: 600, ...fields }]);
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([[...addresses, ...tag, ...rest]]);
    expect(batch.originalLength[0]).toBe(604);
  });

  test('is only put back where the kernel says there was one', () => {
    const { reader, batch } = setUp([{ frame: frameOf(...addresses), vlanTci: 7, vlanTpid: 0x8100 }]);
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([[...addresses, ...rest]]);
  });

  test('does not go where there is no room, or no address before it', () => {
    const tagged = { status: 1 | VLAN_VALID, vlanTci: 7 };
    const { reader, batch } = setUp([
      { frame: frameOf(...addresses), mac: 70, ...tagged },
      { frame: Uint8Array.of(1, 2, 3), ...tagged },
    ]);
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([
      [...addresses, ...rest],
      [1, 2, 3],
    ]);
  });
});

describe('an interface with a header of its own', () => {
  const cooked = { cooked: true, vlanOffset: 14 };
  const from = { packetType: 4, hardwareType: 512, protocol: 0x86dd, address: [9, 8, 7, 6, 5, 4], mac: 100 };
  const sll = [0, 4, 2, 0, 0, 6, 9, 8, 7, 6, 5, 4, 0, 0];

  test('gets a "Linux cooked" one', () => {
    const { reader, batch } = setUp([{ frame: Uint8Array.of(0x60, 1), ...from }], cooked);
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([[...sll, 0x86, 0xdd, 0x60, 1]]);
    expect(batch.originalLength[0]).toBe(18);
  });

  test('with the tag in it', () => {
    const packet = { frame: Uint8Array.of(0x60), ...from, status: 1 | VLAN_VALID, vlanTci: 5 };
    const { reader, batch } = setUp([packet], cooked);
    reader.open(1);
    reader.fill(batch);
    expect(packetsOf(batch)).toEqual([[...sll, 0x81, 0, 0, 5, 0x86, 0xdd, 0x60]]);
  });
});

describe('a block that lies', () => {
  const frames = [{ frame: frameOf(1) }, { frame: frameOf(2) }, { frame: frameOf(3) }];

  test.each<[string, (view: DataView, block: number, headers: number[]) => void]>([
    ['more packets than there are', (view, block) => view.setUint32(block + 12, 4, true)],
    ['more packets than fit', (view, block) => view.setUint32(block + 12, 0xffffffff, true)],
    ['longer than itself', (view, block) => view.setUint32(block + 20, BLOCK_BYTES + 8, true)],
    ['first packet in its header', (view, block) => view.setUint32(block + 16, 8, true)],
    ['first packet outside', (view, block) => view.setUint32(block + 16, BLOCK_BYTES - 8, true)],
    ['first packet at an odd place', (view, block) => view.setUint32(block + 16, 49, true)],
    ['next packet outside', (view, _, [first]) => view.setUint32(first!, BLOCK_BYTES, true)],
    ['next packet far outside', (view, _, [first]) => view.setUint32(first!, 0xfffffff8, true)],
    ['next packet in the same place', (view, _, [first]) => view.setUint32(first!, 8, true)],
    ['no next packet', (view, _, [first]) => view.setUint32(first!, 0, true)],
    ['packet longer than the block', (view, _, [, second]) => view.setUint32(second! + 12, 5000, true)],
    [
      'packet much longer than the block',
      (view, _, [, second]) => view.setUint32(second! + 12, 0xfffffff0, true),
    ],
    ['packet in its own header', (view, _, [, second]) => view.setUint16(second! + 24, 8, true)],
    ['packet behind the block', (view, _, [, , third]) => view.setUint16(third! + 24, 0xffff, true)],
  ])('is dropped and counted: %s', (_name, spoil) => {
    const { ring, reader, headers, batch } = setUp(frames);
    spoil(ring.view, BLOCK_BYTES, headers);
    reader.open(1);
    batch.count = 99;
    if (reader.left > 0) reader.fill(batch);
    else batch.count = 0;
    expect([batch.count, reader.left, reader.malformed, reader.packets]).toEqual([0, 0, 1, 0]);
  });

  test('never makes anything outside be read or written, whatever it says', () => {
    const numbers = fc.constantFrom(
      0,
      1,
      7,
      8,
      47,
      48,
      68,
      86,
      100,
      4000,
      4096,
      4097,
      0x7fffffff,
      0xffffffff,
    );
    const places = fc.integer({ min: 0, max: 127 });
    const spoiled = fc.array(fc.tuple(places, numbers), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(spoiled, fc.boolean(), (changes, cooked) => {
        const ring = new RingBytes(3);
        ring.fill(1, [...frames, { frame: frameOf(4), status: 1 | VLAN_VALID, vlanTci: 3 }]);
        for (const [word, value] of changes) {
          ring.view.setUint32(BLOCK_BYTES + 12 + 4 * (word % 100), value, true);
        }
        const before = ring.bytes.slice();
        const options = cooked ? { cooked, vlanOffset: 14 } : {};
        const reader = new BlockReader(ring.bytes, { ...ETHERNET, ...options });
        const batch = createBatch(ring.bytes, 4);
        reader.open(1);
        let turns = 0;
        while (reader.left > 0 && turns++ < 1000) {
          reader.fill(batch);
          const starts = batch.offset.subarray(0, batch.count);
          const ends = starts.map((start, i) => start + batch.capturedLength[i]!);
          expect(starts.every((start) => start >= BLOCK_BYTES)).toBe(true);
          expect(ends.every((end) => end <= 2 * BLOCK_BYTES)).toBe(true);
        }
        expect(turns).toBeLessThan(1000);
        const block = ring.bytes.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES);
        before.set(block, BLOCK_BYTES);
        expect(Buffer.compare(before, ring.bytes)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
