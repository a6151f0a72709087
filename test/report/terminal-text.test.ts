import { describe, expect, it } from 'vitest';
import { displayWidth, padded, truncated, wrapped } from '../../src/report/terminal-text.ts';
import { neutralised } from '../../src/report/wire-text.ts';

describe('width', () => {
  it('counts columns, not characters', () => {
    expect(displayWidth('alice')).toBe(5);
    expect(displayWidth('Jürgen')).toBe(6);
    expect(displayWidth('Ju\u0308rgen')).toBe(6);
    expect(displayWidth('日本語')).toBe(6);
    expect(displayWidth('한국')).toBe(4);
    expect(displayWidth('☎️📞')).toBe(4);
  });

  it('pads by columns', () => {
    expect(padded('日本', 6, 'left')).toBe('日本  ');
    expect(padded('1.5', 6, 'right')).toBe('   1.5');
    expect(padded('too long', 3, 'left')).toBe('too long');
  });
});

describe('truncated', () => {
  it('keeps both ends, since they tell addresses apart', () => {
    expect(truncated('2001:db8:85a3::8a2e:370:7334', 13, true)).toBe('2001:d…0:7334');
    expect(truncated('2001:db8:85a3::8a2e:370:7334', 13, false)).toBe('2001:d~0:7334');
    expect(truncated('short', 5, true)).toBe('short');
  });

  it('never exceeds the width and never cuts a character', () => {
    for (let width = 0; width < 14; width++) {
      for (const text of ['日本語の名前です', 'Ju\u0308rgen Mu\u0308ller', '👩‍🚒👩‍🚒👩‍🚒👩‍🚒👩‍🚒👩‍🚒👩‍🚒']) {
        const cut = truncated(text, width, true);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        expect(cut).not.toMatch(/\p{Cs}/u);
        expect(cut).not.toMatch(/(^|…)[\u0308\u200d]/);
      }
    }
  });
});

describe('wrapped', () => {
  it('breaks at spaces and leaves long words whole', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('a averyverylongword b', 6)).toEqual(['a', 'averyverylongword', 'b']);
    expect(wrapped('no width given', 0)).toEqual(['no width given']);
  });
});

describe('neutralised', () => {
  it('shows control characters instead of obeying them', () => {
    expect(neutralised('\x1b]0;owned\x07\r\n\t\x9b2J\x7f')).toBe('\\x1b]0;owned\\x07\\r\\n\\t\\x9b2J\\x7f');
    expect(neutralised('a\u202eb\u200d\u2028\ud800')).toBe('a\\u202eb\\u200d\\u2028\\ud800');
    expect(neutralised('\u{e0041}')).toBe('\\u{e0041}');
  });

  it('leaves names of all languages as they are', () => {
    expect(neutralised('Jürgen 日本語 Ελλάδα 📞')).toBe('Jürgen 日本語 Ελλάδα 📞');
  });
});
