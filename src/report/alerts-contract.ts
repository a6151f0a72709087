import type { Severity } from '../records/types.ts';
import type { Timestamp } from './contract.ts';

/** An alert that rules raised; one of `alerts`. */
export interface ReportAlert {
  rule: string;
  severity: Severity;
  state: 'firing' | 'resolved';
  labels: Record<string, string>;
  summary: string;
  text: string;
  /** Since when the rule held, when it fired, when that ended. */
  sinceTime: Timestamp;
  startTime: Timestamp;
  endTime: Timestamp;
  signal: string;
  measure: string;
  unit: string;
  cause: 'threshold' | 'deviation' | 'absence';
  value: number | null;
  threshold: number | null;
  usual: number | null;
  windowMs: number;
  samples: number;
  calls: number;
  users: number | null;
  driver: { name: string; text: string } | null;
  worst: {
    callId: string | null;
    streamId: string | null;
    value: number | null;
    time: Timestamp;
    link: string | null;
  }[];
  flapping: boolean;
  informationOnly: string | null;
  owner: string;
  runbook: string;
}

/** An alert that was not raised, and why; one of `alertsHeldBack`. */
export interface ReportHeldAlert {
  rule: string;
  labels: Record<string, string>;
  reason: string;
  text: string;
  startTime: Timestamp;
  endTime: Timestamp;
}

/** What rules made of a capture. */
export interface ReportAlerts {
  raised: readonly ReportAlert[];
  heldBack: readonly ReportHeldAlert[];
  /** They would fire if it went on like that. */
  pending: readonly { rule: string; labels: Record<string, string>; sinceTime: Timestamp }[];
}
