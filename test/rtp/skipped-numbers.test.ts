import { describe, expect, test } from 'vitest';
import { type Fed, feed } from './feed.ts';

/** 600 packets of 20 ms; from `at` on what is given is added to number, timestamp and time of each. */
function jump(numbers: number, ticks: number, ms: number, at = 300): Fed[] {
  return Array.from({ length: 600 }, (_, i) => {
    const after = i >= at;
    return {
      atMs: i * 20 + (after ? ms : 0),
      sequence: 64_000 + i + (after ? numbers : 0),
      timestamp: i * 160 + (after ? ticks : 0),
    };
  });
}

const countsOf = (packets: readonly Fed[]) => {
  const { lost, lostRfc, restarts, packets: received } = feed(packets);
  return { lost, lostRfc, restarts, received };
};

describe('numbers that a jump passes over', () => {
  test.each([
    ['while no time passes', 700, 0, 300],
    ['and timestamps begin anew', 700, 1_234_567, 300],
    ['and timestamps go back', 700, -40_000, 300],
    ['with the first packet of an interval', 700, 0, 250],
    ['across the wrap', 2000, 0, 300],
  ])('were never sent %s', (_, numbers, ticks, at) => {
    expect(countsOf(jump(numbers, ticks, 0, at))).toEqual({
      lost: 0,
      lostRfc: numbers,
      restarts: 1,
      received: 600,
    });
  });

  test.each([
    ['when as much time passed', 700, 112_000, 14_000],
    ['when they come late and at once: the sender was not silent', 700, 112_000, 0],
    ['when the tap was without packets as long, whatever the timestamps', 700, 0, 14_000],
    ['when they are few', 50, 0, 0],
    ['when they are few and the packet begins an interval', 50, 0, 0, 250],
  ])('are lost %s', (_, numbers, ticks, ms, at = 300) => {
    expect(countsOf(jump(numbers, ticks, ms, at))).toEqual({
      lost: numbers,
      lostRfc: numbers,
      restarts: 0,
      received: 600,
    });
  });

  test('are not begun with by a single packet that nothing follows', () => {
    const packets = jump(0, 0, 0);
    packets[300] = { ...packets[300]!, sequence: 65_000 };
    // One stray packet, and the number it should have had.
    expect(countsOf(packets)).toEqual({ lost: 1, lostRfc: expect.any(Number), restarts: 0, received: 599 });
  });
});

test('an interruption whose first packet is stamped before the last one took no time', () => {
  const packets = jump(3500, 3500 * 160, 70_000);
  packets[300] = { ...packets[300]!, atMs: packets[299]!.atMs - 460 };
  expect(feed(packets)).toMatchObject({ interruptions: 1, interruptedMs: 0, lost: 0 });
});
