import { expect, test } from 'vitest';
import { feed, steady } from './feed.ts';

/** Rounds of fifty packets, each with numbers and timestamps of its own. */
const rounds = (count: number) =>
  Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    steady(50, { atMs: i * 1000, sequence: (i * 9000 + 100) % 65_536, timestamp: i * 50_000_000 }),
  );

test('each restart has the time of the first packet with new numbers', () => {
  const { restarts, history } = feed(rounds(3));
  expect(restarts).toBe(2);
  expect(history.restartsMs).toEqual([1000, 2000]);
  expect(feed(steady(100)).history.restartsMs).toEqual([]);
});

test('of many the first sixteen have one', () => {
  const { restarts, history } = feed(rounds(40));
  expect(restarts).toBe(39);
  expect(history.restartsMs.length).toBe(16);
});
