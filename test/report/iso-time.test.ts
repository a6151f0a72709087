import { describe, expect, it } from 'vitest';
import { isoMicros, microsOf } from '../../src/report/iso-time.ts';
import { START_US } from './records.ts';

describe('isoMicros', () => {
  it('writes UTC with six decimals', () => {
    expect(isoMicros(START_US)).toBe('2026-01-02T03:04:05.123456Z');
    expect(isoMicros(0)).toBe('1970-01-01T00:00:00.000000Z');
  });

  it('rounds to the nearest microsecond, across a second, a day and a year', () => {
    expect(isoMicros(999_999.6)).toBe('1970-01-01T00:00:01.000000Z');
    expect(isoMicros(999_999.4)).toBe('1970-01-01T00:00:00.999999Z');
    expect(isoMicros(Date.UTC(2026, 0, 1) * 1000 - 0.25)).toBe('2026-01-01T00:00:00.000000Z');
  });

  it('writes times before 1970', () => {
    expect(isoMicros(-1)).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('has no date for null, NaN, infinity and times beyond the calendar', () => {
    for (const us of [null, Number.NaN, Number.POSITIVE_INFINITY, 1.8446744e19])
      expect(isoMicros(us)).toBeNull();
  });
});

describe('microsOf', () => {
  it('reads back what was written', () => {
    for (const us of [0, -1, START_US, START_US + 876_544]) expect(microsOf(isoMicros(us))).toBe(us);
  });

  it('is null for anything else', () => {
    for (const text of [null, '', 'yesterday', '2026-01-02T03:04:05Z']) expect(microsOf(text)).toBeNull();
  });
});
