import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compareSets } from '../../src/compare/compare-sets.ts';
import { renderSets } from '../../src/compare/sets-text.ts';
import { COLOURED } from '../../src/report/paint.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { sample, side } from './population.ts';

const calls = (by: number) =>
  Array.from({ length: 80 }, (_, at) =>
    sample({
      unit: `${at}`,
      jitterP95Ms: 20 + (at % 5) + by,
      roundTripMs: 90 - 4 * by + (at % 7),
      mos: { NB: 4.2 },
    }),
  );
const comparison = compareSets(side(calls(0)), side(calls(5)));

describe('a comparison as text', () => {
  test('what got worse stands first, with both values, the interval and the chance', () => {
    const text = [...renderSets(comparison, {})].join('');
    expect(text.indexOf('GOT WORSE')).toBeLessThan(text.indexOf('GOT BETTER'));
    expect(text).toMatch(
      /GOT WORSE\n {2}jitter of a call \(p95\), median call: 22\.0 ms -> 27\.0 ms \(\+5\.0, \+23 %, between \+\d\.\d and \+\d\.\d; p <0\.001\)/,
    );
    expect(text).toMatch(/GOT BETTER\n {2}round trip, median call: 93\.0 ms -> 73\.0 ms \(-20\.0, -22 %/);
    expect(text).toMatch(/MOS-LQ \(NB\) +median call +4\.20 +4\.20 .* no difference that matters/);
    expect(text).toContain('the chance of even one false claim is 1 % at most');
  });

  test.each([80, 100, 120, 200])('fits %i columns', (columns) => {
    for (const line of renderSets(comparison, { columns }))
      expect(displayWidth(line.trimEnd())).toBeLessThanOrEqual(columns);
  });

  test('colours add nothing but colours', () => {
    const plain = [...renderSets(comparison, {})].join('');
    const coloured = [...renderSets(comparison, { paint: COLOURED })].join('');
    expect(coloured).not.toBe(plain);
    const bare = stripVTControlCharacters(coloured).split('\n');
    expect(bare.map((line) => line.trimEnd())).toEqual(plain.split('\n'));
  });
});
