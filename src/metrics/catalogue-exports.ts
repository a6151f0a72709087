import type { MetricEntry } from './catalogue.ts';

/** What is written to others. */
export const EXPORT_METRICS = {
  earshot_export_points_total: {
    type: 'counter',
    unit: 'points',
    labels: ['target'],
    meaning: 'Points that a server has taken, by the name it has in the configuration.',
    query: 'sum by (target) (rate(earshot_export_points_total[5m]))',
  },
  earshot_export_points_dropped_total: {
    type: 'counter',
    unit: 'points',
    labels: ['target', 'reason'],
    meaning:
      'Points that no server has: queue_full (memory), spool_full, spool_damaged, rejected (by the server, for good), no_time, stopped (at the end, without a spool).',
    query: 'sum by (target, reason) (increase(earshot_export_points_dropped_total[1h])) > 0',
  },
  earshot_export_requests_total: {
    type: 'counter',
    unit: 'requests',
    labels: ['target', 'outcome'],
    meaning:
      'Requests by how they ended: taken, refused (the server took some points or none, for good), failed (sent again later).',
    query: 'sum by (target) (rate(earshot_export_requests_total{outcome="failed"}[5m])) > 0',
  },
  earshot_export_failing: {
    type: 'gauge',
    unit: '1',
    labels: ['target'],
    meaning: '1 while the last request failed, or points of it were refused; 0 else.',
    query: 'earshot_export_failing == 1',
  },
  earshot_export_waiting_points: {
    type: 'gauge',
    unit: 'points',
    labels: ['target'],
    meaning: 'Points that wait, in memory or in the spool.',
    query: 'earshot_export_waiting_points',
  },
  earshot_export_waiting_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: ['target', 'place'],
    meaning: 'What waits in memory and in the spool (compressed, on the disk).',
    query: 'earshot_export_waiting_bytes / earshot_export_waiting_limit_bytes > 0.5',
  },
  earshot_export_waiting_limit_bytes: {
    type: 'gauge',
    unit: 'bytes',
    labels: ['target', 'place'],
    meaning: 'How much there may be; beyond it the oldest is dropped.',
    query: 'earshot_export_waiting_limit_bytes',
  },
  earshot_export_spool_failures_total: {
    type: 'counter',
    unit: 'failures',
    labels: ['target'],
    meaning: 'Times that the disk of the spool would not write or read. Points wait in memory then.',
    query: 'increase(earshot_export_spool_failures_total[1h]) > 0',
  },
} as const satisfies Record<`earshot_${string}`, MetricEntry>;
