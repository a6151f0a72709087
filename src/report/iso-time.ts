/** Beyond this a date cannot be written (ECMAScript time range, in microseconds). A corrupt capture can get there. */
const WRITABLE_MAX_US = 8.64e18;

/** The minute formatted last and its text: neighbours in a report mostly share it, and a Date each is slow. */
let lastMinute = Number.NaN;
let lastText = '';

/**
 * Microseconds since the epoch as ISO 8601 UTC with microseconds, `2026-01-02T03:04:05.123456Z`. Fractions are
 * rounded to the nearest microsecond. Null for null, NaN and times that no date can express.
 */
export function isoMicros(us: number | null): string | null {
  if (us === null || !(Math.abs(us) <= WRITABLE_MAX_US)) return null;
  const whole = Math.round(us);
  const seconds = Math.floor(whole / 1e6);
  const micros = whole - seconds * 1e6;
  const minute = Math.floor(seconds / 60);
  if (minute !== lastMinute) {
    lastText = new Date(minute * 60_000).toISOString().slice(0, -7);
    lastMinute = minute;
  }
  return `${lastText}${twoDigits(seconds - minute * 60)}.${String(micros).padStart(6, '0')}Z`;
}

/** Microseconds since the epoch of what `isoMicros` wrote; null for null and for anything else. */
export function microsOf(iso: string | null): number | null {
  if (iso === null || !iso.endsWith('Z')) return null;
  const dot = iso.length - 8;
  if (iso[dot] !== '.') return null;
  const seconds = Date.parse(`${iso.slice(0, dot)}Z`) / 1000;
  const us = seconds * 1e6 + Number(iso.slice(dot + 1, -1));
  return Number.isNaN(us) ? null : us;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
