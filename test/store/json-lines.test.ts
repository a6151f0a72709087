import '../property-seed.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { linesOf } from '../../src/store/json-lines.ts';

/** As it is read. */
const CHUNK = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), 'earshot-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

function linesIn(bytes: Uint8Array): string[] {
  const file = join(folder, 'lines');
  writeFileSync(file, bytes);
  return [...linesOf(file)];
}

/** The same of a file that is read at once. */
function atOnce(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

test('lines are the same wherever a file is cut as it is read', () => {
  const pieces = ['\n', 'ü', '€', '😀', '\ufeff', '\r\n', 'x'.repeat(40), '"\\u00e9"', '\n\n'];
  const border = fc.record({
    before: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }),
    at: fc.integer({ min: -40, max: 0 }),
    broken: fc.constantFrom([], [0xc3], [0xe2, 0x82], [0xf0, 0x9f], [0xff]),
    after: fc.array(fc.constantFrom(...pieces), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(border, { minLength: 1, maxLength: 3 }), fc.boolean(), (borders, isAscii) => {
      const bytes = Buffer.alloc((borders.length + 1) * CHUNK + 17, isAscii ? 'a' : 'aaaa\n');
      for (const [i, { before, at, broken, after }] of borders.entries()) {
        const text = Buffer.concat([
          Buffer.from(before.join('')),
          Buffer.from(broken),
          Buffer.from(after.join('')),
        ]);
        bytes.set(text, (i + 1) * CHUNK + at);
      }
      expect(linesIn(bytes).join('|') === atOnce(bytes).join('|')).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('a mark before the first line is none of it, one before another is', () => {
  expect(linesIn(Buffer.from('\ufeff{"a":1}\n\ufeff{}\n{"b":2}'))).toEqual([
    '{"a":1}',
    '\ufeff{}',
    '{"b":2}',
  ]);
  expect(linesIn(Buffer.alloc(0))).toEqual([]);
});
