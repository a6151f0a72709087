import { describe, expect, it } from 'vitest';
import { counted, fixed, grouped, percent, span } from '../../src/report/amounts.ts';
import { roundMs, roundNamed, roundRatio, roundScore } from '../../src/report/rounding.ts';

describe('numbers of the contract', () => {
  it('rounds milliseconds and scores to 3 decimals, ratios to 6', () => {
    expect(roundMs(1.23456)).toBe(1.235);
    expect(roundScore(78.8123)).toBe(78.812);
    expect(roundRatio(2 / 3)).toBe(0.666667);
  });

  it('rounds evidence by its name', () => {
    expect(roundNamed('afterMs', 1.23456)).toBe(1.235);
    expect(roundNamed('burstR', 1.23456)).toBe(1.23456);
  });

  it('never gives minus zero', () => {
    expect(Object.is(roundMs(-0.0001), 0)).toBe(true);
    expect(Object.is(roundRatio(-0), 0)).toBe(true);
  });

  it('gives null for what is not a number of JSON', () => {
    for (const value of [null, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(roundMs(value)).toBeNull();
    }
  });

  it('keeps numbers too large to be scaled', () => {
    expect(roundRatio(1e305)).toBe(1e305);
  });
});

describe('numbers for people', () => {
  it('shows absent values as a dash and never minus zero', () => {
    expect(fixed(null, 1)).toBe('-');
    expect(fixed(-0.04, 1)).toBe('0.0');
    expect(fixed(-0.06, 1)).toBe('-0.1');
  });

  it('never shows some loss as none', () => {
    expect([0.005, 0.0012, 1e-6, 0, null].map(percent)).toEqual(['0.50', '0.12', '<0.01', '0.0', '-']);
    expect(percent(0.0476)).toBe('4.8');
  });

  it('groups digits and counts nouns', () => {
    expect([999, 1000, 1_234_567].map(grouped)).toEqual(['999', '1,000', '1,234,567']);
    expect([counted(1, 'call'), counted(2, 'call')]).toEqual(['1 call', '2 calls']);
  });

  it('says spans in the unit that fits', () => {
    expect([450, 12_300, 312_000, 11_100_000].map(span)).toEqual([
      '450 ms',
      '12.3 s',
      '5 min 12 s',
      '3 h 05 min',
    ]);
  });
});
