import { describe, expect, test } from 'vitest';
import { FINDING_CODES } from '../../src/records/finding-codes.ts';
import { labelParts } from './case.ts';
import { CASE_FILES } from './case-files.ts';
import { examine } from './examine.ts';
import { POSITIVES_MIN } from './score.ts';

// What hangs on random draws has a file of its own, so that the two run at one time.
describe.each(CASE_FILES.filter(({ drawn }) => drawn !== true))('$name', ({ cases }) => {
  test.each(cases)('$name', (each) => {
    expect(examine(each).faults).toEqual([]);
  });
});

describe('the cases', () => {
  const all = CASE_FILES.flatMap(({ cases }) => cases);

  test('every code has enough of them', () => {
    const labels = all.flatMap(({ expected }) => expected.map((label) => labelParts(label).code));
    for (const code of Object.keys(FINDING_CODES)) {
      expect(labels.filter((label) => label === code).length, code).toBeGreaterThanOrEqual(POSITIVES_MIN);
    }
  });

  test('no two of one file have one name', () => {
    for (const { name, cases } of CASE_FILES) {
      const names = cases.map((each) => each.name);
      expect(
        names.filter((each, i) => names.indexOf(each) !== i),
        name,
      ).toEqual([]);
    }
  });
});
