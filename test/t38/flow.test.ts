import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../property-seed.ts';
import { PacketView } from '../../src/packet/view.ts';
import { T38Flow } from '../../src/t38/flow.ts';
import { UdptlPacket } from '../../src/t38/udptl.ts';

const PAGE = 0xd0;
const CONTROL = 0xc0;

/** One packet as a receiver sees it. */
interface Sent {
  number: number;
  first?: number;
  copies?: number[];
}

function play(packets: readonly Sent[]): ReturnType<T38Flow['figures']> {
  const view = new PacketView();
  const packet = new UdptlPacket();
  let flow: T38Flow | null = null;
  for (const [i, { number, first = PAGE, copies = [] }] of packets.entries()) {
    const octets = [
      (number >> 8) & 255,
      number & 255,
      1,
      first,
      0,
      copies.length,
      ...copies.flatMap((c) => [1, c]),
    ];
    view.timeUs = 1e15 + i * 30_000;
    const data = new DataView(Uint8Array.from(octets).buffer);
    expect(packet.parse(data, 0, octets.length, octets.length)).toBe(true);
    if (flow === null) flow = new T38Flow(packet, view);
    else flow.receive(packet, view);
  }
  return flow!.figures();
}

const numbers = (...list: number[]): Sent[] => list.map((number) => ({ number }));

describe('T.38 losses by sequence number', () => {
  test('across the wrap', () => {
    expect(play(numbers(65_534, 65_535, 1, 2))).toMatchObject({
      expected: 5,
      packets: 4,
      lost: 1,
      unrecovered: 1,
    });
  });

  test('copies, late ones and those before the first', () => {
    const figures = play(numbers(10, 12, 11, 12, 9, 13));
    expect(figures).toMatchObject({ expected: 5, packets: 5, lost: 0, duplicates: 1, reordered: 2 });
  });

  test('a page, control signals, and what lies between them', () => {
    const control = (number: number): Sent => ({ number, first: CONTROL });
    expect(play([control(1), control(3), { number: 4 }])).toMatchObject({
      unrecovered: 1,
      unrecoveredInPage: 0,
    });
    expect(play([control(1), { number: 3 }])).toMatchObject({ unrecovered: 1, unrecoveredInPage: 1 });
    expect(play([{ number: 1 }, control(4)])).toMatchObject({ unrecovered: 2, unrecoveredInPage: 2 });
  });

  test('a copy makes a loss good, and says what was lost', () => {
    const figures = play([{ number: 1 }, { number: 4, copies: [PAGE, CONTROL] }]);
    expect(figures).toMatchObject({
      lost: 2,
      recovered: 2,
      unrecovered: 0,
      redundancyDepth: 2,
      longestLossRun: 2,
    });
    expect(figures.pagePackets).toBe(3);
  });

  test('one packet far off is not counted, two begin a new sequence', () => {
    expect(play(numbers(1, 2, 20_000, 3))).toMatchObject({ expected: 3, restarts: 0 });
    expect(play(numbers(1, 2, 20_000, 20_001, 20_003))).toMatchObject({
      expected: 6,
      packets: 5,
      lost: 1,
      restarts: 1,
    });
  });

  test('longer than the window', () => {
    const kept = Array.from({ length: 2000 }, (_, i) => i).filter((i) => i % 100 !== 7 && i % 100 !== 8);
    expect(play(numbers(...kept))).toMatchObject({
      expected: 2000,
      lost: 40,
      longestLossRun: 2,
      longestUnrecoveredRun: 2,
      unrecoveredInPage: 40,
    });
  });

  test('as plain sets have it, whatever is lost, late or sent twice', () => {
    const plan = fc.record({
      start: fc.integer({ min: 0, max: 65_535 }),
      fates: fc.array(fc.constantFrom('sent', 'sent', 'sent', 'lost', 'late', 'twice'), {
        minLength: 2,
        maxLength: 600,
      }),
      depth: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(plan, ({ start, fates, depth }) => {
        fates[0] = 'sent';
        const order: number[] = [];
        let waiting: number | null = null;
        fates.forEach((fate, i) => {
          if (fate === 'late') {
            if (waiting !== null) order.push(waiting);
            waiting = i;
            return;
          }
          if (fate !== 'lost') order.push(i);
          if (fate === 'twice') order.push(i);
          if (waiting !== null && fate !== 'lost') {
            order.push(waiting);
            waiting = null;
          }
        });
        const figures = play(
          order.map((i) => ({
            number: (start + i) & 0xffff,
            copies: new Array<number>(Math.min(depth, i)).fill(PAGE),
          })),
        );
        const seen = new Set(order);
        const expected = Math.max(...seen) + 1;
        const made = new Set(seen);
        for (const i of seen) for (let back = 1; back <= Math.min(depth, i); back++) made.add(i - back);
        expect(figures).toMatchObject({
          packets: seen.size,
          expected,
          lost: expected - seen.size,
          recovered: made.size - seen.size,
          unrecovered: expected - made.size,
          unrecoveredInPage: expected - made.size,
          duplicates: order.length - seen.size,
        });
      }),
    );
  });
});
