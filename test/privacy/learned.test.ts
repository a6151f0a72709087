import { expect, test } from 'vitest';
import { Learned } from '../../src/privacy/learned.ts';
import { pseudonyms } from './secrets.ts';

/** What `docs/fault-model.md` says of a live probe. */
const RECENT_MAX = 65_536;

test('a run without end holds so many names, and knows those it met lately', () => {
  const learned = new Learned({ forgets: true });
  let most = 0;
  for (let i = 0; i < 5 * RECENT_MAX; i++) {
    learned.add(`name${i}`);
    // Somebody who calls all the time.
    if (i % 1000 === 0) learned.add('wilhelmine');
    if (i % 10_000 === 0) most = Math.max(most, learned.size);
  }
  expect(most).toBeLessThanOrEqual(2 * RECENT_MAX);
  expect(learned.size).toBeLessThanOrEqual(2 * RECENT_MAX);
  expect(learned.has('wilhelmine')).toBe(true);
  expect(learned.has(`name${5 * RECENT_MAX - 1}`)).toBe(true);
  expect(learned.has('name0')).toBe(false);
});

test('a run that ends forgets nobody', () => {
  const learned = new Learned({ forgets: false });
  for (let i = 0; i < 2 * RECENT_MAX; i++) learned.add(`name${i}`);
  expect([learned.has('name0'), learned.size]).toEqual([true, 2 * RECENT_MAX]);
});

test('what is in every text is no name', () => {
  const learned = new Learned({ forgets: true });
  learned.add('of');
  expect(learned.has('of')).toBe(false);
});

test('a name that was forgotten has the same pseudonym when it comes again', () => {
  const names = pseudonyms(true, undefined, true);
  const before = names.word('wilhelmine', 'names');
  for (let i = 0; i < 3 * RECENT_MAX; i++) names.word(`n${i.toString(36)}x`, 'names');
  expect(names.known('wilhelmine called', 5)).toBe('wilhelmine called');
  expect(names.word('wilhelmine', 'names')).toBe(before);
  expect(names.known('wilhelmine called', 5)).toBe(`${before} called`);
});
