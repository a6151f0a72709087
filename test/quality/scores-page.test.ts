import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codecTable } from '../../src/quality/codecs.ts';
import { FLAG } from '../../src/quality/flags.ts';
import { scoresPage } from '../../src/quality/scores-page.ts';

describe('docs/scores.md', () => {
  const page = readFileSync(new URL('../../docs/scores.md', import.meta.url), 'utf8');

  test('is what the code says (npm run docs)', () => {
    expect(page).toBe(scoresPage());
  });

  test('has every row and every flag', () => {
    for (const { id } of codecTable()) expect(page).toContain(`| \`${id}\` |`);
    for (const name of Object.keys(FLAG)) expect(page).toContain(`| \`${name}\` |`);
  });

  test('standards 4.8: its table for other tools has the values that were printed', () => {
    const cells = (name: string): string[] =>
      page
        .split('\n')
        .find((line) => line.startsWith(`| ${name}`))!
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim());
    expect(cells('**G.107, concealment, 0 ms**')).toEqual(['4.41', '4.33', '4.13', '3.92', '3.41']);
    expect(cells('**G.107, no concealment, 0 ms**')).toEqual(['4.41', '3.83', '2.79', '2.17', '1.48']);
    expect(cells('PingPlotter')[3]).toBe('4.04');
    expect(cells('rtpengine `G.107`,')[0]).toBe('4.34');
    expect(cells('Cole and Rosenbluth 2001, 0 ms')[0]).toBe('4.43');
  });
});
