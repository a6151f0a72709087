import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
const covered = folder.at('covered');
const plain = folder.at('plain');
let key = '';
let another = '';
beforeAll(() => {
  build();
  key = folder.write('key.txt', '0123456789abcdef-one\n');
  another = folder.write('another.txt', '0123456789abcdef-two\n');
  const input = readFileSync(join(ROOT, DEMO));
  const cover = ['--pseudonymise', '--pseudonym-key-file', key];
  expect(earshot(['live', '-', '--history', covered, ...cover], { input }).code).toBe(0);
  expect(earshot(['live', '-', '--history', plain], { input }).code).toBe(0);
}, 180_000);
afterAll(() => folder.remove());

const asked = (party: string, ...options: string[]) =>
  earshot(['calls', covered, '--party', party, ...options]);

describe('a party of a history with pseudonyms', () => {
  test.each([['5550144'], ['+495550144'], ['05550144'], ['555 0144']])('is found by its key: %s', (party) => {
    const { code, stdout } = asked(party, '--pseudonym-key-file', key);
    expect(code).toBe(0);
    expect(stdout.match(/ c\d+ sip:/g)).toEqual([' c4 sip:']);
    expect(stdout).not.toContain('5550144');
  });

  test('is found by its name', () => {
    const { stdout } = asked('dave', '--pseudonym-key-file', key);
    expect(stdout.match(/ c\d+ sip:/g)).toEqual([' c4 sip:', ' c6 sip:']);
    expect(stdout).not.toContain('dave');
  });

  test.each([
    [
      'without a key',
      [],
      /^no call in this history is like that: the numbers and names in it are pseudonyms \(key [0-9a-f]{8}\); give that key by --pseudonym-key-file/,
    ],
    [
      'with another key',
      ['another'],
      /are pseudonyms of key [0-9a-f]{8}, and the key given is [0-9a-f]{8}\n/,
    ],
  ] as const)('is not found %s, and it says why', (_, keys, text) => {
    const { code, stdout } = asked('5550144', ...keys.flatMap(() => ['--pseudonym-key-file', another]));
    expect(code).toBe(0);
    expect(stdout).toMatch(text);
  });

  test('has no ends of numbers', () => {
    const { stdout } = asked('0144', '--pseudonym-key-file', key);
    expect(stdout).toContain('are pseudonyms, and only whole numbers and names have one');
  });
});

test('a key hides nothing in a history of names as they are', () => {
  const { code, stdout, stderr } = earshot([
    'calls',
    plain,
    '--party',
    '5550144',
    '--pseudonym-key-file',
    key,
  ]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('alone hides nothing');
});
