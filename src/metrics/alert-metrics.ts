import { labelValue } from './label-text.ts';
import type { MetricSet } from './metric-set.ts';
import { StandingCounts } from './standing-counts.ts';

/** What became of what one receiver of alerts was to be told. It begins anew with other rules. */
export interface AlertCounts {
  sent: number;
  dropped: number;
  waiting: number;
  /** By how they ended. */
  requests: Readonly<Record<string, number>>;
  isFailing: boolean;
}

/** Metrics of the delivery of alerts, by receiver. There are as many as the rules name. */
export class AlertMetrics {
  private readonly set: MetricSet;
  private readonly standing: StandingCounts;
  private receivers = new Set<string>();

  constructor(set: MetricSet) {
    this.set = set;
    this.standing = new StandingCounts(set);
  }

  /** Takes the counts as they stand, by name. */
  counts(alerts: Readonly<Record<string, AlertCounts>>): void {
    const now = new Set<string>();
    for (const [name, { sent, dropped, waiting, requests, isFailing }] of Object.entries(alerts)) {
      const receiver = labelValue(name);
      now.add(receiver);
      for (const [outcome, n] of Object.entries(requests)) {
        this.standing.to('earshot_alert_deliveries_total', { receiver, outcome }, n);
      }
      this.standing.to('earshot_alert_changes_total', { receiver, outcome: 'sent' }, sent);
      this.standing.to('earshot_alert_changes_total', { receiver, outcome: 'dropped' }, dropped);
      this.stand(receiver, waiting, isFailing);
    }
    // Of one that the rules name no more nothing waits, and nothing fails.
    for (const receiver of this.receivers) if (!now.has(receiver)) this.stand(receiver, 0, false);
    this.receivers = now;
  }

  private stand(receiver: string, waiting: number, isFailing: boolean): void {
    this.set.gauge('earshot_alert_changes_waiting').set({ receiver }, waiting);
    this.set.gauge('earshot_alert_receiver_failing').set({ receiver }, isFailing ? 1 : 0);
  }
}
