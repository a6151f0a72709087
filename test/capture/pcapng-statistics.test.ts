import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { temporaryDirectory } from './collect-packets.ts';
import {
  concat,
  dropCount,
  enhancedPacket,
  interfaceBlock,
  pattern,
  type StatisticsShape,
  section,
  statistics,
} from './write-captures.ts';

const directory = temporaryDirectory();
const START = 1_700_000_000_000_000n;
const ticksAt = (second: number): bigint => START + BigInt(Math.round(second * 1e6));

function read(...parts: Uint8Array[]) {
  const path = join(directory, 'statistics.pcapng');
  writeFileSync(path, concat(...parts));
  const source = openCapture(path, { input: 3 });
  const moments: number[][] = [];
  const inputs = new Set<number>();
  const take = () =>
    source.takeDrops((fromUs, toUs, lost, packets, input) => {
      inputs.add(input);
      moments.push([(fromUs - Number(START)) / 1e6, (toUs - Number(START)) / 1e6, lost, packets]);
    });
  while (source.read() !== null) take();
  source.close();
  take();
  const { dropped, delivered } = source.inputs[0]!;
  expect([...inputs]).toEqual(moments.length > 0 ? [3] : []);
  return { dropped, delivered, moments };
}

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('statistics of interfaces, %s', (_, le) => {
  const start = concat(section(le), interfaceBlock(le), interfaceBlock(le));
  const packet = (second: number, options?: Uint8Array): Uint8Array =>
    enhancedPacket(le, {
      data: pattern(60),
      ticks: ticksAt(second),
      ...(options === undefined ? {} : { options }),
    });
  const counted = (second: number, shape: StatisticsShape, id = 0): Uint8Array =>
    statistics(le, id, { ticks: ticksAt(second), ...shape });

  test('two readings say when packets were lost, and beside how many', () => {
    const readings = [
      counted(10, { byInterface: 2n, delivered: 100n }),
      counted(11, { byInterface: 9n, delivered: 150n }),
      counted(15, { byInterface: 9n, delivered: 400n }),
      counted(16, { byInterface: 9n, bySystem: 1n, delivered: 450n }),
    ];
    expect(read(start, packet(10), ...readings)).toEqual({
      dropped: 10,
      delivered: 450,
      moments: [
        [10, 11, 7, 50],
        [15, 16, 1, 50],
      ],
    });
  });

  test('each interface has counters of its own, and each section', () => {
    const mixed = [counted(1, { bySystem: 0n }), counted(2, { bySystem: 5n }, 1)];
    expect(read(start, packet(0), ...mixed, counted(3, { bySystem: 1n })).moments).toEqual([[1, 3, 1, 0]]);
    const next = concat(start, counted(4, { bySystem: 7n, delivered: 10n }));
    expect(read(start, packet(0), counted(3, { bySystem: 1n, delivered: 20n }), next)).toEqual({
      dropped: 8,
      delivered: 30,
      moments: [],
    });
  });

  test('packets of the file are counted where nobody says how many came', () => {
    const file = [counted(0, { bySystem: 0n }), packet(0.2), packet(0.4), counted(1, { bySystem: 3n })];
    expect(read(start, ...file)).toEqual({ dropped: 3, delivered: null, moments: [[0, 1, 3, 2]] });
  });

  test.each([
    ['the account at the end of a capture', { second: 2, shape: { bySystem: 5n, endTicks: ticksAt(2) } }],
    ['a reading after too long a time', { second: 64, shape: { bySystem: 5n } }],
    ['a clock that was set back', { second: 0, shape: { bySystem: 5n } }],
    ['counters that began anew', { second: 2, shape: { bySystem: 0n } }],
    ['counters that are not known', { second: 2, shape: { bySystem: 0xffffffffffffffffn } }],
    ['no drop counters', { second: 2, shape: { delivered: 9n } }],
  ])('no time is read out of %s', (_name, { second, shape }) => {
    expect(read(start, packet(1), counted(1, { bySystem: 1n }), counted(second, shape)).moments).toEqual([]);
  });

  test('packets that say it themselves say it better', () => {
    const own = [counted(0, { bySystem: 0n }), packet(0.5), packet(0.6, dropCount(le, 4n))];
    const { dropped, moments } = read(start, ...own, counted(1, { bySystem: 4n }));
    expect(dropped).toBe(4);
    expect(moments).toEqual([[0.5, 0.6, 4, 1]]);
  });

  test('what is no statistics of an interface is passed over', () => {
    const odd = [counted(1, { bySystem: 0n }, 9), counted(2, { bySystem: 8n }, 9)];
    expect(read(start, packet(0), ...odd)).toEqual({ dropped: null, delivered: null, moments: [] });
    const unknown = counted(2, { delivered: 0xffffffffffffffffn });
    expect(read(start, packet(0), unknown).delivered).toBe(null);
  });
});
