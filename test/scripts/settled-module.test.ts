import { describe, expect, test } from 'vitest';
import { settledModule } from '../../scripts/settled-module.mjs';

describe('settledModule', () => {
  test('makes a constant again of what nothing assigns to', () => {
    expect(settledModule('var LIMIT = 3;')).toBe('const LIMIT = 3;');
    expect(settledModule('var Table = class {};')).toBe('const Table = class {};');
    expect(settledModule('var A = 1, B = A + 1;')).toBe('const A = 1, B = A + 1;');
  });

  test.each([
    ['var last = 0; function note() { last = 1; }', 'an assignment'],
    ['var last = 0; function note() { last ||= 1; }', 'an assignment on a condition'],
    ['var last = 0; const next = () => last++;', 'counting'],
    ['var last = 0; function note(pair) { [, last] = pair; }', 'taking an array apart'],
    ['var last = 0; function note(o) { ({ a: { b: last = 2 } } = o); }', 'taking an object apart'],
    ['var last = 0; for (last of [1, 2]);', 'a loop'],
    ['var first = 1, last = 0; last = 2;', 'one of two'],
    ['var last;', 'no value yet'],
    // A local variable of the same name, which only costs the constant.
    ['var last = 0; function note() { let last; last = 1; }', 'another of its name'],
  ])('leaves %j alone: %s', (text) => {
    expect(settledModule(text)).toBe(text);
  });

  test('exports copies, by the names that were exported', () => {
    const text = 'function read() {}\nvar LIMIT = 3;\nexport { LIMIT as MOST, read };';
    expect(settledModule(text)).toBe(
      'function read() {}\nconst LIMIT = 3;\nconst LIMIT$ = LIMIT, read$ = read;\nexport { LIMIT$ as MOST, read$ as read };',
    );
  });

  test('leaves alone what is exported from another module', () => {
    const text = "export { read } from './read.js';";
    expect(settledModule(text)).toBe(text);
  });

  test('what was imported is exported as well', () => {
    expect(settledModule("import { read } from './read.js';\nexport { read };")).toContain(
      'const read$ = read;\nexport { read$ as read };',
    );
  });

  test('what it makes is the same module', async () => {
    const text =
      'var base = 40; var count = 0; function next() { return base + ++count; }\nexport { next as default, base };';
    const made = await import(`data:text/javascript,${encodeURIComponent(settledModule(text))}`);
    expect([made.base, made.default(), made.default()]).toEqual([40, 41, 42]);
  });
});
