import { describe, expect, test } from 'vitest';
import type { CallSample } from '../../src/compare/call-sample.ts';
import { compareSets } from '../../src/compare/compare-sets.ts';
import type { SetsComparison } from '../../src/compare/contract.ts';
import { sample, side } from './population.ts';

/** Calls that differ a little from each other. */
const calls = (count: number, of: (at: number) => Partial<CallSample>): CallSample[] =>
  Array.from({ length: count }, (_, at) => sample({ unit: `${at}`, ...of(at) }));
const verdict = ({ changes }: SetsComparison, measure: string, aspect = 'typical'): string | undefined =>
  changes.find((change) => change.measure === measure && change.aspect === aspect)?.verdict;
const jitter = (count: number, by = 0): CallSample[] =>
  calls(count, (at) => ({ jitterP95Ms: 20 + (at % 7) + by }));

describe('two sets of calls', () => {
  test('worse, better, and as it was', () => {
    const base = (at: number) => ({ jitterP95Ms: 20 + (at % 7), roundTripMs: 80 + (at % 9), mos: { NB: 4 } });
    const a = calls(100, base);
    const b = calls(100, (at) => ({ ...base(at), jitterP95Ms: 25 + (at % 7), roundTripMs: 50 + (at % 9) }));
    const comparison = compareSets(side(a), side(b));
    expect(verdict(comparison, 'jitterP95Ms')).toBe('worse');
    expect(verdict(comparison, 'roundTripMs')).toBe('better');
    expect(verdict(comparison, 'mosLqNB')).toBe('same');
    const change = comparison.changes.find(({ measure }) => measure === 'jitterP95Ms')!;
    expect(change).toMatchObject({ a: 23, b: 28, difference: 5, callsA: 100, callsB: 100, matters: 1.15 });
    expect(change.interval!.low).toBeGreaterThan(3);
    expect(change.p).toBeLessThanOrEqual(0.01);
  });

  test('certain and too small to matter', () => {
    const comparison = compareSets(side(jitter(300)), side(jitter(300, 0.9)));
    expect(verdict(comparison, 'jitterP95Ms')).toBe('too_small');
  });

  test('too few calls to tell', () => {
    expect(verdict(compareSets(side(jitter(9)), side(jitter(300, 9))), 'jitterP95Ms')).toBe('cannot_tell');
    const wide = (by: number) => calls(12, (at) => ({ roundTripMs: 20 + 40 * (at % 6) + by }));
    expect(verdict(compareSets(side(wide(0)), side(wide(15))), 'roundTripMs')).toBe('cannot_tell');
    const { notes, changes } = compareSets(side([]), side(jitter(20)));
    expect(notes).toEqual(['A has no calls: there is nothing to compare']);
    expect(compareSets(side(jitter(9)), side(jitter(20))).notes.join()).toContain('fewer than 10 calls');
    expect(changes.map((change) => change.verdict)).not.toContain('worse');
    expect(compareSets(side([]), side([])).changes).toEqual([]);
  });

  test('ten calls without a failure do not say that there are none', () => {
    const served = (count: number) =>
      calls(count, () => ({ answered: { part: 1, whole: 1 }, effective: { part: 1, whole: 1 } }));
    const few = compareSets(side(served(10)), side(served(10)));
    expect(verdict(few, 'answered', 'overall')).toBe('cannot_tell');
    expect(verdict(few, 'effective', 'overall')).toBe('cannot_tell');
    // Of none in ten, up to 28 % may be (Wilson).
    const { interval } = few.changes.find(({ measure }) => measure === 'answered')!;
    expect(interval!.low).toBeCloseTo(-0.2775, 3);
    expect(interval!.high).toBeCloseTo(0.2775, 3);
    expect(verdict(compareSets(side(served(600)), side(served(600))), 'effective', 'overall')).toBe('same');
    // Legs are no calls of their own.
    const legs = (count: number) => served(count).map((leg, at) => ({ ...leg, unit: `${at % 10}` }));
    expect(verdict(compareSets(side(legs(600)), side(legs(600))), 'effective', 'overall')).toBe(
      'cannot_tell',
    );
  });

  test('few calls may hold none of the worst tenth', () => {
    const equal = (count: number) => calls(count, () => ({ jitterP95Ms: 20 }));
    const verdictOf = (count: number) =>
      verdict(compareSets(side(equal(count)), side(equal(count))), 'jitterP95Ms', 'worst_tenth');
    expect([verdictOf(35), verdictOf(36)]).toEqual(['cannot_tell', 'same']);
  });

  test('a capture that is not trusted: nothing is claimed of media, and all of signalling', () => {
    const with503 = (count: number) =>
      calls(100, (at) => ({
        jitterP95Ms: 20 + (at % 7) + count / 2,
        answered: { part: at < count ? 0 : 1, whole: 1 },
        failure: at < count ? '503' : null,
      }));
    const comparison = compareSets(side(with503(0), 'untrusted'), side(with503(40)));
    expect(verdict(comparison, 'jitterP95Ms')).toBe('doubted');
    expect(verdict(comparison, 'failure:503', 'overall')).toBe('worse');
    expect(verdict(comparison, 'answered', 'overall')).toBe('worse');
    expect(comparison.notes.join()).toMatch(
      /capture of A is untrusted: packets were dropped; nothing is claimed/,
    );
  });

  test('findings by code, of calls with signalling', () => {
    const found = (count: number) =>
      calls(100, (at) => ({ findings: at < count ? ['one_way_media'] : [], signalled: at < 90 }));
    const comparison = compareSets(side(found(2)), side(found(30)));
    const change = comparison.changes.find(({ measure }) => measure === 'finding:one_way_media')!;
    expect(change).toMatchObject({ verdict: 'worse', about: 'media', callsA: 90 });
    expect(change.a).toBeCloseTo(2 / 90, 6);
    expect(change.b).toBeCloseTo(30 / 90, 6);
  });

  test('other codecs are said', () => {
    const coded = (codec: string) => calls(20, () => ({ codecs: [codec] }));
    expect(compareSets(side(coded('PCMA')), side(coded('G729'))).notes).toEqual([
      "codecs differ: PCMA in 100 % of A's calls with media and 0 % of B's; a score follows its codec",
      "codecs differ: G729 in 0 % of A's calls with media and 100 % of B's; a score follows its codec",
    ]);
  });

  test('the order of the calls changes nothing that is claimed', () => {
    const a = jitter(60);
    const b = jitter(60, 4);
    const there = compareSets(side(a), side(b));
    const turned = compareSets(side(b), side(a));
    expect(verdict(there, 'jitterP95Ms')).toBe('worse');
    expect(verdict(turned, 'jitterP95Ms')).toBe('better');
    expect(there).toEqual(compareSets(side(a), side(b)));
  });
});
