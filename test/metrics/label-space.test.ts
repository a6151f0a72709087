import { describe, expect, test } from 'vitest';
import { codecLabel } from '../../src/metrics/codec-label.ts';
import { CANDIDATES_MAX, LabelSpace } from '../../src/metrics/label-space.ts';
import { escapedValue, LABEL_CHARACTERS_MAX, labelValue } from '../../src/metrics/label-text.ts';

const space = (limit: number): LabelSpace =>
  new LabelSpace({ names: ['site', 'direction'], folded: ['site'], limit });

describe('a budget of label sets', () => {
  test('half goes to whoever comes first, what is beyond is other, but for labels that stay', () => {
    const sites = space(4);
    const values = ['a', 'b', 'c', 'd'].map((site) => sites.resolve([site, 'in']).values);
    expect(values).toEqual([
      ['a', 'in'],
      ['b', 'in'],
      ['other', 'in'],
      ['other', 'in'],
    ]);
    expect(sites.resolve(['e', 'out']).text).toBe('site="other",direction="out"');
    expect([sites.used, sites.overflowed]).toEqual([2, 3]);
  });

  test('the busiest get the rest, and keep it', () => {
    const sites = space(8);
    for (const site of ['a', 'b', 'c', 'd']) sites.resolve([site, 'in']);
    for (let i = 0; i < 1000; i++) {
      sites.resolve(['busy', 'in']);
      if (i % 10 === 0) sites.resolve(['less', 'in']);
      sites.resolve([`once ${i}`, 'in']);
    }
    sites.admit();
    expect(sites.resolve(['busy', 'in']).values[0]).toBe('busy');
    expect(sites.resolve(['less', 'in']).values[0]).toBe('other');
    expect(sites.resolve(['once 3', 'in']).values[0]).toBe('other');
    for (let i = 0; i < 1000; i++) sites.resolve(['later', 'in']);
    for (let i = 0; i < 20; i++) sites.admit();
    expect(sites.resolve(['busy', 'in']).values[0]).toBe('busy');
    expect(sites.resolve(['a', 'in']).values[0]).toBe('a');
    expect(sites.used).toBeLessThanOrEqual(8);
  });

  test('a flood of names takes neither room nor memory', () => {
    const sites = space(100);
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 20_000; i++) sites.resolve([`${round} ${i}`, 'in']);
      sites.admit();
    }
    // Half at once, and nothing that was seen once.
    expect(sites.used).toBe(50);
    expect(sites.size).toBe(51);
    expect(CANDIDATES_MAX).toBe(4096);
  });
});

describe('values of labels', () => {
  test('whatever the wire holds becomes short, printable and valid', () => {
    const hostile = ['x'.repeat(10_000), 'a\nb\u0000c', '\ud800broken', '\u202eltr', '', ' \t '];
    for (const value of hostile.map(labelValue)) {
      expect(value.length).toBeLessThanOrEqual(LABEL_CHARACTERS_MAX);
      expect(value).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u);
      expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value);
    }
    expect(labelValue('')).toBe('none');
  });

  test('cutting never leaves half a character', () => {
    expect(labelValue(`${'x'.repeat(LABEL_CHARACTERS_MAX - 1)}\u{1f600}`)).toBe(
      `${'x'.repeat(LABEL_CHARACTERS_MAX - 1)}?`,
    );
  });

  test('quotes and backslashes are escaped', () => {
    expect(escapedValue('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
  });

  test('codecs are those that there are', () => {
    expect(['pcmu', 'Opus', 'x"y', 'z'.repeat(99), null].map(codecLabel)).toEqual([
      'PCMU',
      'OPUS',
      'other',
      'other',
      'none',
    ]);
  });
});
