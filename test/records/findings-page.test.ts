import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FINDING_CODES } from '../../src/records/finding-codes.ts';
import { findingsPage } from '../../src/records/findings-page.ts';

test('docs/findings.md is what the code says (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8');
  expect(page).toBe(findingsPage());
  for (const code of Object.keys(FINDING_CODES)) expect(page).toContain(`## ${code}`);
});
