import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeCaptures } from '../../src/capture/merge.ts';
import { openCapture, openCaptures } from '../../src/capture/open.ts';
import { collect, temporaryDirectory } from './collect-packets.ts';
import { concat, enhancedPacket, interfaceBlock, pattern, pcapFile, section } from './write-captures.ts';

const directory = temporaryDirectory();

/** Writes a capture with packets at these times (us) for every list; returns the paths. */
function writeTimes(lists: readonly (readonly number[])[]): string[] {
  return lists.map((times, index) => {
    const path = join(directory, `${index}.pcap`);
    const records = times.map((time, at) => ({
      seconds: Math.floor(time / 1e6),
      fraction: time % 1e6,
      data: pattern(10 + index, at),
      original: 100 + index,
    }));
    writeFileSync(path, pcapFile({ linkType: 1 + index, littleEndian: index % 2 === 0 }, records));
    return path;
  });
}

const order = (paths: string[]): (readonly [number, number, number])[] =>
  collect(openCaptures(paths)).packets.map(({ input, frame, timeUs }) => [input, frame, timeUs] as const);

test('packets come in the order of time, with their own bytes, lengths and link types', () => {
  const paths = writeTimes([
    [10, 40],
    [20, 30],
  ]);
  const { packets, inputs } = collect(openCaptures(paths));
  const hex = (index: number, at: number): string => Buffer.from(pattern(10 + index, at)).toString('hex');
  expect(packets).toEqual([
    { hex: hex(0, 0), wire: 100, timeUs: 10, linkType: 1, input: 0, frame: 1 },
    { hex: hex(1, 0), wire: 101, timeUs: 20, linkType: 2, input: 1, frame: 1 },
    { hex: hex(1, 1), wire: 101, timeUs: 30, linkType: 2, input: 1, frame: 2 },
    { hex: hex(0, 1), wire: 100, timeUs: 40, linkType: 1, input: 0, frame: 2 },
  ]);
  expect(inputs).toMatchObject([
    { path: paths[0], packets: 2, bytes: 200 },
    { path: paths[1], packets: 2, bytes: 202 },
  ]);
});

test('equal times come in the order of the inputs, then of the frames', () => {
  const paths = writeTimes([
    [5, 5],
    [5, 5, 6],
    [5, 6],
  ]);
  expect(order(paths).map(([input, frame]) => [input, frame])).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
    [2, 1],
    [1, 3],
    [2, 2],
  ]);
});

test('sorted inputs give what a stable sort gives, for any chunk size', () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 });
  const chunk = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.array(times, { minLength: 2, maxLength: 5 }), chunk, (lists, chunkBytes) => {
      const sorted = lists.map((list) => list.toSorted((a, b) => a - b));
      const paths = writeTimes(sorted);
      const expected = sorted
        .flatMap((list, input) => list.map((time, at) => [input, at + 1, time] as const))
        .toSorted((a, b) => a[2] - b[2] || a[0] - b[0] || a[1] - b[1]);
      const merged = collect(openCaptures(paths, { chunkBytes })).packets;
      expect(merged.map(({ input, frame, timeUs }) => [input, frame, timeUs])).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('a clock that steps back keeps the order of its own file', () => {
  const paths = writeTimes([
    [100, 50, 60],
    [70, 110],
  ]);
  expect(order(paths).map(([, , time]) => time)).toEqual([70, 100, 50, 60, 110]);
});

test('more than a batch holds, in count and in bytes', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => index);
  expect(order(writeTimes([many, many])).length).toBe(20_000);

  const big = pcapFile({}, [
    ...Array.from({ length: 12 }, (_, at) => ({ seconds: at, fraction: 0, data: pattern(200_000, at) })),
  ]);
  const path = join(directory, 'big.pcap');
  writeFileSync(path, big);
  const { packets, batches } = collect(openCaptures([path, path]));
  expect(batches).toEqual([5, 5, 5, 5, 4]);
  expect(packets.map(({ timeUs }) => timeUs / 1e6)).toEqual(many.slice(0, 24).map((n) => n >> 1));
  const own = collect(openCapture(path)).packets.map(({ hex }) => hex);
  for (const input of [0, 1]) {
    const merged = packets.filter((packet) => packet.input === input);
    expect(merged.map(({ hex }) => hex)).toEqual(own);
  }
});

test('pcap and pcapng, an empty file and rubbish together: the good ones are read, the others reported', () => {
  const pcapng = join(directory, 'a.pcapng');
  const packet = enhancedPacket(true, { data: pattern(4), ticks: 15n });
  writeFileSync(pcapng, concat(section(true), interfaceBlock(true, { linkType: 276 }), packet));
  const empty = join(directory, 'empty');
  writeFileSync(empty, '');
  const text = join(directory, 'text');
  writeFileSync(text, 'hello world');
  const [pcap] = writeTimes([[10, 20]]);
  const { packets, problems, inputs } = collect(openCaptures([text, pcap!, empty, pcapng]));
  expect(packets.map(({ input, timeUs, linkType }) => [input, timeUs, linkType])).toEqual([
    [1, 10, 1],
    [3, 15, 276],
    [1, 20, 1],
  ]);
  expect(problems.map(({ path, code }) => [path, code])).toEqual([
    [text, 'not_a_capture'],
    [empty, 'empty_file'],
  ]);
  expect(inputs.map(({ format }) => format)).toEqual([null, 'pcap', null, 'pcapng']);
});

describe('life of a merged source', () => {
  test('progress is the sum', () => {
    const paths = writeTimes([[1], [2], [3]]);
    const source = openCaptures(paths);
    expect(source.bytesTotal).toBe(3 * 40 + 10 + 11 + 12);
    expect(source.bytesRead).toBe(0);
    while (source.read() !== null);
    expect(source.bytesRead).toBe(source.bytesTotal);
    source.close();
  });

  test('after close there is nothing more', () => {
    const source = openCaptures(writeTimes([[1, 2], [2]]));
    source.close();
    source.close();
    expect(source.read()).toBeNull();
  });

  test('one source is handed back as it is, none is empty', () => {
    const [path] = writeTimes([[1]]);
    const source = openCapture(path!);
    expect(mergeCaptures([source])).toBe(source);
    source.close();
    expect(mergeCaptures([]).read()).toBeNull();
  });

  test.skipIf(!existsSync('/proc/self/fd'))(
    'no file stays open when one cannot be opened, or at the end',
    () => {
      const open = (): number => readdirSync('/proc/self/fd').length;
      const paths = writeTimes([[1], [2]]);
      const before = open();
      expect(() => openCaptures([...paths, join(directory, 'missing')])).toThrow('no such file');
      expect(open()).toBe(before);
      const source = openCaptures(paths);
      while (source.read() !== null);
      expect(open()).toBe(before);
    },
  );
});
