import { describe, expect, test } from 'vitest';
import { CASE_FILES } from './case-files.ts';
import { examine } from './examine.ts';

describe.each(CASE_FILES.filter(({ drawn }) => drawn === true))('$name', ({ cases }) => {
  test.each(cases)('$name', (each) => {
    expect(examine(each).faults).toEqual([]);
  });
});
