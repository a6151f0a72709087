import { expect, test } from 'vitest';
import { LossFeed } from '../../src/rtp/loss-feed.ts';

test('what finds no room is counted; nothing is where somebody takes it', () => {
  const feed = new LossFeed();
  for (let i = 0; i < 5000; i++) feed.push(i, 1);
  expect(feed.length + feed.dropped).toBe(5000);
  expect(feed.dropped).toBeGreaterThan(0);
  let taken = 0;
  const taking = new LossFeed();
  taking.whenFull = () => {
    taken += taking.length;
    taking.clear();
  };
  for (let i = 0; i < 50_000; i++) taking.push(i, 1);
  expect([taking.dropped, taken + taking.length]).toEqual([0, 50_000]);
});
