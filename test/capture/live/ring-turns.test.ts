import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RingTurns, type TurnTaker } from '../../../src/capture/live/ring-turns.ts';

/** A ring whose blocks begin at these times, us; it sees those that were there when it looked. */
class FakeRing implements TurnTaker {
  looks = 0;
  waiting = 0;
  readonly blocks: number[];
  private readonly taken: number[];

  constructor(taken: number[], blocks: number[]) {
    this.taken = taken;
    this.blocks = blocks;
  }

  look(): void {
    this.looks++;
    this.waiting = this.blocks.length;
  }

  get nextUs(): number {
    return this.waiting === 0 ? Number.POSITIVE_INFINITY : this.blocks[0]!;
  }

  take(): void {
    this.taken.push(this.blocks.shift()!);
    this.waiting--;
  }
}

function ringsOf(...blocks: number[][]) {
  const taken: number[] = [];
  const rings = blocks.map((each) => new FakeRing(taken, each));
  const turns = new RingTurns();
  for (const ring of rings) turns.add(ring);
  return { turns, rings, taken };
}

describe('rings that one thread reads', () => {
  test('are read block by block in the order of the stamps', () => {
    const { turns, rings, taken } = ringsOf([10, 40, 50], [20, 30, 60]);
    expect(turns.turn()).toBe(false);
    expect(taken).toEqual([10, 20, 30, 40, 50, 60]);
    expect(rings.map(({ looks }) => looks)).toEqual([1, 1]);
  });

  test('after a few blocks others have a turn', () => {
    const { turns, taken } = ringsOf([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]);
    expect([turns.turn(), taken.length]).toEqual([true, 8]);
    expect([turns.turn(), taken.length]).toEqual([false, 10]);
  });

  test('a ring that is taken out is not read any more', () => {
    const { turns, rings, taken } = ringsOf([1, 3], [2]);
    turns.remove(rings[0]!);
    turns.turn();
    expect(taken).toEqual([2]);
  });

  test('however often it is asked for, there is one turn after the other until nothing waits', async () => {
    const { turns, rings, taken } = ringsOf(Array.from({ length: 20 }, (_, i) => i));
    turns.schedule();
    turns.schedule();
    expect(taken).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([taken.length, rings[0]!.looks]).toEqual([20, 3]);
    rings[0]!.blocks.push(99);
    turns.schedule();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken.at(-1)).toBe(99);
  });

  test('time never goes back where each ring is in order', () => {
    const ascending = fc.array(fc.nat(1000), { maxLength: 30 }).map((times) => times.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(ascending, { maxLength: 4 }), (blocks) => {
        const { turns, taken } = ringsOf(...blocks.map((each) => [...each]));
        while (turns.turn());
        expect(taken).toEqual(blocks.flat().sort((a, b) => a - b));
      }),
    );
  });
});
