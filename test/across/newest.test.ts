import { expect, test } from 'vitest';
import { Newest } from '../../src/across/newest.ts';

test('the oldest makes room, also after some were forgotten', () => {
  const newest = new Newest<number>(4);
  for (const one of [1, 2, 3, 4, 5, 6]) newest.push(one);
  expect([...newest.all()].sort()).toEqual([3, 4, 5, 6]);
  newest.keep((one) => one !== 4);
  expect(newest.all()).toEqual([3, 5, 6]);
  for (const one of [7, 8]) newest.push(one);
  expect([...newest.all()].sort()).toEqual([5, 6, 7, 8]);
});
