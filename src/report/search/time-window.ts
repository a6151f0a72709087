import { neutralised } from '../wire-text.ts';
import { momentsOf, type TimeZone, UTC } from './time-zone.ts';

/** A span of capture time in microseconds, both ends inclusive. */
export interface TimeSpan {
  fromUs: number;
  toUs: number;
}

/** A time a reader asked for: with a date, or a time of the day that the capture has to give the date for. */
export interface TimeWindow {
  /** As it was written. */
  text: string;
  zone: TimeZone;
  /** The spans that are meant within a capture, or what is wrong. */
  within(captured: TimeSpan | null): { ok: true; spans: TimeSpan[] } | { ok: false; message: string };
}

export type ParsedWindow = { ok: true; window: TimeWindow } | { ok: false; message: string };

const DAY_MS = 86_400_000;
/** What "about" means to somebody who looked at a clock afterwards. */
const ABOUT_MS = 5 * 60_000;
/** A time of the day is looked for on every day of a capture, up to so many. */
const DAYS_MAX = 366;

/** A moment as it was written: the time on the wall, and how long the unit is that it names. */
interface Written {
  /** Milliseconds of the day. */
  clockMs: number;
  /** Midnight as if it were UTC; null without a date. */
  dateMs: number | null;
  unitMs: number;
  zone: TimeZone | null;
}

/**
 * Reads `14:05`, `14:05:30`, `2026-03-02`, `2026-03-02T14:05:30Z`, two of them with `..` between, or one with `~`
 * before it (five minutes to either side). One time means all of the minute, second or day that it names. `zone` is
 * that of times which do not name one.
 */
export function parseWindow(text: string, zone: TimeZone = UTC): ParsedWindow {
  const wanted = text.trim();
  const bad = (why: string): ParsedWindow => ({ ok: false, message: `"${neutralised(wanted)}": ${why}` });
  const about = wanted.startsWith('~');
  const parts = (about ? wanted.slice(1) : wanted).split('..');
  if (parts.length > 2 || (about && parts.length > 1)) return bad(EXPECTED);
  const from = parseMoment(parts[0]!);
  const to = parts.length === 1 ? from : parseMoment(parts[1]!);
  if (from === null || to === null) return bad(EXPECTED);
  if (from.dateMs === null && to.dateMs !== null) return bad('give the date with the first time');
  if (from.dateMs !== null && to.dateMs !== null && to.dateMs < from.dateMs)
    return bad('it ends before it begins');
  const span = written(from, to, parts.length === 1, about ? ABOUT_MS : 0);
  if (span.toMs < span.fromMs) return bad('it ends before it begins');
  const zones = { from: from.zone ?? zone, to: to.zone ?? from.zone ?? zone };
  const at = (dateMs: number): TimeSpan => ({
    fromUs: momentsOf(dateMs + span.fromMs, zones.from).earliestMs * 1000,
    toUs: momentsOf(dateMs + span.toMs, zones.to).latestMs * 1000,
  });
  const { dateMs } = from;
  if (dateMs !== null) {
    const one = at(dateMs);
    if (one.toUs < one.fromUs) return bad('it ends before it begins');
    return {
      ok: true,
      window: { text: wanted, zone: zones.from, within: () => ({ ok: true, spans: [one] }) },
    };
  }
  const within: TimeWindow['within'] = (captured) => onEveryDay(captured, zones.from, at);
  return { ok: true, window: { text: wanted, zone: zones.from, within } };
}

const EXPECTED = 'expected a time such as 14:05, 14:05..14:10 or 2026-03-02T14:05:30Z';

/** Both ends as milliseconds after midnight of the first date. */
function written(
  from: Written,
  to: Written,
  alone: boolean,
  around: number,
): { fromMs: number; toMs: number } {
  const days = from.dateMs !== null && to.dateMs !== null ? to.dateMs - from.dateMs : 0;
  // A day is meant to its end; a time is the moment.
  const length = alone || to.unitMs === DAY_MS ? to.unitMs : 0;
  let toMs = days + to.clockMs + (around > 0 ? 0 : length);
  // Past midnight: 23:50..00:10.
  if (!alone && to.dateMs === null && toMs < from.clockMs) toMs += DAY_MS;
  return { fromMs: from.clockMs - around, toMs: toMs + around };
}

const MOMENT =
  /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(?:^|[T ])(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

function parseMoment(text: string): Written | null {
  const match = MOMENT.exec(text.trim());
  if (match === null || text.trim() === '') return null;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const dateMs = year === undefined ? null : Date.UTC(+year, +month! - 1, +day!);
  // A 31st of February would silently be a day in March.
  if (dateMs !== null && new Date(dateMs).getUTCDate() !== +day!) return null;
  const zone = offset === undefined ? null : offsetZone(offset);
  if (hour === undefined) return { clockMs: 0, dateMs, unitMs: DAY_MS, zone };
  const isMidnight = +hour === 24 && +minute! === 0 && +(second ?? 0) === 0;
  if ((+hour > 23 && !isMidnight) || +minute! > 59 || +(second ?? 0) > 59) return null;
  const seconds = (+hour * 60 + +minute!) * 60 + +(second ?? 0);
  const unitMs = second === undefined ? 60_000 : fraction === undefined ? 1000 : 0;
  return { clockMs: seconds * 1000 + Number(`0.${fraction ?? 0}`) * 1000, dateMs, unitMs, zone };
}

function offsetZone(text: string): TimeZone {
  if (/^z$/i.test(text)) return UTC;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text)!;
  const ms = (+hours! * 60 + +minutes!) * 60_000 * (sign === '-' ? -1 : 1);
  return { name: `UTC${text}`, offsetMs: () => ms };
}

/** A time of the day, on all days of a capture on which there is something of it; on its first day if on none. */
function onEveryDay(
  captured: TimeSpan | null,
  zone: TimeZone,
  at: (dateMs: number) => TimeSpan,
): ReturnType<TimeWindow['within']> {
  if (captured === null) return { ok: true, spans: [] };
  const midnight = (us: number): number => {
    const wall = us / 1000 + zone.offsetMs(us / 1000);
    return Math.floor(wall / DAY_MS) * DAY_MS;
  };
  const first = midnight(captured.fromUs);
  const last = midnight(captured.toUs);
  if ((last - first) / DAY_MS > DAYS_MAX)
    return { ok: false, message: 'the capture is longer than a year: give the date as well' };
  const spans: TimeSpan[] = [];
  // What began the day before may reach over midnight.
  for (let day = first - DAY_MS; day <= last + DAY_MS; day += DAY_MS) {
    const span = at(day);
    if (span.fromUs <= captured.toUs && span.toUs >= captured.fromUs) spans.push(span);
  }
  return { ok: true, spans: spans.length > 0 ? spans : [at(first)] };
}

/** Whether something that lasted from one moment to another (null: to the end of the capture) touches a span. */
export function overlaps(spans: readonly TimeSpan[], startUs: number, endUs: number | null): boolean {
  return spans.some(({ fromUs, toUs }) => startUs <= toUs && (endUs === null || endUs >= fromUs));
}

/** Spans in order of time, those that touch put together. */
export function mergedSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const merged: TimeSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.fromUs - b.fromUs)) {
    const last = merged.at(-1);
    if (last !== undefined && span.fromUs <= last.toUs) last.toUs = Math.max(last.toUs, span.toUs);
    else merged.push({ ...span });
  }
  return merged;
}
