import { durationText } from '../config/duration.ts';
import type { Alert } from './alert.ts';

/** A number as people read it: no more digits than it has meaning. */
export function shownNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** A value with its unit; shares and ratios in percent. */
export function shownValue(value: number, unit: string): string {
  if (unit === 'ratio') return `${shownNumber(value * 100)} %`;
  return unit === '' || unit === 'MOS' || unit === 'R' ? shownNumber(value) : `${shownNumber(value)} ${unit}`;
}

/** Labels as in metrics: `site="north", trunk="carrier"`; `everything` without any. */
export function shownLabels(labels: Alert['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
  return pairs.length === 0 ? 'everything' : pairs.join(', ');
}

/** What is known of an alert, in a line. */
export function describe(alert: Omit<Alert, 'text'>): string {
  return [whatText(alert), touchedText(alert), alert.driver?.text ?? null, noteText(alert)]
    .filter((part) => part !== null)
    .join('; ');
}

function whatText({
  cause,
  measure,
  signal,
  value,
  unit,
  threshold,
  usual,
  windowUs,
  samples,
}: Omit<Alert, 'text'>): string {
  const window = durationText(windowUs / 1000);
  if (cause === 'absence') {
    return `nothing of ${signal} for ${window}, where ${shownNumber(usual ?? 0)} were usual before`;
  }
  const shown = value === null ? 'unknown' : shownValue(value, unit);
  const than = [
    threshold === null ? null : `threshold ${shownValue(threshold, unit)}`,
    usual === null ? null : `usual ${shownValue(usual, unit)}`,
  ].filter((part) => part !== null);
  return `${measure} of ${signal} is ${shown} (${than.join(', ')}) over ${window}, ${samples} samples`;
}

function touchedText({ calls, callsMore, users }: Omit<Alert, 'text'>): string | null {
  if (calls === 0) return null;
  const number = callsMore ? `more than ${calls}` : String(calls);
  const who = users === null ? '' : ` of ${users} ${users === 1 ? 'user' : 'users'}`;
  return `${number} ${calls === 1 ? 'call' : 'calls'}${who} touched`;
}

function noteText({ informationOnly, flapping, held }: Omit<Alert, 'text'>): string | null {
  const notes = [
    informationOnly,
    flapping ? 'it comes and goes' : null,
    held === null ? null : `held: ${held}`,
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : notes.join('; ');
}
