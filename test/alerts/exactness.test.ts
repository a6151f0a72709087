import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPercentileBeyond, measureOf } from '../../src/alerts/measure.ts';
import { Panes } from '../../src/alerts/panes.ts';
import {
  addTo,
  bucketOf,
  type Counts,
  percentileOf,
  SKETCH_ERROR,
  valueOfBucket,
} from '../../src/alerts/sketch.ts';
import { badInterval, Feed, interval, MINUTE_US, rules } from './feed.ts';

/** The value of nearest rank, by sorting. */
function sorted(values: readonly number[], percent: number): number {
  const inOrder = values.toSorted((a, b) => a - b);
  return inOrder[Math.max(1, Math.ceil((percent * inOrder.length) / 100)) - 1]!;
}

/** Values that lie on, just above and just below a threshold, beside ordinary ones. */
const adversarial = (threshold: number) =>
  fc.oneof(
    fc.double({ min: 0, max: 200, noNaN: true }),
    fc.constantFrom(threshold, threshold * (1 + 2 ** -52), threshold * (1 - 2 ** -52), 0, 1e5),
  );

describe('a percentile against its threshold', () => {
  test.each(['p50', 'p90', 'p95', 'p99', 'p99.9', 'p100'])('%s is what sorting says, above', (text) => {
    const measure = measureOf(text, { worse: 'high' });
    if (measure.kind !== 'percentile') throw new Error(text);
    fc.assert(
      fc.property(fc.array(adversarial(30), { minLength: 1, maxLength: 400 }), (values) => {
        const beyond = values.filter((value) => value > 30).length;
        expect(isPercentileBeyond(measure, values.length, beyond)).toBe(sorted(values, measure.percent) > 30);
      }),
    );
  });

  test.each(['p50', 'p10', 'p05', 'p01'])('%s is what sorting says, below', (text) => {
    const measure = measureOf(text, { worse: 'low' });
    if (measure.kind !== 'percentile') throw new Error(text);
    fc.assert(
      fc.property(fc.array(adversarial(3.6), { minLength: 1, maxLength: 400 }), (values) => {
        const beyond = values.filter((value) => value < 3.6).length;
        expect(isPercentileBeyond(measure, values.length, beyond)).toBe(
          sorted(values, measure.percent) < 3.6,
        );
      }),
    );
  });

  test('holds at every count up to a thousand samples', () => {
    const measure = measureOf('p95', { worse: 'high' });
    if (measure.kind !== 'percentile') throw new Error('p95');
    for (let samples = 1; samples <= 1000; samples++) {
      // The fewest beyond it that make p95 exceed the threshold: more than a twentieth.
      const fewest = Math.floor(samples / 20) + 1;
      expect(isPercentileBeyond(measure, samples, fewest)).toBe(true);
      expect(isPercentileBeyond(measure, samples, fewest - 1)).toBe(false);
    }
  });
});

describe('the sketch', () => {
  test('is within its error at every percentile, whatever the values', () => {
    const values = fc.array(
      fc.oneof(
        fc.double({ min: 1e-5, max: 9e5, noNaN: true }),
        fc.double({ min: 0.5, max: 50, noNaN: true }),
        fc.constantFrom(0, 1, 30, 1e-6),
      ),
      { minLength: 1, maxLength: 300 },
    );
    fc.assert(
      fc.property(values, fc.constantFrom(1, 5, 50, 90, 95, 99, 100), (drawn, percent) => {
        const counts: Counts = new Map();
        for (const value of drawn) addTo(counts, bucketOf(value), 1);
        const truth = sorted(drawn, percent);
        expect(Math.abs(percentileOf(counts, percent)! - truth)).toBeLessThanOrEqual(
          truth * SKETCH_ERROR * (1 + 1e-9),
        );
      }),
    );
  });

  test('has buckets in the order of their values', () => {
    for (let bucket = 1; bucket < 1300; bucket++) {
      expect(valueOfBucket(bucket)).toBeGreaterThan(valueOfBucket(bucket - 1));
      expect(bucketOf(valueOfBucket(bucket))).toBe(bucket);
    }
  });
});

describe('panes', () => {
  test('hold what fell into the window and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 200 }), (counts) => {
        const panes = new Panes(10, 7, true);
        const truth: number[] = [];
        counts.forEach((count, pane) => {
          panes.moveTo(pane);
          for (let i = 0; i < count; i++) {
            // Nobody asks whether a pane has begun.
            panes.moveTo(pane);
            panes.add(0, 1);
            panes.count(pane);
          }
          truth.push(count);
          const expected = truth.slice(-6).reduce((a, b) => a + b, 0);
          expect(panes.sum(0, pane, 6)).toBe(expected);
          let sketched = 0;
          for (const n of panes.sketch(pane, 6).values()) sketched += n;
          expect(sketched).toBe(expected);
        });
        const again = new Panes(10, 7, true);
        again.restore(JSON.parse(JSON.stringify(panes.save())));
        expect(again.save()).toEqual(panes.save());
        // The newest pane goes on after a restart.
        for (const each of [panes, again]) each.count(counts.length - 1);
        expect(again.save()).toEqual(panes.save());
      }),
    );
  });
});

describe('a rule on a percentile', () => {
  const set = rules(`
rules:
  - name: Jitter
    summary: jitter
    signal: interval.jitterMs
    measure: p95
    above: 30
    window: 1m
    minSamples: 1
    clearFor: 0s
`);

  test('fires and ends exactly as sorting the window says, and shows that value', () => {
    const draws = fc.array(fc.array(adversarial(30), { maxLength: 12 }), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(draws, (steps) => {
        const feed = new Feed(set);
        const window: number[][] = [];
        let worst = 0;
        for (const values of steps) {
          feed.run(MINUTE_US / 6, () => values.map((jitterMs) => interval({ jitterMs })));
          window.push(values);
          const inWindow = window.slice(-6).flat();
          const truth = inWindow.length > 0 && sorted(inWindow, 95) > 30;
          expect(feed.active.length > 0).toBe(truth);
          // Shown is the worst while it fires.
          worst = truth ? Math.max(worst, sorted(inWindow, 95)) : 0;
          if (!truth) continue;
          const error = Math.abs(feed.active[0]!.value! - worst);
          expect(error).toBeLessThanOrEqual(worst * SKETCH_ERROR * (1 + 1e-9));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('shows a value within the error of the sketch', () => {
    const feed = new Feed(set);
    feed.run(MINUTE_US, (step) => [interval({ jitterMs: 40 + step }), badInterval({ jitterMs: 45 })]);
    const shown = feed.active[0]!.value!;
    expect(Math.abs(shown - 45) / 45).toBeLessThan(0.02);
  });
});
