import { describe, expect, test } from 'vitest';
import { differenceIntervals } from '../../src/compare/bootstrap.ts';
import type { CallSample } from '../../src/compare/call-sample.ts';
import { MEASURES, type Measure } from '../../src/compare/measures.ts';
import { Observations, unitsOf } from '../../src/compare/observations.ts';
import { sample } from './population.ts';

const measure = (key: string): Measure => MEASURES.find((each) => each.key === key)!;
const jitter = (...values: (number | null)[]): CallSample[] =>
  values.map((jitterP95Ms, at) => sample({ unit: `${at}`, jitterP95Ms }));

function observed(key: string, aspect: Measure['aspects'][number], a: CallSample[], b: CallSample[]) {
  const units = unitsOf(a, b);
  return { units, each: new Observations(measure(key), aspect, [...a, ...b], units) };
}

describe('what is compared', () => {
  test('medians and the bounds of the worst tenth, by nearest rank', () => {
    const a = jitter(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const b = jitter(5, 5, 50, null);
    const { each } = observed('jitterP95Ms', 'typical', a, b);
    expect([each.callsA, each.callsB]).toEqual([10, 3]);
    expect(each.estimate(null)).toEqual({ a: 5, b: 5 });
    expect(observed('jitterP95Ms', 'worst_tenth', a, b).each.estimate(null)).toEqual({ a: 9, b: 50 });
    expect(each.spread()).toEqual({ p10: { a: 1, b: 5 }, p50: { a: 5, b: 5 }, p90: { a: 9, b: 50 } });
  });

  test('where lower is worse, the worst tenth is the lowest', () => {
    const mos = (...values: number[]) => values.map((NB, at) => sample({ unit: `${at}`, mos: { NB } }));
    const { each } = observed('mosLqNB', 'worst_tenth', mos(1, 2, 3, 4, 4, 4, 4, 4, 4, 4), mos(4, 4));
    expect(each.estimate(null)).toEqual({ a: 2, b: 4 });
    expect(each.spread()).toEqual({ p10: { a: 2, b: 4 }, p50: { a: 4, b: 4 }, p90: { a: 4, b: 4 } });
  });

  test('sums of parts, not means of shares', () => {
    const lost = (...parts: [number, number][]) =>
      parts.map(([part, whole], at) => sample({ unit: `${at}`, lost: { part, whole } }));
    const { each } = observed('lost', 'overall', lost([10, 100], [0, 900]), lost([1, 10], [0, 0]));
    expect(each.estimate(null)).toEqual({ a: 0.01, b: 0.1 });
    // Common share 11 of 1010; what each exceeds it by adds up to nothing.
    const scores = each.scores();
    expect(scores[0]).toBeCloseTo(10 - (100 * 11) / 1010, 10);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(0, 10);
  });

  test('ranks: equal values share theirs, higher is positive', () => {
    const { each } = observed('jitterP95Ms', 'typical', jitter(1, 2), jitter(2, 9));
    expect([...each.scores()]).toEqual([-1.5, 0, 0, 1.5]);
    const mos = (NB: number, unit: string) => sample({ unit, mos: { NB } });
    const lower = observed('mosLqNB', 'typical', [mos(4, 'a')], [mos(3, 'b')]);
    expect([...lower.each.scores()]).toEqual([0.5, -0.5]);
  });

  test('legs of one conversation are one unit', () => {
    const a = ['x', 'x', 'y'].map((unit) => sample({ unit, jitterP95Ms: 1 }));
    const b = [sample({ unit: 'x', jitterP95Ms: 2 })];
    expect(unitsOf(a, b)).toEqual({ count: 3, countA: 2, of: Int32Array.from([0, 0, 1, 2]) });
    const { each } = observed('jitterP95Ms', 'typical', a, b);
    expect([...each.scores()]).toEqual([-1, -0.5, 1.5]);
    expect(each.estimate(Int32Array.from([2, 0, 1]))).toEqual({ a: 1, b: 2 });
  });

  test('intervals hold the difference, and none where a side is constant', () => {
    const a = jitter(...Array.from({ length: 60 }, (_, at) => 10 + (at % 10)));
    const b = jitter(...Array.from({ length: 60 }, (_, at) => 15 + (at % 10)));
    const { units, each } = observed('jitterP95Ms', 'typical', a, b);
    const [interval] = differenceIntervals([each], units);
    expect(interval!.low).toBeGreaterThan(2);
    expect(interval!.low).toBeLessThanOrEqual(5);
    expect(interval!.high).toBeGreaterThanOrEqual(5);
    expect(interval!.high).toBeLessThan(8);
    const same = observed('jitterP95Ms', 'typical', jitter(5, 5, 5), jitter(5, 5, 5));
    expect(differenceIntervals([same.each], same.units)).toEqual([{ low: 0, high: 0 }]);
  });
});
