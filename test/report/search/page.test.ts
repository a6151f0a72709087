import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { SYMPTOMS } from '../../../src/report/search/symptoms.ts';

const page = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'docs/replay.md'), 'utf8');

test('docs/replay.md says what each symptom goes by', () => {
  for (const { name, says, shows, hints } of SYMPTOMS) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
    const codes = (cell: string | undefined): string[] =>
      [...(cell ?? '').matchAll(/`(\w+)`/g)].map((match) => match[1]!);
    expect(cells[2]).toBe(says);
    expect(codes(cells[3])).toEqual([...shows]);
    expect(codes(cells[4])).toEqual([...hints]);
  }
});
