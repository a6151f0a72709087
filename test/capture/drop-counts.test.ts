import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture, openCaptures } from '../../src/capture/open.ts';
import type { CaptureSource } from '../../src/capture/source.ts';
import { temporaryDirectory } from './collect-packets.ts';
import {
  concat,
  dropCount,
  enhancedPacket,
  fields,
  interfaceBlock,
  oldPacket,
  option,
  pattern,
  section,
  statistics,
} from './write-captures.ts';

const directory = temporaryDirectory();
const SECOND = 1_000_000n;
const START = 1_700_000_000n * SECOND;
const at = (second: number): number => Number(START) + second * 1e6;

interface Told {
  dropped: number | null;
  packets: number;
  problems: number;
  /** From and to in seconds after the start, packets dropped, packets that came beside them. */
  moments: number[][];
}

function told(source: CaptureSource): Told {
  const moments: number[][] = [];
  const take = () =>
    source.takeDrops((fromUs, toUs, dropped, packets) =>
      moments.push([(fromUs - at(0)) / 1e6, (toUs - at(0)) / 1e6, dropped, packets]),
    );
  while (source.read() !== null) take();
  source.close();
  take();
  const { dropped, packets } = source.inputs[0]!;
  return { dropped, packets, problems: source.problems.length, moments };
}

function file(name: string, ...parts: Uint8Array[]): string {
  const path = join(directory, name);
  writeFileSync(path, concat(...parts));
  return path;
}

function read(...parts: Uint8Array[]): Told {
  const path = file('drops.pcapng', ...parts);
  const results = [16, 1 << 20].map((chunkBytes) => told(openCapture(path, { chunkBytes })));
  expect(results[0]).toEqual(results[1]);
  return results[1]!;
}

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('%s', (_, le) => {
  const start = concat(section(le), interfaceBlock(le), interfaceBlock(le));
  /** A packet so many seconds after the start, before which others were lost; of odd length, so that it is padded. */
  const packet = (second: number, lost: bigint | null, interfaceId = 0): Uint8Array =>
    enhancedPacket(le, {
      data: pattern(61),
      interfaceId,
      ticks: START + BigInt(Math.round(second * 1e6)),
      ...(lost === null ? {} : { options: dropCount(le, lost) }),
    });

  test('counts what packets say was lost before them, and since when', () => {
    const result = read(start, packet(0, 0n), packet(0.5, 7n), packet(0.6, null), packet(3, 2n));
    expect(result).toEqual({
      dropped: 9,
      packets: 4,
      problems: 0,
      moments: [
        [0, 0.5, 7, 2],
        [0.6, 3, 2, 1],
      ],
    });
  });

  test('gathers losses of one second, with all that came in it', () => {
    const few = Array.from({ length: 200 }, (_, i) => packet(i * 0.01, i % 50 === 0 ? 1n : 0n));
    expect(read(start, ...few)).toMatchObject({
      dropped: 4,
      moments: [
        [0, 0.5, 2, 100],
        [0.99, 1.5, 2, 100],
      ],
    });
  });

  test('goes by the packet before, and by no more than a minute', () => {
    expect(read(start, packet(0, 0n), packet(1, 0n, 1), packet(2, 3n)).moments).toEqual([[1, 2, 3, 1]]);
    expect(read(start, packet(0, 0n), packet(1000, 3n)).moments).toEqual([[940, 1000, 3, 1]]);
    expect(read(start, packet(9, 0n), packet(5, 3n)).moments).toEqual([[5, 5, 3, 1]]);
  });

  test('takes one stamp that is far off for no moment of years', () => {
    const far = 5e9;
    const { dropped, moments } = read(start, packet(0, 0n), packet(far, 1n), packet(1, 2n), packet(1.5, 3n));
    expect(dropped).toBe(6);
    expect(moments).toEqual([
      [far - 60, far, 1, 1],
      [1, 1.5, 5, 2],
    ]);
  });

  test('does not count twice what the statistics of the interface say, too', () => {
    const both = [packet(0, 5n), packet(1, 5n), packet(2, 1n, 1)];
    expect(read(start, ...both, statistics(le, 0, { byInterface: 8n, bySystem: 2n })).dropped).toBe(11);
    expect(read(start, ...both, statistics(le, 0, { bySystem: 40n })).dropped).toBe(41);
    expect(read(start, ...both, statistics(le, 0, { bySystem: 3n })).dropped).toBe(11);
    const sections = concat(start, packet(0, 5n), start, packet(1, 6n), statistics(le, 0, { bySystem: 6n }));
    expect(read(sections).dropped).toBe(11);
  });

  test('says nothing where the file says nothing, and zero where it says zero', () => {
    expect(read(start, packet(0, null))).toMatchObject({ dropped: null, moments: [] });
    expect(read(start, packet(0, 0n))).toMatchObject({ dropped: 0, moments: [] });
    // The block of old has other options.
    const old = oldPacket(le, { data: pattern(8), ticks: START, options: dropCount(le, 5n) });
    expect(read(start, old)).toMatchObject({ dropped: null, packets: 1 });
  });

  test('is read of the packet block of old, which has a field for it', () => {
    const old = (second: number, lost?: number, interfaceId = 0): Uint8Array =>
      oldPacket(le, {
        data: pattern(61),
        interfaceId,
        ticks: START + BigInt(second * 1e6),
        ...(lost === undefined ? {} : { lost }),
      });
    expect(read(start, old(0, 0), old(1, 7), old(1.5), old(4, 0xfffe, 1), packet(5, 2n))).toEqual({
      dropped: 7 + 0xfffe + 2,
      packets: 5,
      problems: 0,
      moments: [
        [0, 1, 7, 2],
        [1.5, 4, 0xfffe, 1],
        [4, 5, 2, 1],
      ],
    });
    expect(read(start, old(0), old(1))).toMatchObject({ dropped: null, moments: [] });
    expect(read(start, old(0), old(1, 0))).toMatchObject({ dropped: 0, moments: [] });
    expect(read(start, old(0), old(1, 5), statistics(le, 0, { bySystem: 5n })).dropped).toBe(5);
  });

  test.each([
    ['all ones', dropCount(le, 0xffffffffffffffffn)],
    ['more than fit between two packets', dropCount(le, 2n ** 32n)],
    ['another size', option(le, 4, fields(le, [9, 4]))],
    ['a length beyond the block', concat(fields(le, [4, 2], [80, 2]), fields(le, [9, 8]))],
    ['cut off', fields(le, [4, 2], [8, 2], [9, 4])],
    ['behind the end of options', concat(option(le, 0, new Uint8Array(0)), dropCount(le, 9n))],
    ['behind an option that is too long', concat(fields(le, [2, 2], [0xfff0, 2]), dropCount(le, 9n))],
  ])('passes over a count that is none: %s', (_name, options) => {
    const odd = enhancedPacket(le, { data: pattern(61), ticks: START, options });
    expect(read(start, odd, packet(1, 4n))).toMatchObject({ dropped: 4, packets: 2, problems: 0 });
  });

  test('is read behind other options, and whatever the length of the packet', () => {
    for (const length of [0, 1, 2, 3, 4, 1514]) {
      const options = concat(option(le, 2, pattern(4)), option(le, 1, pattern(5)), dropCount(le, 3n));
      const data = pattern(length);
      expect(read(start, enhancedPacket(le, { data, ticks: START, options })).dropped).toBe(3);
    }
  });

  test('stays a number whatever it adds up to, and keeps a bounded number of moments', () => {
    const wild = Array.from({ length: 6000 }, (_, i) => packet(2 * i, 0xffffffffn));
    const source = openCapture(file('wild.pcapng', start, ...wild));
    while (source.read() !== null);
    const { dropped, moments } = told(source);
    expect(dropped).toBe(6000 * 0xffffffff);
    expect(moments.length).toBe(4096);
    expect(moments.at(-1)?.[1]).toBe(11_998);
  });

  test('is told of every capture of several, and of one that is damaged', () => {
    const one = file('one.pcapng', start, packet(0, 0n), packet(1, 2n), packet(2, 0n).subarray(0, 40));
    const other = file('two.pcapng', start, packet(0.5, 0n), packet(1.5, 4n));
    const moments: number[] = [];
    const source = openCaptures([one, other]);
    while (source.read() !== null);
    source.takeDrops((_from, _to, dropped) => moments.push(dropped));
    expect(moments).toEqual([2, 4]);
    expect(source.inputs.map(({ dropped }) => dropped)).toEqual([2, 4]);
    source.close();
  });
});
