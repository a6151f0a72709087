import { describe, expect, test } from 'vitest';
import type { JudgedCall } from '../../src/compare/failed-calls.ts';
import { AGES_MIN, failureAges } from '../../src/compare/failure-ages.ts';
import { randomFor } from '../../src/synth/random.ts';
import { sample } from './population.ts';

type Random = ReturnType<typeof randomFor>;

/** Calls of two minutes on average, as people make them; the first so many fail at an age. */
function calls(random: Random, failures: number, age: (talkMs: number) => number): JudgedCall[] {
  return Array.from({ length: 400 }, (_, at) => {
    const talkMs = -120_000 * Math.log(1 - random.float());
    const failedAtMs = at < failures ? Math.min(talkMs, age(talkMs)) : null;
    return {
      ...{ sample: sample(), hasFailed: at < failures, ran: { fromUs: 0, toUs: 1 } },
      ...{ talkMs, failedAtMs },
    };
  });
}

describe('the age at which calls fail', () => {
  test('32 s after the answer is found, and named', () => {
    const random = randomFor(1, 'ages');
    const all = calls(random, 40, () => 32_000 + 100 * random.float()).filter(
      ({ talkMs, hasFailed }) => !hasFailed || talkMs! > 32_100,
    );
    const ages = failureAges(all)!;
    expect(ages.p).toBe(1 / 5000);
    expect(ages.half.fromMs).toBeGreaterThanOrEqual(32_000);
    expect(ages.half.toMs).toBeLessThanOrEqual(32_100);
    expect(ages.half.talkRatio).toBeLessThan(0.001);
  });

  test('failures at any moment of a call alike are at no age', () => {
    let claimed = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = randomFor(seed, 'any age');
      // Of the same call longer ones fail more often: any second is as dangerous.
      const all = calls(random, 0, () => 0).map((call) => {
        const at = -2_000_000 * Math.log(1 - random.float());
        return at < call.talkMs! ? { ...call, hasFailed: true, failedAtMs: at } : call;
      });
      const ages = failureAges(all);
      if (ages !== null && ages.p <= 0.01) claimed++;
    }
    expect(claimed).toBeLessThanOrEqual(4);
  });

  test('too few, or none that was up', () => {
    const random = randomFor(2, 'few');
    expect(failureAges(calls(random, AGES_MIN - 1, () => 1000))).toBeNull();
    expect(failureAges(calls(random, AGES_MIN, () => 1000))).not.toBeNull();
    expect(failureAges(calls(random, 40, () => 0).map((call) => ({ ...call, talkMs: 0 })))).toBeNull();
    expect(failureAges([])).toBeNull();
  });
});
