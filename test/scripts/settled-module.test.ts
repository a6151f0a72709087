import { describe, expect, test } from 'vitest';
import { settledModule } from '../../scripts/settled-module.mjs';

describe('settledModule', () => {
  test('makes a constant again of what nothing assigns to', () => {
    expect(settledModule('var LIMIT = 3;')).toBe('const LIMIT = 3;');
    expect(settledModule('var Table = class {};')).toBe('const Table = class {};');
    expect(settledModule('var A = f(1), B = A + 1;')).toBe('const A = f(1), B = A + 1;');
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

  test.each([
    ['const A = 3; f(A);', 'const A = 3; f(3);'],
    ['const A = -3; f(1 - A);', 'const A = -3; f(1 - (-3));'],
    ['var A = 0.1; var B = A * 3; f(B);', 'const A = 0.1; const B = 0.1 * 3; f(0.30000000000000004);'],
    ['const A = 1 << 20; f(A);', 'const A = 1 << 20; f(1048576);'],
    ['const A = 3; f(A.toFixed(1), A[0]);', 'const A = 3; f((3).toFixed(1), (3)[0]);'],
    ['const A = 3; f({ A });', 'const A = 3; f({ A: 3 });'],
    ['const A = 3; f({ A: A }, o.A, o[A]);', 'const A = 3; f({ A: 3 }, o.A, o[3]);'],
    [
      'const A = 3; class C { A = A; static [A]() { return A; } }',
      'const A = 3; class C { A = 3; static [3]() { return 3; } }',
    ],
    ['const A = 3; const g = (n = A) => n;', 'const A = 3; const g = (n = 3) => n;'],
    ['const A = 3; A: for (;;) { break A; }', 'const A = 3; A: for (;;) { break A; }'],
    ['function g() { return A; } const A = 3;', 'function g() { return 3; } const A = 3;'],
  ])('writes numbers where they are used: %j', (text, settled) => {
    expect(settledModule(text)).toBe(settled);
  });

  test.each([
    ['const A = 3; function g(A) { return A; }', 'a parameter has the name'],
    ['const A = 3; function g() { const A = 4; return A; }', 'a local variable'],
    [
      'const A = 3; function g() { const { a: [A] } = o; return A; }',
      'one that an object is taken apart into',
    ],
    ['const A = 3; try { f(); } catch (A) { f(A); }', 'an error'],
    ['const A = 3; const g = function A() { return A; };', 'a function'],
    ['const A = 1 / 0; f(A);', 'no finite number'],
    ['const A = -0; f(A);', 'no literal says it'],
    ["const A = 'a' | 0; f(A);", 'made of a text'],
    ['const A = now(); f(A);', 'not known before'],
    ["import { A } from './a.js'; f(A);", 'from elsewhere'],
  ])('leaves %j alone: %s', (text) => {
    expect(settledModule(text)).toBe(text);
  });

  test.each([
    ['class C { #a = 1; get a() { return this.#a; } }', 'class C { $a1 = 1; get a() { return this.$a1; } }'],
    ['class C { #m() { return this.#m?.(); } }', 'class C { $m1() { return this.$m1?.(); } }'],
    [
      'class A { static #n = 0; f(o) { return o.#n; } } const B = class { #n; g() { this.#n++; } };',
      'class A { static $n1 = 0; f(o) { return o.$n1; } } const B = class { $n2; g() { this.$n2++; } };',
    ],
    [
      'class A { #n; f() { return class { #n; g(a) { return this.#n + a.#o; } }; } #o; }',
      'class A { $n1; f() { return class { $n2; g(a) { return this.$n2 + a.$o1; } }; } $o1; }',
    ],
  ])('opens what is private: %j', (text, settled) => {
    expect(settledModule(text)).toBe(settled);
  });

  test.each([
    ['class C extends D { #a = 1; get a() { return this.#a; } }', 'the other may have a field of that name'],
    ['class C { #a; static is(o) { return #a in o; } }', 'whose it is, is asked'],
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
