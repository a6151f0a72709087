import type { Alert, HeldBack } from '../alerts/alert.ts';
import type { ReportAlert, ReportAlerts, ReportHeldAlert } from '../report/alerts-contract.ts';
import { isoMicros } from '../report/iso-time.ts';
import { roundRatio } from '../report/rounding.ts';

/** What an evaluation came to. */
export interface AlertHistory {
  /** When it was evaluated last. */
  untilUs: number | null;
  alerts: readonly Alert[];
  heldBack: readonly HeldBack[];
  pending: readonly { rule: string; labels: Alert['labels']; sinceUs: number }[];
}

/** The same as the report prints it. */
export function reportedAlerts({ alerts, heldBack, pending }: AlertHistory): ReportAlerts {
  return {
    raised: alerts.map(reportedAlert),
    heldBack: heldBack.map(reportedHeld),
    pending: pending.map(({ rule, labels, sinceUs }) => ({ rule, labels, sinceTime: isoMicros(sinceUs) })),
  };
}

function reportedAlert(alert: Alert): ReportAlert {
  return {
    rule: alert.rule,
    severity: alert.severity,
    state: alert.state,
    labels: alert.labels,
    summary: alert.summary,
    text: alert.text,
    sinceTime: isoMicros(alert.sinceUs),
    startTime: isoMicros(alert.startUs),
    endTime: isoMicros(alert.endUs),
    signal: alert.signal,
    measure: alert.measure,
    unit: alert.unit,
    cause: alert.cause,
    value: roundRatio(alert.value),
    threshold: alert.threshold,
    usual: roundRatio(alert.usual),
    windowMs: alert.windowUs / 1000,
    samples: alert.samples,
    calls: alert.calls,
    users: alert.users,
    driver: alert.driver,
    worst: alert.worst.map(({ callId, streamId, value, timeUs, link }) => {
      return { callId, streamId, value: roundRatio(value), time: isoMicros(timeUs), link };
    }),
    flapping: alert.flapping,
    informationOnly: alert.informationOnly,
    owner: alert.owner,
    runbook: alert.runbook,
  };
}

function reportedHeld({ rule, labels, reason, text, startUs, endUs }: HeldBack): ReportHeldAlert {
  return { rule, labels, reason, text, startTime: isoMicros(startUs), endTime: isoMicros(endUs) };
}
