/** Properties that hold for any input: how it is cut into reads never matters, and no damage hangs or throws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PROBLEMS } from '../../src/capture/problems.ts';
import { type Collected, collectBytes, temporaryDirectory } from './collect-packets.ts';
import {
  block,
  concat,
  enhancedPacket,
  interfaceBlock,
  oldPacket,
  pattern,
  pcapFile,
  section,
  simplePacket,
  statistics,
} from './write-captures.ts';

const directory = temporaryDirectory();

const MAGICS = [0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34] as const;

const pcapRecord = fc.record({
  seconds: fc.integer({ min: 0, max: 0xffffffff }),
  fraction: fc.integer({ min: 0, max: 999_999 }),
  data: fc.integer({ min: 0, max: 300 }).map((length) => pattern(length, length)),
  original: fc.integer({ min: 0, max: 70_000 }),
});

/** Sound pcap files of all variants. */
const pcap = fc
  .tuple(fc.boolean(), fc.constantFrom(...MAGICS), fc.array(pcapRecord, { maxLength: 20 }))
  .map(([littleEndian, magic, records]) => pcapFile({ littleEndian, magic }, records));

const packet = fc.record({
  data: fc.integer({ min: 0, max: 300 }).map((length) => pattern(length, length)),
  ticks: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  original: fc.integer({ min: 0, max: 70_000 }),
  interfaceId: fc.integer({ min: 0, max: 2 }),
});

/** One block of any kind; two interfaces are declared before it, so that packets of a third are skipped. */
const anyBlock = (le: boolean) =>
  fc.oneof(
    { weight: 4, arbitrary: packet.map((value) => enhancedPacket(le, value)) },
    packet.map((value) => oldPacket(le, value)),
    packet.map((value) => simplePacket(le, value)),
    fc.integer({ min: 0, max: 400 }).map((length) => block(le, 0xbad, pattern(length))),
    fc.bigInt({ min: 0n, max: 1000n }).map((bySystem) => statistics(le, 1, { bySystem })),
  );

/** One section of a sound pcapng file. */
const pcapngSection = fc
  .boolean()
  .chain((le) =>
    fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.array(anyBlock(le), { maxLength: 12 }))
      .map(([resolution, blocks]) =>
        concat(
          section(le),
          interfaceBlock(le, { linkType: 1, snaplen: 100 }),
          interfaceBlock(le, { linkType: 113, resolution }),
          ...blocks,
        ),
      ),
  );

const pcapng = fc.array(pcapngSection, { minLength: 1, maxLength: 3 }).map((parts) => concat(...parts));

const anyCapture = fc.oneof(pcap, pcapng);

function withoutBatches({ packets, inputs, problems }: Collected): Omit<Collected, 'batches'> {
  return { packets, inputs, problems };
}

describe('chunks', () => {
  test('any chunk size gives the same packets, times and problems', () => {
    fc.assert(
      fc.property(anyCapture, fc.integer({ min: 1, max: 500 }), (bytes, chunkBytes) => {
        const whole = collectBytes(directory, bytes);
        const pieces = collectBytes(directory, bytes, { chunkBytes });
        expect(withoutBatches(pieces)).toEqual(withoutBatches(whole));
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['pcap', fc.sample(pcap, { seed: 4, numRuns: 3 })],
    ['pcapng', fc.sample(pcapng, { seed: 5, numRuns: 3 })],
  ])('every chunk size up to 120 bytes, %s', (_, files) => {
    for (const bytes of files) {
      const whole = withoutBatches(collectBytes(directory, bytes));
      for (let chunkBytes = 1; chunkBytes <= 120; chunkBytes += 1) {
        expect(withoutBatches(collectBytes(directory, bytes, { chunkBytes }))).toEqual(whole);
      }
    }
  });
});

/** What must hold whatever was read. */
function expectSane(result: Collected, size: number): void {
  const { packets, problems, inputs } = result;
  expect(problems.length).toBeLessThanOrEqual(MAX_PROBLEMS);
  expect(problems.slice(0, -1).every((problem) => !problem.fatal)).toBe(true);
  for (const { offset, text } of problems) {
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThanOrEqual(size);
    expect(text).not.toMatch(/\n|undefined|NaN|null/);
  }
  expect(inputs[0]?.packets).toBe(packets.length);
  expect(inputs[0]?.bytes).toBe(packets.reduce((sum, { wire }) => sum + wire, 0));
  for (const [index, { frame, timeUs, wire, hex }] of packets.entries()) {
    expect(frame).toBe(index + 1);
    expect(Number.isFinite(timeUs)).toBe(true);
    expect(wire).toBeGreaterThanOrEqual(hex.length / 2);
  }
}

describe('damage', () => {
  test('flipped bytes end normally, and the same way for any chunk size', () => {
    const flip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(anyCapture, fc.array(flip, { minLength: 1, maxLength: 8 }), (bytes, flips) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, mask] of flips) damaged[at % damaged.length]! ^= mask;
        const result = collectBytes(directory, damaged);
        expectSane(result, damaged.length);
        const pieces = collectBytes(directory, damaged, { chunkBytes: 33 });
        expect(withoutBatches(pieces)).toEqual(withoutBatches(result));
      }),
      { numRuns: 400 },
    );
  });

  test('a cut anywhere gives the packets before it', () => {
    fc.assert(
      fc.property(anyCapture, fc.nat(), (bytes, cut) => {
        const whole = collectBytes(directory, bytes);
        const shortened = bytes.subarray(0, cut % bytes.length);
        const result = collectBytes(directory, shortened);
        expectSane(result, shortened.length);
        expect(result.packets).toEqual(whole.packets.slice(0, result.packets.length));
        const last = result.problems.at(-1);
        if (last?.fatal) expect(['truncated_file', 'empty_file', 'not_a_capture']).toContain(last.code);
      }),
      { numRuns: 300 },
    );
  });

  test('a cut pcap file says so, unless it is cut between two records', () => {
    const records = fc.array(pcapRecord, { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(records, fc.nat(), (list, cut) => {
        const bytes = pcapFile({}, list);
        const ends = [24];
        for (const { data } of list) ends.push(ends.at(-1)! + 16 + data.length);
        const length = 24 + (cut % (bytes.length - 23));
        const { packets, problems } = collectBytes(directory, bytes.subarray(0, length));
        const whole = ends.filter((end) => end <= length).length - 1;
        expect(packets.length).toBe(whole);
        const expected = ends.includes(length) ? [] : [{ code: 'truncated_file', offset: ends[whole] }];
        expect(problems).toMatchObject(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('noise behind a valid start ends normally', () => {
    const noise = fc.uint8Array({ maxLength: 400 });
    const start = fc.constantFrom(
      new Uint8Array(0),
      ...MAGICS.map((magic) => pcapFile({ magic }, [])),
      concat(section(true), interfaceBlock(true)),
      concat(section(false), interfaceBlock(false)),
    );
    fc.assert(
      fc.property(start, noise, (before, after) => {
        const bytes = concat(before, after);
        expectSane(collectBytes(directory, bytes), bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});
