import { expect, test } from 'vitest';
import type { Outcome } from './examine.ts';
import { scoreCodes, scoreTable, shortfall } from './score.ts';

const outcome = (part: Partial<Outcome>): Outcome => ({
  ...{ name: 'x', found: [], missed: [], falseAlarms: [], faults: [] },
  ...part,
});

test('recall is over what is there, precision over what is said', () => {
  const scores = scoreCodes([
    outcome({ found: ['no_media', 'no_media'] }),
    outcome({ found: ['no_media'], missed: ['no_media'] }),
    outcome({ falseAlarms: ['no_media', 'late_media'] }),
  ]);
  const [absent, late] = ['no_media', 'late_media'].map(
    (code) => scores.find((score) => score.code === code)!,
  );
  expect(absent).toMatchObject({ positives: 4, found: 3, missed: 1, falseAlarms: 1, recall: 0.75 });
  expect(absent!.precision).toBe(0.75);
  expect(shortfall(absent!)).toBe('recall below 0.9');
  expect(late).toMatchObject({ positives: 0, recall: null, precision: 0 });
  expect(shortfall(late!)).toBe('fewer than 3 positives');
  expect(scoreTable(scores)).toMatch(/late_media .* fewer than 3 positives/);
});

test('who finds everything and nothing else passes', () => {
  const scores = scoreCodes([outcome({ found: ['no_media', 'no_media', 'no_media'] })]);
  expect(shortfall(scores.find(({ code }) => code === 'no_media')!)).toBeNull();
});
