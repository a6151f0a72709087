import type { Scale } from '../records/types.ts';
import { isoMicros } from './iso-time.ts';
import { type Score, shownR } from './score.ts';

/** What stands where a value is unknown. */
export const ABSENT = '-';

/** A number with a fixed count of decimals; `-` when unknown, never `-0.0`. */
export function fixed(value: number | null, decimals: number): string {
  if (value === null) return ABSENT;
  const text = value.toFixed(decimals);
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}

/** A whole number in groups of three digits: `12,345`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A count and its noun: `1 call`, `1,200 calls`. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A ratio as percent without the sign; small ones keep more decimals, so that some loss never reads as none. */
export function percent(ratio: number | null): string {
  if (ratio === null) return ABSENT;
  const value = ratio * 100;
  if (value > 0 && value < 0.005) return '<0.01';
  return fixed(value, value > 0 && value < 0.95 ? 2 : 1);
}

/** Milliseconds as seconds, without the unit. */
export function seconds(ms: number | null, decimals: number): string {
  return fixed(ms === null ? null : ms / 1000, decimals);
}

/** A span in words: `450 ms`, `12.3 s`, `5 min 12 s`, `3 h 05 min`. */
export function span(ms: number): string {
  if (ms < 1000) return `${fixed(ms, 0)} ms`;
  if (ms < 60_000) return `${fixed(ms / 1000, 1)} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** R of a score, with its scale unless that is narrowband: scores of different scales are not comparable. */
export function scoreText(score: Score): string {
  return `${fixed(shownR(score.rFactor, score.scale), 1)}${scaleMark(score.scale)}`;
}

/** What follows an R that is not on the narrowband scale. */
export function scaleMark(scale: Scale): string {
  return scale === 'NB' ? '' : ` ${scale}`;
}

/** The time of day of a report time, to the millisecond, `03:04:05.123`. */
export function clock(iso: string | null): string {
  return iso === null ? ABSENT : iso.slice(iso.indexOf('T') + 1, -4);
}

/** The time of day, with the day before it where a report is about several days. */
export function moment(iso: string | null, withDay: boolean): string {
  return withDay && iso !== null ? `${day(iso)} ${clock(iso)}` : clock(iso);
}

/** The day of a report time, `2026-01-02`. */
export function day(iso: string | null): string {
  return iso === null ? ABSENT : iso.slice(0, iso.indexOf('T'));
}

/** Whether a time begins on one day and ends on another (UTC). */
export function isOfSeveralDays({
  startUs,
  endUs,
}: {
  startUs: number | null;
  endUs: number | null;
}): boolean {
  return day(isoMicros(startUs)) !== day(isoMicros(endUs));
}
