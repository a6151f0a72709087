import '../../property-seed.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELD_CHARACTERS_MAX, lineOf, type Point } from '../../../src/metrics/influx/line-protocol.ts';
import {
  flag,
  float,
  integer,
  type MeasurementEntry,
  text,
} from '../../../src/metrics/influx/measurement.ts';
import { UniqueTimes } from '../../../src/metrics/influx/unique-times.ts';
import { LABEL_CHARACTERS_MAX } from '../../../src/metrics/label-text.ts';
import { parsedLine } from './parsed-line.ts';

const ENTRY: MeasurementEntry = {
  meaning: '',
  time: '',
  tags: ['site', 'trunk'],
  fields: { whole: integer('1', ''), part: float('1', ''), yes: flag(''), said: text('') },
};

function point(changes: Partial<Point> = {}): Point {
  const fields = { whole: 3, part: 0.5, yes: true, said: 'x' };
  const usual = { measurement: 'm', entry: ENTRY, tags: ['a', 'b'], fields, timeUs: 1_700_000_000_123_456 };
  return { ...usual, identity: 'id', ...changes };
}

const line = (changes: Partial<Point> = {}): string => lineOf(point(changes), new UniqueTimes()) ?? 'none';
const parsed = (changes: Partial<Point> = {}) => parsedLine(line(changes));

describe('a line', () => {
  test('integers stay integers, other numbers are floats whatever their value', () => {
    expect(parsed({ fields: { whole: 3, part: 3, yes: false, said: '' } }).fields).toEqual({
      whole: { type: 'integer', value: 3n },
      part: { type: 'float', value: 3 },
      yes: { type: 'flag', value: false },
      said: { type: 'text', value: '' },
    });
  });

  test('what is not known, and what no server takes, is left out', () => {
    const fields = { whole: 1.5, part: Number.NaN, yes: null, said: 'x' };
    expect(Object.keys(parsed({ fields }).fields)).toEqual(['said']);
    expect(Object.keys(parsed({ fields: { whole: 2 ** 60, part: Infinity, said: 'x' } }).fields)).toEqual([
      'said',
    ]);
    expect(line({ fields: { whole: null } })).toBe('none');
  });

  test.each([null, -1, Number.NaN, 9.3e15])('no line at time %s', (timeUs) => {
    expect(line({ timeUs })).toBe('none');
  });

  test('the time is that of the capture to the microsecond', () => {
    expect(parsed().time / 1000n).toBe(1_700_000_000_123_456n);
    expect(parsed({ timeUs: 0 }).time).toBeLessThan(1000n);
  });

  test('numbers of any size come back as they were', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger(), (part, whole) => {
        const { fields } = parsed({ fields: { part, whole } });
        expect(fields.part).toEqual({ type: 'float', value: part + 0 });
        expect(fields.whole).toEqual({ type: 'integer', value: BigInt(whole) });
      }),
    );
  });

  test('whatever a text holds, it is one line, with the same tags and fields', () => {
    const hostile = fc.string({
      unit: fc.oneof(
        fc.constantFrom(
          '"',
          '\\',
          ',',
          '=',
          ' ',
          '\n',
          '\r',
          '\0',
          '\t',
          '\u2028',
          '\ud800',
          '\udfff',
          'é',
          '😀',
        ),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
      ),
      maxLength: 80,
    });
    fc.assert(
      fc.property(hostile, hostile, hostile, (site, trunk, said) => {
        const { tags, fields, measurement } = parsed({ tags: [site, trunk], fields: { said, whole: 1 } });
        expect(measurement).toBe('m');
        expect(Object.keys(tags)).toEqual(['site', 'trunk']);
        expect(Object.keys(fields)).toEqual(['whole', 'said']);
        const plain = said.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
        expect(fields.said).toEqual({ type: 'text', value: plain });
      }),
      { numRuns: 500 },
    );
  });

  test('what is printable comes back from tags as it was, but for backslashes', () => {
    const { tags } = parsed({ tags: ['a, b = "c"', 'DOMAIN\\x\\'] });
    expect(tags).toEqual({ site: 'a, b = "c"', trunk: 'DOMAIN/x/' });
  });

  test('a tag is never empty, and nothing is without end', () => {
    const long = 'x'.repeat(10_000);
    const { tags, fields } = parsed({ tags: ['', long], fields: { said: long } });
    expect(tags.site).toBe('none');
    expect(tags.trunk).toHaveLength(LABEL_CHARACTERS_MAX);
    expect(fields.said!.value).toHaveLength(FIELD_CHARACTERS_MAX);
  });
});

describe('times', () => {
  test('no two points of one series have the same, however many there are in one microsecond', () => {
    const times = new UniqueTimes();
    const given = new Set<string>();
    for (let i = 0; i < 5000; i++) given.add(times.next('s', 1_000_000, `stream ${i % 700}`)!);
    expect(given.size).toBe(5000);
    const us = [...given].map((time) => Number(BigInt(time) / 1000n));
    expect(Math.min(...us)).toBe(1_000_000);
    expect(Math.max(...us)).toBe(1_000_004);
  });

  test('the same thing has the same time, in another run, too', () => {
    const one = new UniqueTimes();
    const other = new UniqueTimes();
    other.next('another series', 5, 'x');
    expect(one.next('s', 1_000_000, 'stream 1')).toBe(other.next('s', 1_000_000, 'stream 1'));
    expect(one.next('s', 2_000_000, 'stream 2')).not.toBe(one.next('s', 2_000_000, 'stream 3'));
  });

  test('series have times of their own', () => {
    const times = new UniqueTimes();
    expect(times.next('a', 7, 'x')).toBe(times.next('b', 7, 'x'));
  });
});
