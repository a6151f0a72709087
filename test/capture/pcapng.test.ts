import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectBytes, temporaryDirectory } from './collect-packets.ts';
import {
  block,
  concat,
  enhancedPacket,
  fields,
  interfaceBlock,
  oldPacket,
  option,
  pattern,
  section,
  simplePacket,
  statistics,
} from './write-captures.ts';

const directory = temporaryDirectory();
const path = join(directory, 'capture.pcap');
const read = (...parts: Uint8Array[]) => collectBytes(directory, concat(...parts));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const NOW_US = 1_700_000_000_123_456n;

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('%s', (_, le) => {
  test('interfaces with their own link type, resolution and offset', () => {
    const { packets, problems, inputs } = read(
      section(le, option(le, 4, pattern(5))),
      interfaceBlock(le, { linkType: 1 }),
      interfaceBlock(le, { linkType: 113, resolution: 9, options: option(le, 2, pattern(7)) }),
      interfaceBlock(le, { linkType: 276, resolution: 0x80 | 20, offsetSeconds: -3600n }),
      enhancedPacket(le, { data: pattern(61), ticks: NOW_US, original: 1500 }),
      enhancedPacket(le, { data: pattern(62), ticks: NOW_US * 1000n + 250n, interfaceId: 1 }),
      enhancedPacket(le, { data: pattern(63), ticks: (1_700_003_600n << 20n) + 1n, interfaceId: 2 }),
      oldPacket(le, { data: pattern(64), ticks: NOW_US, interfaceId: 0 }),
    );
    expect(problems).toEqual([]);
    const common = { input: 0 };
    const now = Number(NOW_US);
    expect(packets).toEqual([
      { ...common, hex: hex(pattern(61)), wire: 1500, timeUs: now, linkType: 1, frame: 1 },
      { ...common, hex: hex(pattern(62)), wire: 62, timeUs: now + 0.25, linkType: 113, frame: 2 },
      { ...common, hex: hex(pattern(63)), wire: 63, timeUs: 1_700_000_000_000_001, linkType: 276, frame: 3 },
      { ...common, hex: hex(pattern(64)), wire: 64, timeUs: now, linkType: 1, frame: 4 },
    ]);
    const bytes = 1500 + 62 + 63 + 64;
    expect(inputs).toEqual([
      { path, format: 'pcapng', linkTypes: [1, 113, 276], packets: 4, bytes, dropped: null, delivered: null },
    ]);
  });

  test('a packet with options, a packet without data', () => {
    const options = concat(option(le, 1, pattern(9)), option(le, 0, new Uint8Array(0)));
    const { packets, problems } = read(
      section(le),
      interfaceBlock(le),
      enhancedPacket(le, { data: pattern(5), options }),
      enhancedPacket(le, { data: new Uint8Array(0), original: 60 }),
    );
    expect(problems).toEqual([]);
    expect(packets).toMatchObject([{ hex: hex(pattern(5)) }, { hex: '', wire: 60 }]);
  });

  test('a new section changes the byte order and restarts the interfaces', () => {
    const { packets, problems, inputs } = read(
      section(le),
      interfaceBlock(le, { linkType: 1 }),
      interfaceBlock(le, { linkType: 101 }),
      enhancedPacket(le, { data: pattern(4), ticks: NOW_US, interfaceId: 1 }),
      section(!le, option(!le, 4, pattern(3))),
      interfaceBlock(!le, { linkType: 113, resolution: 3 }),
      enhancedPacket(!le, { data: pattern(5), ticks: 1_700_000_000_007n }),
      enhancedPacket(!le, { data: pattern(6), interfaceId: 1 }),
    );
    expect(packets.map(({ linkType, timeUs, frame }) => [linkType, timeUs, frame])).toEqual([
      [101, Number(NOW_US), 1],
      [113, 1_700_000_000_007_000, 2],
    ]);
    expect(problems).toMatchObject([{ code: 'bad_record', fatal: false }]);
    expect(problems[0]?.text).toMatch(/ names interface 1, 1 are declared; it was skipped$/);
    expect(inputs[0]?.linkTypes).toEqual([1, 101, 113]);
  });

  test('simple packets take the time of the packet before and are bounded by the snaplen', () => {
    const { packets, problems } = read(
      section(le),
      interfaceBlock(le, { linkType: 228, snaplen: 10 }),
      simplePacket(le, { data: pattern(10), original: 900 }),
      enhancedPacket(le, { data: pattern(30), ticks: NOW_US }),
      simplePacket(le, { data: pattern(7) }),
    );
    expect(problems).toEqual([]);
    expect(packets).toEqual([
      { hex: hex(pattern(10)), wire: 900, timeUs: 0, linkType: 228, input: 0, frame: 1 },
      { hex: hex(pattern(30)), wire: 30, timeUs: Number(NOW_US), linkType: 228, input: 0, frame: 2 },
      { hex: hex(pattern(7)), wire: 7, timeUs: Number(NOW_US), linkType: 228, input: 0, frame: 3 },
    ]);
  });

  test('drops: the last statistics of each interface, summed', () => {
    const { inputs, problems } = read(
      section(le),
      interfaceBlock(le),
      interfaceBlock(le),
      statistics(le, 0, { byInterface: 5n, bySystem: 2n }),
      enhancedPacket(le, { data: pattern(3) }),
      statistics(le, 0, { byInterface: 11n, bySystem: 2n }),
      statistics(le, 1, { bySystem: 100n }),
      statistics(le, 7, { bySystem: 1_000_000n }),
      statistics(le, 1, { byInterface: 0xffffffffffffffffn }),
      section(le),
      interfaceBlock(le),
      statistics(le, 0, { byInterface: 1000n }),
    );
    expect(problems).toEqual([]);
    expect(inputs[0]).toMatchObject({ packets: 1, dropped: 11 + 2 + 100 + 1000 });
  });

  test('statistics without drop counters say nothing, counters of zero say zero', () => {
    const start = concat(section(le), interfaceBlock(le));
    expect(read(start, statistics(le, 0, {})).inputs[0]?.dropped).toBeNull();
    expect(read(start, statistics(le, 0, { bySystem: 0n })).inputs[0]?.dropped).toBe(0);
  });

  test('names, secrets, custom and unknown blocks are passed over', () => {
    const others = [4, 10, 0xbad, 0x40000bad, 0x12345678].map((type) => block(le, type, pattern(50)));
    const { packets, problems } = read(
      section(le),
      ...others,
      interfaceBlock(le),
      ...others,
      enhancedPacket(le, { data: pattern(9) }),
      block(le, 99, new Uint8Array(0)),
      block(le, 5, new Uint8Array(0)),
    );
    expect(problems).toEqual([]);
    expect(packets.length).toBe(1);
  });
});

describe('options that lie', () => {
  const le = true;
  const timeOf = (options: Uint8Array): number | undefined => {
    const body = concat(fields(le, [1, 2], [0, 2], [0, 4]), options);
    const packet = enhancedPacket(le, { data: pattern(1), ticks: 1_700_000_000_000_000n });
    return read(section(le), block(le, 1, body), packet).packets[0]?.timeUs;
  };

  test('an option longer than the block ends the options', () => {
    expect(timeOf(fields(le, [2, 2], [60_000, 2], [0, 4]))).toBe(1_700_000_000_000_000);
  });

  test('an option of the wrong size is passed over, the right one after it counts', () => {
    const wrong = option(le, 9, Uint8Array.of(9, 9));
    expect(timeOf(wrong)).toBe(1_700_000_000_000_000);
    expect(timeOf(concat(wrong, option(le, 9, Uint8Array.of(9))))).toBe(1_700_000_000_000);
  });

  test('what follows the end of the options is not read', () => {
    const end = option(le, 0, new Uint8Array(0));
    expect(timeOf(concat(end, option(le, 9, Uint8Array.of(9))))).toBe(1_700_000_000_000_000);
  });
});

describe('damage', () => {
  const le = true;
  const start = concat(section(le), interfaceBlock(le), enhancedPacket(le, { data: pattern(8) }));
  const after = enhancedPacket(le, { data: pattern(9) });
  const at = start.length;

  test.each([
    ['too short', block(le, 99, pattern(8), { length: 8 }), 'says it is 8 bytes long'],
    ['not a multiple of 4', block(le, 99, pattern(8), { length: 21 }), 'says it is 21 bytes long'],
    ['zeros', new Uint8Array(40), 'says it is 0 bytes long, expected a multiple of 4 from 12'],
    ['short packet', block(le, 6, pattern(16)), 'says it is 28 bytes long, expected a multiple of 4 from 32'],
    ['short interface', block(le, 1, pattern(4)), 'says it is 16 bytes long'],
    [
      'long packet',
      block(le, 6, pattern(20), { length: 2 ** 31 }),
      'claims 2147483648 bytes, a block of type 6',
    ],
    [
      'long interface',
      block(le, 1, pattern(20), { length: 2 ** 20 }),
      'claims 1048576 bytes, a block of type 1',
    ],
    [
      'trailer of a packet',
      block(le, 6, pattern(28), { trailer: 44 }),
      'is 40 bytes long by its start and 44',
    ],
    [
      'trailer of another',
      block(le, 99, pattern(28), { trailer: 44 }),
      'is 40 bytes long by its start and 44',
    ],
    ['section magic', block(le, 0x0a0d0d0a, new Uint8Array(16)), 'is a section header without a valid'],
  ])('%s: reading stops, what came before is there', (_, wrong, text) => {
    for (const chunkBytes of [16, 1 << 20]) {
      const { packets, problems } = collectBytes(directory, concat(start, wrong, after), { chunkBytes });
      expect(packets.length).toBe(1);
      expect(problems).toMatchObject([{ path, offset: at, code: 'bad_record', fatal: true }]);
      expect(problems[0]?.text).toContain(`${path}: the block at byte ${at} ${text}`);
      expect(problems[0]?.text).toMatch(/; the file is damaged from there, the 1 packet before it was read$/);
    }
  });

  test('a packet block with more than half a megabyte of options is refused, also when it would fit', () => {
    const options = pattern(600_000);
    const long = enhancedPacket(le, { data: pattern(8), options });
    for (const chunkBytes of [1000, 1 << 20]) {
      const { packets, problems } = collectBytes(directory, concat(start, long, after), { chunkBytes });
      expect(packets.length).toBe(1);
      expect(problems).toMatchObject([{ offset: at, code: 'bad_record', fatal: true }]);
    }
  });

  test('a section of another version ends the reading', () => {
    const { packets, problems } = read(start, section(le, undefined, 2), interfaceBlock(le), after);
    expect(packets.length).toBe(1);
    expect(problems).toMatchObject([{ code: 'unsupported_version', offset: at }]);
  });

  test.each([
    [
      'more captured than the block holds',
      { data: pattern(8), claimed: 9 },
      'claims 9 bytes captured where 8',
    ],
    ['undeclared interface', { data: pattern(8), interfaceId: 1 }, 'names interface 1, 1 are declared'],
    ['more captured than a packet has', { data: new Uint8Array(262_148) }, 'claims 262148 bytes captured'],
  ])('%s: the packet is skipped, the next is read', (_, packet, text) => {
    for (const wrong of [enhancedPacket(le, packet), oldPacket(le, packet)]) {
      const { packets, problems, inputs } = read(start, wrong, after);
      expect(packets.map(({ hex, frame }) => [hex, frame])).toEqual([
        [hex_(8), 1],
        [hex_(9), 2],
      ]);
      expect(problems).toMatchObject([{ offset: at, code: 'bad_record', fatal: false }]);
      expect(problems[0]?.text).toContain(`${path}: the packet block at byte ${at} ${text}`);
      expect(inputs[0]?.packets).toBe(2);
    }
  });

  test('simple packets before any interface, and too long', () => {
    const { packets, problems } = read(
      section(le),
      simplePacket(le, { data: pattern(8) }),
      interfaceBlock(le),
      simplePacket(le, { data: pattern(300_000) }),
      simplePacket(le, { data: pattern(5), original: 0xffffffff }),
    );
    expect(packets).toMatchObject([{ hex: hex(concat(pattern(5), new Uint8Array(3))), wire: 8 }]);
    expect(problems.map(({ fatal }) => fatal)).toEqual([false, false]);
  });

  test('ten thousand bad packets are 15 problems, with room for the one that ends the reading', () => {
    const bad = enhancedPacket(le, { data: pattern(8), interfaceId: 9 });
    const many = Array.from({ length: 10_000 }, () => bad);
    const { packets, problems } = read(start, ...many, after, after.subarray(0, 20));
    expect(packets.length).toBe(2);
    expect(problems.length).toBe(16);
    expect(problems[14]).toMatchObject({ fatal: false, code: 'bad_record' });
    expect(problems[14]?.text).toBe(`${path}: 9986 more damaged records were skipped`);
    expect(JSON.parse(JSON.stringify(problems[14]))).toHaveProperty('text', problems[14]?.text);
    expect(problems[15]).toMatchObject({ fatal: true, code: 'truncated_file' });
  });

  test('more interfaces than anybody has end the reading', () => {
    const many = Buffer.alloc(65_536 * 20, interfaceBlock(le));
    const { problems } = read(start, many);
    expect(problems).toMatchObject([{ code: 'bad_record', fatal: true }]);
    expect(problems[0]?.text).toContain('declares interface 65536, no more are supported');
  });
});

const hex_ = (count: number): string => hex(pattern(count));

describe('cut files', () => {
  const le = false;
  const start = concat(section(le), interfaceBlock(le), enhancedPacket(le, { data: pattern(8) }));
  const at = start.length;
  const before = 'the 1 packet before it was read';

  test.each([
    ['in a packet', enhancedPacket(le, { data: pattern(100) }), 131, 'packet 2', '132'],
    ['in a simple packet', simplePacket(le, { data: pattern(100) }), 20, 'packet 2', '116'],
    ['in the first bytes', enhancedPacket(le, { data: pattern(100) }), 11, 'a block', 'at least 12'],
    ['in a block passed over', block(le, 99, pattern(100)), 50, 'a block', '112'],
    ['in the trailer of a block passed over', block(le, 99, pattern(100)), 110, 'a block', '112'],
    ['in a section header', section(le), 27, 'a section header', 'at least 28'],
    ['in the options of a section header', section(le, pattern(100)), 60, 'a block', '128'],
  ])('%s', (_, cut, length, what, needs) => {
    for (const chunkBytes of [7, 64, 1 << 20]) {
      const bytes = concat(start, cut.subarray(0, length));
      const { packets, problems } = collectBytes(directory, bytes, { chunkBytes });
      expect(packets.length).toBe(1);
      const where = `at byte ${at} (needs ${needs} bytes, ${length} left)`;
      const text = `${path}: cut in the middle of ${what} ${where}; ${before}`;
      expect(problems).toEqual([{ path, offset: at, code: 'truncated_file', fatal: true, text }]);
    }
  });

  test('a block that claims four gigabytes costs no memory', () => {
    const memoryBefore = process.memoryUsage().arrayBuffers;
    const { problems } = read(start, block(le, 99, pattern(100), { length: 2 ** 32 - 4 }));
    expect(problems[0]?.text).toContain(
      `cut in the middle of a block at byte ${at} (needs 4294967292 bytes,`,
    );
    expect(process.memoryUsage().arrayBuffers - memoryBefore).toBeLessThan(16 << 20);
  });

  test('a long unknown block is passed over in small chunks', () => {
    const long = block(le, 99, pattern(3_000_000));
    const bytes = concat(start, long, enhancedPacket(le, { data: pattern(9) }));
    for (const chunkBytes of [65_536, 1 << 20]) {
      const { packets, problems } = collectBytes(directory, bytes, { chunkBytes });
      expect(problems).toEqual([]);
      expect(packets.map((packet) => packet.hex)).toEqual([hex_(8), hex_(9)]);
    }
  });
});
