import { expect, test } from 'vitest';
import { lossNotices } from '../../src/live/kept-packets.ts';

test('what a disk did not take and what a hold did not get are said apart', () => {
  expect(lossNotices('lost', { lost: 0, problem: null, unheld: null })).toEqual([]);
  expect(lossNotices('lost', { lost: 3, problem: null, unheld: 'hold x is full' })).toEqual([
    { level: 'warn', text: 'lost', fields: { lost: 3, reason: 'the disk is too slow' } },
    { level: 'warn', text: 'evidence is held in part only', fields: { reason: 'hold x is full' } },
  ]);
});
