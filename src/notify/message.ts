import { createHash } from 'node:crypto';
import type { Alert } from '../alerts/alert.ts';
import { shownNumber, shownValue } from '../alerts/describe.ts';
import { withoutNumbers } from '../live/redact.ts';

/** What holds for all messages of a probe. */
export interface MessageTerms {
  probe: string | null;
  /** Leave out the numbers and names of users. */
  redactNumbers: boolean;
}

/** An alert as Alertmanager and its webhooks carry it. */
export interface AlertMessage {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string | null;
  isFiring: boolean;
}

/** Alertmanager takes milliseconds; microseconds mean nothing there. */
export function isoMillis(us: number): string {
  return new Date(us / 1000).toISOString();
}

/** What says the same on both ends: labels identify the alert and never change while it fires. */
export function messageOf(alert: Alert, terms: MessageTerms): AlertMessage {
  const labels: Record<string, string> = { alertname: alert.rule, severity: alert.severity };
  for (const [name, value] of Object.entries(alert.labels)) labels[name] = value;
  labels.owner = alert.owner;
  if (terms.probe !== null) labels.probe = terms.probe;
  return {
    labels,
    annotations: annotationsOf(alert, terms),
    startsAt: isoMillis(alert.startUs),
    endsAt: alert.endUs === null ? null : isoMillis(alert.endUs),
    isFiring: alert.state === 'firing',
  };
}

function annotationsOf(alert: Alert, { redactNumbers }: MessageTerms): Record<string, string> {
  const { unit } = alert;
  const said: Record<string, string | null> = {
    summary: alert.summary,
    description: alert.text,
    since: isoMillis(alert.sinceUs),
    value: alert.value === null ? null : shownValue(alert.value, unit),
    threshold: alert.threshold === null ? null : shownValue(alert.threshold, unit),
    usual: alert.usual === null ? null : shownValue(alert.usual, unit),
    calls: alert.calls === 0 ? null : `${alert.calls}${alert.callsMore ? ' or more' : ''}`,
    users: alert.users === null ? null : String(alert.users),
    driver: alert.driver === null ? null : alert.driver.text,
    worst_calls:
      alert.worst.length === 0 ? null : alert.worst.map((each) => worstText(each, alert)).join('\n'),
    held: alert.held,
    information_only: alert.informationOnly,
    runbook_url: alert.runbook,
  };
  const known = Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(known.map(([name, text]) => [name, redactNumbers ? withoutNumbers(text) : text]));
}

function worstText(
  { callId, streamId, value, timeUs, parties, link }: Alert['worst'][number],
  { signal }: Alert,
): string {
  const name = callId ?? streamId ?? 'unknown';
  const who = parties.length === 0 ? '' : ` ${parties.join(' to ')}`;
  return `${name}${who}: ${signal} ${shownNumber(value)} at ${isoMillis(timeUs)}${link === null ? '' : ` ${link}`}`;
}

/** A name for a set of labels, the same wherever it is made. */
export function fingerprintOf(labels: Record<string, string>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}
