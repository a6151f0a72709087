import type { MetricEntry } from './catalogue.ts';

/** What becomes of alerts that the probe raises itself (`--rules`). */
export const ALERT_METRICS = {
  earshot_alert_deliveries_total: {
    type: 'counter',
    unit: 'requests',
    labels: ['receiver', 'outcome'],
    meaning:
      'Requests to receivers of alerts, by kind, host and port of the receiver and by how they ended: taken, refused (for good: what was in it is dropped), failed (sent again later).',
    query: 'sum by (receiver) (increase(earshot_alert_deliveries_total{outcome!="taken"}[1h])) > 0',
  },
  earshot_alert_changes_total: {
    type: 'counter',
    unit: 'changes',
    labels: ['receiver', 'outcome'],
    meaning:
      'Beginnings and ends of alerts that a receiver was to be told: sent, dropped (refused for good, or too many waited).',
    query: 'sum by (receiver) (increase(earshot_alert_changes_total{outcome="dropped"}[1h])) > 0',
  },
  earshot_alert_changes_waiting: {
    type: 'gauge',
    unit: 'changes',
    labels: ['receiver'],
    meaning: 'Beginnings and ends of alerts that a receiver has not taken yet.',
    query: 'earshot_alert_changes_waiting > 0',
  },
  earshot_alert_receiver_failing: {
    type: 'gauge',
    unit: '1',
    labels: ['receiver'],
    meaning: '1 while the last request to a receiver failed or was refused; 0 else.',
    query: 'earshot_alert_receiver_failing == 1',
  },
} as const satisfies Record<`earshot_${string}`, MetricEntry>;
