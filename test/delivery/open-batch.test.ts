import '../property-seed.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_BYTES_MAX, OpenBatch } from '../../src/delivery/open-batch.ts';

test('what is taken is what was added, each with its line feed; then it is empty', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 40_000 }), { maxLength: 20 }), (lines) => {
      const open = new OpenBatch();
      for (const line of lines) open.add(line);
      expect(open.points).toBe(lines.length);
      const taken = open.take();
      expect(taken.points).toBe(lines.length);
      expect(taken.lines.toString('utf8')).toBe(lines.map((line) => `${line}\n`).join(''));
      expect({ points: open.points, bytes: open.bytes }).toEqual({ points: 0, bytes: 0 });
    }),
    { numRuns: 30 },
  );
});

test('it is full when it has so many octets, and what was taken stays as it is', () => {
  const open = new OpenBatch();
  open.add('first');
  const { lines } = open.take();
  let added = 0;
  for (; !open.isFull; added++) open.add('é'.repeat(1000));
  expect(added).toBe(Math.ceil(BATCH_BYTES_MAX / 2001));
  expect(lines.toString('utf8')).toBe('first\n');
});
