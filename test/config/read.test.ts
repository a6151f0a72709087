import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read.ts';
import {
  choice,
  duration,
  flag,
  list,
  map,
  number,
  object,
  required,
  text,
} from '../../src/config/schema.ts';

/** A reference to an environment variable. */
const variable = (name: string): string => ['$', '{', name, '}'].join('');

const SCHEMA = object('All.', {
  name: text('A name.', 'none'),
  secret: text('A secret.', null, {
    secret: true,
    form: { pattern: /^s/, expected: 'a text that begins with s' },
  }),
  engine: choice('An engine.', ['auto', 'ring', 'pcap'], 'auto'),
  isOn: flag('Whether.', true),
  wait: duration('A wait.', { default: 2000, minMs: 10, maxMs: 60_000 }),
  inner: object('Inside.', { count: number('A count.', { default: 3, min: 1, max: 9, whole: true }) }),
  places: list(
    'Places.',
    object('A place.', { host: required('A host.'), port: number('', { default: 1, min: 1, max: 9 }) }),
    2,
  ),
  words: map('Words.', number('', { default: 0, min: 0, max: 5 }), {
    keys: ['one', 'two'],
    keyDoc: 'one or two',
    max: 2,
  }),
});

const read = (source: string, environment = {}) => readConfig(source, SCHEMA, environment);
const problems = (source: string, environment = {}) =>
  read(source, environment).problems.map(
    ({ line, column, path, text: said }) => `${line}:${column} ${path}: ${said}`,
  );

describe('what is read', () => {
  test('nothing is the defaults', () => {
    for (const source of ['', '# nothing\n', 'inner:\n', '{}']) {
      const { value, problems: wrong } = read(source);
      expect(wrong).toEqual([]);
      expect(value).toEqual({
        ...{ name: 'none', secret: null, engine: 'auto', isOn: true, wait: 2000, inner: { count: 3 } },
        ...{ places: [], words: {} },
      });
    }
  });

  test('what is written takes the place of the default, and nothing else changes', () => {
    const { value, problems: wrong } = read(
      'engine: ring\nwait: 1.5s\ninner: {count: 4}\nplaces:\n  - host: a\n    port: 2\n  - host: 4711\nwords: {two: 2.5}\n',
    );
    expect(wrong).toEqual([]);
    expect(value).toMatchObject({
      engine: 'ring',
      wait: 1500,
      inner: { count: 4 },
      isOn: true,
      words: { two: 2.5 },
    });
    expect(value.places).toEqual([
      { host: 'a', port: 2 },
      { host: '4711', port: 1 },
    ]);
  });

  test('the environment fills in, and what is not set is an error', () => {
    expect(read(`secret: ${variable('KEY')}`, { KEY: 'sesame' }).value.secret).toBe('sesame');
    expect(problems(`name: a\nsecret: ${variable('KEY')}`)).toEqual([
      '2:9 secret: the environment variable KEY is not set',
    ]);
  });

  test('anchors stand for what they name', () => {
    expect(read('places:\n  - &a {host: x}\n  - *a\n').value.places).toEqual([
      { host: 'x', port: 1 },
      { host: 'x', port: 1 },
    ]);
  });
});

describe('what is wrong is said with place, value and expectation', () => {
  test.each([
    [
      'engin: ring',
      '1:1 engin: no such setting; did you mean engine? There are name, secret, engine, isOn, wait, inner, places, words',
    ],
    ['engine: rign', '1:9 engine: expected one of auto, ring, pcap, got "rign"; did you mean ring?'],
    ['isOn: 1', '1:7 isOn: expected true or false, got "1"'],
    ['wait: 5', '1:7 wait: expected a time such as 10s, 5m or 1h, from 10 ms to 60000 ms, got "5"'],
    ['wait: 2m', '1:7 wait: expected a time such as 10s, 5m or 1h, from 10 ms to 60000 ms, got "2m"'],
    ['inner:\n  count: 4.5', '2:10 inner.count: expected a whole number from 1 to 9, got "4.5"'],
    ['inner: 7', '1:8 inner: expected a group of settings, got "7"'],
    ['places: a', '1:9 places: expected a list ("- " before each entry), got "a"'],
    ['places:\n  - port: 2', '2:5 places[0].host: has to be given: expected a text (A host.)'],
    ['places: [{host: a}, {host: b}, {host: c}]', '1:9 places: expected at most 2 entries, got 3'],
    ['words:\n  too: 1', '2:3 words.too: no such name; did you mean two?'],
    ['name: [a]', '1:7 name: expected a text, got a list'],
    ['name: a\nname: b', '2:1 name: is there twice'],
    ['name: "a', '1:9 : Missing closing "quote'],
  ])('%s', (source, expected) => {
    expect(problems(source)).toEqual([expected]);
  });

  test('all of it at once', () => {
    expect(problems('engine: x\nisOn: y\nwait: z')).toHaveLength(3);
  });

  test('a secret is not repeated', () => {
    expect(problems('secret: hunter2')).toEqual([
      '1:9 secret: expected a text that begins with s, got something else',
    ]);
  });

  test('any bytes end in a value or in problems', () => {
    const piece = fc.constantFrom(
      'name',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<',
      '!!',
      '"',
      "'",
      '|',
      'engine',
      variable('X'),
      '\t',
      '\u0000',
      '#',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (source) => {
          const { value, problems: wrong } = read(source);
          expect(value.inner.count >= 1 || wrong.length > 0).toBe(true);
          expect(wrong.length).toBeLessThanOrEqual(20);
        },
      ),
    );
  });

  test('aliases that would grow without bound are refused or small', () => {
    const source = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
    ].join('\n');
    expect(problems(source).length).toBeGreaterThan(0);
  });

  test('sixty thousand keys are read in the time that they take to read', () => {
    const source = `words:\n${Array.from({ length: 60_000 }, (_, i) => `  k${i}: 1\n`).join('')}`;
    expect(problems(source)).toEqual(['2:3 words: expected at most 2 entries, got 60000']);
  });

  test('an alias of nothing is told, and not taken for a setting that was left out', () => {
    expect(problems('secret: *none\n')).toEqual(['1:1 secret: there is no anchor &none']);
  });

  test('what is meant for a terminal does not get there', () => {
    const [line] = problems('"\\e]0;x\\a\\u202e": 1\n');
    expect(line).toMatch(/^1:1 \?]0;x\?\?: no such setting; there are name, /);
  });
});
