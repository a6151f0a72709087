import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectBytes, temporaryDirectory } from './collect-packets.ts';
import { concat, fields, type PcapRecord, pattern, pcapFile } from './write-captures.ts';

const directory = temporaryDirectory();
const path = join(directory, 'capture.pcap');

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function records(count: number): PcapRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    seconds: 1_700_000_000 + index,
    fraction: 999_999 - index,
    data: pattern(20 + index, index),
  }));
}

describe('variants', () => {
  test.each([
    ['microseconds, little-endian', { littleEndian: true, magic: 0xa1b2c3d4 }, 1],
    ['microseconds, big-endian', { littleEndian: false, magic: 0xa1b2c3d4 }, 1],
    ['nanoseconds, little-endian', { littleEndian: true, magic: 0xa1b23c4d }, 1000],
    ['nanoseconds, big-endian', { littleEndian: false, magic: 0xa1b23c4d }, 1000],
    ['modified, little-endian', { littleEndian: true, magic: 0xa1b2cd34 }, 1],
    ['modified, big-endian', { littleEndian: false, magic: 0xa1b2cd34 }, 1],
  ])('%s', (_, shape, ticks) => {
    const { packets, problems, inputs } = collectBytes(
      directory,
      pcapFile({ ...shape, linkType: 113 }, [
        { seconds: 1_700_000_000, fraction: 123_456 * ticks, data: pattern(30) },
        { seconds: 4_294_967_295, fraction: 5 * ticks, data: pattern(3, 9), original: 1500 },
      ]),
      { input: 4 },
    );
    expect(packets).toEqual([
      {
        hex: hex(pattern(30)),
        wire: 30,
        timeUs: 1_700_000_000_123_456,
        linkType: 113,
        input: 4,
        frame: 1,
      },
      {
        hex: hex(pattern(3, 9)),
        wire: 1500,
        timeUs: 4_294_967_295_000_005,
        linkType: 113,
        input: 4,
        frame: 2,
      },
    ]);
    expect(problems).toEqual([]);
    expect(inputs).toEqual([
      { path, format: 'pcap', linkTypes: [113], packets: 2, bytes: 1530, dropped: null, delivered: null },
    ]);
  });

  test('nanoseconds keep a quarter of a microsecond', () => {
    const file = pcapFile({ magic: 0xa1b23c4d }, [
      { seconds: 1_700_000_000, fraction: 123_456_250, data: pattern(1) },
      { seconds: 1_700_000_000, fraction: 999_999_999, data: pattern(1) },
    ]);
    const { packets } = collectBytes(directory, file);
    expect(packets[0]?.timeUs).toBe(1_700_000_000_123_456 + 0.25);
    expect(packets[1]?.timeUs).toBe(1_700_000_001_000_000);
  });

  test('the link type is the low 16 bits, above them is the length of the frame check sequence', () => {
    const { inputs, packets } = collectBytes(directory, pcapFile({ linkType: 0xf4000001 }, records(1)));
    expect(inputs[0]?.linkTypes).toEqual([1]);
    expect(packets[0]?.linkType).toBe(1);
  });

  test('a file header alone is a capture without packets', () => {
    const { packets, problems, inputs } = collectBytes(directory, pcapFile({}, []));
    expect(packets).toEqual([]);
    expect(problems).toEqual([]);
    expect(inputs[0]).toMatchObject({ format: 'pcap', packets: 0, bytes: 0, linkTypes: [1] });
  });

  test('another major version is refused', () => {
    const { packets, problems } = collectBytes(directory, pcapFile({ version: [3, 1] }, records(2)));
    expect(packets).toEqual([]);
    expect(problems).toEqual([
      {
        path,
        offset: 0,
        code: 'unsupported_version',
        fatal: true,
        text: `${path}: pcap version 3.1 is not supported, expected 2.x; rewrite it with "editcap -F pcap"`,
      },
    ]);
  });
});

describe('lengths', () => {
  test('a wire length below the captured one is the captured one', () => {
    const file = pcapFile({}, [
      { seconds: 1, fraction: 0, data: pattern(40), original: 10 },
      { seconds: 1, fraction: 0, data: pattern(40), original: 0xffffffff },
    ]);
    const { packets, inputs } = collectBytes(directory, file);
    expect(packets.map((packet) => packet.wire)).toEqual([40, 40]);
    expect(inputs[0]?.bytes).toBe(80);
  });

  test('a record longer than the snaplen, up to 256 KiB, is taken', () => {
    const data = pattern(262_144);
    const file = pcapFile({ snaplen: 96 }, [{ seconds: 1, fraction: 0, data }]);
    for (const chunkBytes of [100, 65_536, 1 << 20]) {
      const { packets, problems } = collectBytes(directory, file, { chunkBytes });
      expect(problems).toEqual([]);
      expect(packets.map((packet) => packet.hex)).toEqual([hex(data)]);
    }
  });

  test('an empty record is a packet', () => {
    const file = pcapFile({}, [{ seconds: 1, fraction: 0, data: new Uint8Array(0), original: 60 }]);
    expect(collectBytes(directory, file).packets).toMatchObject([{ hex: '', wire: 60, frame: 1 }]);
  });

  test.each([262_145, 0xffffffff])('a record that claims %i bytes ends the reading', (claimed) => {
    const file = pcapFile({}, [
      ...records(2),
      { seconds: 1, fraction: 0, data: pattern(300_000), claimed },
      ...records(1),
    ]);
    const offset = 24 + 16 + 20 + 16 + 21;
    const { packets, problems } = collectBytes(directory, file);
    expect(packets.length).toBe(2);
    expect(problems).toEqual([
      {
        path,
        offset,
        code: 'bad_record',
        fatal: true,
        text:
          `${path}: packet 3 at byte ${offset} claims ${claimed} bytes, a packet has at most 262144; ` +
          'the file is damaged from there, the 2 packets before it were read',
      },
    ]);
  });
});

describe('cut files', () => {
  test('in the data of a packet', () => {
    const file = pcapFile({}, records(3));
    const { packets, problems } = collectBytes(directory, file.subarray(0, file.length - 5));
    expect(packets.length).toBe(2);
    const offset = 24 + 36 + 37;
    expect(problems).toEqual([
      {
        path,
        offset,
        code: 'truncated_file',
        fatal: true,
        text:
          `${path}: cut in the middle of packet 3 at byte ${offset} (needs 38 bytes, 33 left); ` +
          'the 2 packets before it were read',
      },
    ]);
  });

  test('in the header of a packet', () => {
    const file = pcapFile({ magic: 0xa1b2cd34 }, records(1));
    const { packets, problems } = collectBytes(directory, concat(file, pattern(23)));
    expect(packets.length).toBe(1);
    expect(problems[0]?.text).toBe(
      `${path}: cut in the middle of packet 2 at byte 68 (needs at least 24 bytes, 23 left); ` +
        'the 1 packet before it was read',
    );
  });

  test('in the file header', () => {
    const { problems, inputs } = collectBytes(directory, pcapFile({}, []).subarray(0, 23));
    expect(problems).toMatchObject([{ code: 'truncated_file', offset: 0 }]);
    expect(problems[0]?.text).toBe(
      `${path}: cut in the middle of the pcap file header (needs 24 bytes, 23 there)`,
    );
    expect(inputs[0]?.format).toBe('pcap');
  });
});

test('more packets than a batch holds come in several batches', () => {
  const record = pcapFile({}, [{ seconds: 5, fraction: 6, data: pattern(4) }]).subarray(24);
  const file = concat(pcapFile({}, []), ...Array.from({ length: 20_000 }, () => record));
  const { packets, batches, inputs } = collectBytes(directory, file, { chunkBytes: 1 << 20 });
  expect(batches).toEqual([8192, 8192, 3616]);
  expect(packets.map((packet) => packet.frame)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
  expect(inputs[0]).toMatchObject({ packets: 20_000, bytes: 80_000 });
});

test('one file after the other: a source keeps no state of another', () => {
  const first = collectBytes(directory, pcapFile({}, records(3)));
  const second = collectBytes(directory, concat(pcapFile({ littleEndian: false }, records(3)), fields(true)));
  expect(second.packets).toEqual(first.packets);
});
