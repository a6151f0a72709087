import type { ReportAlert, ReportAlerts } from './alerts-contract.ts';
import { clock, counted } from './amounts.ts';
import { noteLines } from './columns.ts';
import { PLAIN, type TextStyle, type Tone } from './paint.ts';

const HELD_SHOWN = 20;

/** Alerts in lines: when, what, where, and what is known; then those that were held back, and why. */
export function* alertLines(
  { raised, heldBack, pending }: ReportAlerts,
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  yield '';
  yield paint.bold(`ALERTS, ${raised.length === 0 ? 'none' : counted(raised.length, 'alert')}`);
  for (const alert of raised) yield* noteLines({ text: headOf(alert), tone: toneOf(alert) }, style);
  for (const { rule, labels, sinceTime } of pending) {
    const text = `${rule}${whereOf(labels)} was about to fire when the capture ended: it has held since ${clock(sinceTime)}`;
    yield* noteLines({ text, tone: null }, style);
  }
  for (const { rule, labels, startTime, text } of heldBack.slice(0, HELD_SHOWN)) {
    const line = `held back: ${rule}${whereOf(labels)} at ${clock(startTime)}: ${text}`;
    yield* noteLines({ text: line, tone: 'dim' }, style);
  }
  if (heldBack.length > HELD_SHOWN) {
    yield* noteLines({ text: `held back: ${heldBack.length - HELD_SHOWN} more`, tone: 'dim' }, style);
  }
}

function headOf({ rule, severity, labels, startTime, endTime, text, runbook }: ReportAlert): string {
  const until = endTime === null ? 'still firing at the end' : `to ${clock(endTime)}`;
  return `${clock(startTime)} ${until}: ${severity} ${rule}${whereOf(labels)}: ${text} (${runbook})`;
}

function whereOf(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
  return pairs.length === 0 ? '' : ` of ${pairs.join(', ')}`;
}

function toneOf({ severity }: ReportAlert): Tone | null {
  return severity === 'critical' ? 'red' : severity === 'warning' ? 'yellow' : null;
}
