import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoMicros } from '../../../src/report/iso-time.ts';
import { mergedSpans, overlaps, parseWindow, type TimeSpan } from '../../../src/report/search/time-window.ts';
import { momentsOf, parseTimeZone } from '../../../src/report/search/time-zone.ts';

function us(iso: string): number {
  return Date.parse(iso) * 1000;
}

/** 2026-03-02, 09:00 to 18:00 UTC. */
const DAY: TimeSpan = { fromUs: us('2026-03-02T09:00:00Z'), toUs: us('2026-03-02T18:00:00Z') };

function spans(text: string, zone = 'UTC', captured: TimeSpan | null = DAY): string[] {
  const parsed = parseWindow(text, parseTimeZone(zone)!);
  if (!parsed.ok) throw new Error(parsed.message);
  const within = parsed.window.within(captured);
  if (!within.ok) throw new Error(within.message);
  const short = (at: number): string => isoMicros(at)!.replace(/\.?0*Z$/, '');
  return within.spans.map(({ fromUs, toUs }) => `${short(fromUs)} ${short(toUs)}`);
}

describe('parseWindow', () => {
  it('takes a time of the day from the date of the capture', () => {
    expect(spans('14:05..14:10')).toEqual(['2026-03-02T14:05:00 2026-03-02T14:10:00']);
    expect(spans('9:30')).toEqual(['2026-03-02T09:30:00 2026-03-02T09:31:00']);
    expect(spans('14:05:07')).toEqual(['2026-03-02T14:05:07 2026-03-02T14:05:08']);
    expect(spans('14:05:07.25..14:05:07.5')).toEqual(['2026-03-02T14:05:07.25 2026-03-02T14:05:07.5']);
    expect(spans('~14:05')).toEqual(['2026-03-02T14:00:00 2026-03-02T14:10:00']);
    expect(spans('17:00..24:00')).toEqual(['2026-03-02T17:00:00 2026-03-03T00:00:00']);
  });

  it('takes dates, and zones that are written', () => {
    expect(spans('2026-03-01')).toEqual(['2026-03-01T00:00:00 2026-03-02T00:00:00']);
    expect(spans('2026-03-01..2026-03-02')).toEqual(['2026-03-01T00:00:00 2026-03-03T00:00:00']);
    expect(spans('2026-03-02T14:05:30Z', '+02:00')).toEqual(['2026-03-02T14:05:30 2026-03-02T14:05:31']);
    expect(spans('2026-03-02 16:05+02:00..16:10')).toEqual(['2026-03-02T14:05:00 2026-03-02T14:10:00']);
    expect(spans('2026-03-02T23:50..00:10')).toEqual(['2026-03-02T23:50:00 2026-03-03T00:10:00']);
  });

  it('goes by the zone that is given', () => {
    expect(spans('14:05..14:10', '+02:00')).toEqual(['2026-03-02T12:05:00 2026-03-02T12:10:00']);
    expect(spans('14:05..14:10', 'Europe/Berlin')).toEqual(['2026-03-02T13:05:00 2026-03-02T13:10:00']);
    expect(spans('14:05..14:10', '-0330')).toEqual(['2026-03-02T17:35:00 2026-03-02T17:40:00']);
  });

  it('means every day of a capture, over midnight too, and its first day where nothing fits', () => {
    const long = { fromUs: us('2026-03-01T12:00:00Z'), toUs: us('2026-03-03T12:00:00Z') };
    expect(spans('10:00..11:00', 'UTC', long)).toEqual([
      '2026-03-02T10:00:00 2026-03-02T11:00:00',
      '2026-03-03T10:00:00 2026-03-03T11:00:00',
    ]);
    expect(spans('23:50..00:10', 'UTC', long)).toEqual([
      '2026-03-01T23:50:00 2026-03-02T00:10:00',
      '2026-03-02T23:50:00 2026-03-03T00:10:00',
    ]);
    expect(spans('20:00..20:30')).toEqual(['2026-03-02T20:00:00 2026-03-02T20:30:00']);
    expect(spans('20:00', 'UTC', null)).toEqual([]);
  });

  it('asks for the date where a capture claims to last for ever', () => {
    expect(() => spans('10:00', 'UTC', { fromUs: 0, toUs: us('2026-01-01T00:00:00Z') })).toThrow('date');
  });

  it.each([
    '',
    'noon',
    '25:00',
    '24:01',
    '14:60',
    '2026-02-31',
    '14:00..2026-03-02',
    '2026-03-02..2026-03-01',
    '~14:00..15:00',
    '1..2..3',
    '14:00..',
  ])('refuses %j', (text) => {
    expect(parseWindow(text).ok).toBe(false);
  });

  it('shows no control character of a wrong text', () => {
    const parsed = parseWindow('\x1b[31m');
    expect(parsed.ok ? '' : parsed.message).toContain('"\\x1b[31m"');
  });
});

describe('time zones', () => {
  it('are offsets, UTC, names, or the zone of this machine', () => {
    expect(parseTimeZone('+5')?.offsetMs(0)).toBe(5 * 3_600_000);
    expect(parseTimeZone('utc')?.name).toBe('UTC');
    expect(parseTimeZone('Europe/Berlin')?.offsetMs(Date.parse('2026-07-01T00:00:00Z'))).toBe(7_200_000);
    expect(parseTimeZone('local')).not.toBeNull();
    for (const wrong of ['', 'Berlin', '+25:00', '+02:60', 'Europe/Nowhere'])
      expect(parseTimeZone(wrong)).toBeNull();
  });

  it('mean both hours when a clock is set back, and the gap when it is set forward', () => {
    const berlin = parseTimeZone('Europe/Berlin')!;
    const back = momentsOf(Date.parse('2026-10-25T02:30:00Z'), berlin);
    expect(back.earliestMs).toBe(Date.parse('2026-10-25T00:30:00Z'));
    expect(back.latestMs).toBe(Date.parse('2026-10-25T01:30:00Z'));
    const forward = momentsOf(Date.parse('2026-03-29T02:30:00Z'), berlin);
    expect(forward.earliestMs).toBe(Date.parse('2026-03-29T00:30:00Z'));
    expect(forward.latestMs).toBe(Date.parse('2026-03-29T01:30:00Z'));
  });
});

describe('spans', () => {
  it('touch what begins before they end and ends after they begin', () => {
    const span = [{ fromUs: 10, toUs: 20 }];
    expect(overlaps(span, 0, 10)).toBe(true);
    expect(overlaps(span, 20, 30)).toBe(true);
    expect(overlaps(span, 0, 9)).toBe(false);
    expect(overlaps(span, 21, null)).toBe(false);
    expect(overlaps(span, 0, null)).toBe(true);
  });

  it('put together cover the same moments', () => {
    const one = fc.record({ from: fc.nat(50), length: fc.nat(10) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), fc.nat(60), (list, at) => {
        const all = list.map(({ from, length }) => ({ fromUs: from, toUs: from + length }));
        const merged = mergedSpans(all);
        expect(overlaps(merged, at, at)).toBe(overlaps(all, at, at));
        for (let i = 1; i < merged.length; i++)
          expect(merged[i]!.fromUs).toBeGreaterThan(merged[i - 1]!.toUs);
      }),
    );
  });
});
