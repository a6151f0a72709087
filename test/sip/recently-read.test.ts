import { expect, test } from 'vitest';
import { RecentlyRead } from '../../src/sip/recently-read.ts';

/** Answers with the length of a value and counts how often it was asked; null for empty ones. */
function counting(): { reader: RecentlyRead<number | null>; asked: string[] } {
  const asked: string[] = [];
  const reader = new RecentlyRead((value) => {
    asked.push(value);
    return value === '' ? null : value.length;
  });
  return { reader, asked };
}

test('a value is read once, also one of which nothing can be made', () => {
  const { reader, asked } = counting();
  expect([reader.of('abc'), reader.of(''), reader.of('abc'), reader.of('')]).toEqual([3, null, 3, null]);
  expect(asked).toEqual(['abc', '']);
});

test('what is remembered is bounded, in values and in their length', () => {
  const { reader, asked } = counting();
  const long = 'x'.repeat(257);
  expect([reader.of(long), reader.of(long)]).toEqual([257, 257]);
  expect(asked).toEqual([long, long]);
  for (let i = 0; i < 2048; i++) reader.of(`v${i}`);
  reader.of('v0');
  expect(asked).toHaveLength(2050);
  reader.of('one more');
  reader.of('v0');
  expect(asked.slice(-2)).toEqual(['one more', 'v0']);
});
