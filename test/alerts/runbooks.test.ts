import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { FINDING_CODES } from '../../src/records/finding-codes.ts';

const folder = resolve(import.meta.dirname, '../../docs/runbooks');

test('commands of runbooks ask for findings that there are', () => {
  const asked = readdirSync(folder).flatMap((page) =>
    [...readFileSync(join(folder, page), 'utf8').matchAll(/^earshot calls .* --finding (\S+)$/gm)].map(
      ([, code]) => code!,
    ),
  );
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.filter((code) => !(code in FINDING_CODES))).toEqual([]);
});
