import type { Alert } from '../alerts/alert.ts';
import type { Incident } from '../alerts/tuning.ts';
import { onOctets } from '../privacy/notes.ts';
import type { Pseudonyms } from '../privacy/pseudonyms.ts';
import { maskReported } from '../privacy/reported.ts';
import { maskText } from '../privacy/text.ts';
import type { AlertHistory } from './reported-alerts.ts';

/**
 * What rules came to, with pseudonyms for parties, Call-IDs and hosts. Names of rules and what they say of themselves are
 * the operator's and stay, and so do names of groups that nobody on the wire has.
 */
export function coverHistory(names: Pseudonyms, history: AlertHistory): AlertHistory {
  const mask = <T>(value: T): T => maskReported(names, value);
  return {
    ...history,
    alerts: history.alerts.map((alert) => coverAlert(mask, alert)),
    heldBack: history.heldBack.map((held) => ({
      ...held,
      ...mask({ labels: held.labels, text: held.text }),
    })),
    pending: history.pending.map((pending) => ({ ...pending, ...mask({ labels: pending.labels }) })),
  };
}

function coverAlert(mask: <T>(value: T) => T, alert: Alert): Alert {
  const { labels, text, worst } = alert;
  return { ...alert, ...mask({ labels, text }), worst: unlinked(worst.map(mask)) };
}

/** Calls of an alert without links: they lead to a call by the name it has on the wire. */
export function unlinked<Call extends { link: string | null }>(calls: readonly Call[]): Call[] {
  return calls.map((call) => ({ ...call, link: null }));
}

/** Incidents without what the operator calls them, which may be a customer. */
export function coverIncidents(names: Pseudonyms, incidents: readonly Incident[]): Incident[] {
  return incidents.map((incident) => ({
    ...incident,
    name: onOctets(incident.name, (octets) => maskText(names, octets, 'wire')),
  }));
}
