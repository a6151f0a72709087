import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_THRESHOLDS, thresholdsPage } from '../../src/engine/thresholds.ts';

test('docs/thresholds.md is what the code says (npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/thresholds.md', import.meta.url), 'utf8');
  expect(page).toBe(thresholdsPage());
  for (const name of Object.keys(DEFAULT_THRESHOLDS)) expect(page).toContain(`| \`${name}\` |`);
});
