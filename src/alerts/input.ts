import type { IntervalRecord } from '../records/interval-record.ts';
import type { OngoingRecord } from '../records/ongoing-record.ts';
import type { TrustReason } from '../records/types.ts';
import type {
  ReportCall,
  ReportFinding,
  ReportInterval,
  ReportStream,
  Timestamp,
} from '../report/contract.ts';
import type { StatusStep } from './status-steps.ts';

/*
 * What alerts are made of: the records that a live probe tells, as far as alerts look at them. Records of a replay have
 * the same form.
 */

export type IntervalInput = ReportInterval &
  Pick<IntervalRecord, 'streamId' | 'callId' | 'direction' | 'src' | 'dst' | 'codec'> & {
    scale?: string | null;
    mosCq?: number | null;
    interface?: string | null;
    vlans?: readonly number[];
    sender?: IntervalRecord['sender'];
  };

/** What is wrong with a call that is still up. */
export type OngoingInput = Pick<
  OngoingRecord,
  'code' | 'callId' | 'direction' | 'from' | 'to' | 'emergency'
> & {
  signalling: ReportCall['signalling'];
};

/** Where the probe stands. Counts are since its start; what a probe does not know is left out. */
export interface StatusInput {
  time: Timestamp;
  /** What comes is no traffic of now: it cannot be judged by the time that passes. */
  recording?: boolean;
  packets: number;
  dropped: number | null;
  calls: number;
  streams: number;
  registrations: number;
  lagMs: { measuring: number; serving: number };
  records: { told: Record<string, number>; dropped: Record<string, number> };
  restarts: number;
  sources: readonly { name: string; up: boolean | null; ended: boolean }[];
  trust: { verdict: 'trusted' | 'degraded' | 'untrusted'; reasons: readonly TrustReason[] };
  /** Rounds of REGISTER that came to an end. */
  registrationRounds?: { succeeded: number; failed: number; ofScans?: number };
  /** Targets of OPTIONS, with their state now. */
  trunks?: readonly { name: string; state: 'up' | 'down' | 'unknown' }[];
  /** Whether what is handed on gets there now, by the name of whom it is for. */
  exports?: Record<string, { isFailing: boolean }>;
  /** Holds on what is kept: why one of them does not get what it is about, or nobody knows. */
  held?: readonly { problem: string | null; holds: readonly { problem: string | null }[] }[];
  /** Counts since the status before; the evaluator works them out. */
  since?: StatusStep;
}

export type AlertInput =
  | ({ type: 'interval' } & IntervalInput)
  | ({ type: 'stream' } & ReportStream)
  | ({ type: 'call' } & ReportCall)
  | ({ type: 'finding' } & ReportFinding)
  | ({ type: 'ongoing' } & OngoingInput)
  | ({ type: 'status' } & StatusInput)
  /** One of the trunks of a status. */
  | { type: 'trunkState'; trunk: string; state: 'up' | 'down' | 'unknown' };

/** Types of records that rules read. */
export const INPUT_TYPES = [
  'interval',
  'stream',
  'call',
  'finding',
  'ongoing',
  'status',
  'trunkState',
] as const;

/** Is it a record that rules read? */
export function isAlertInput(record: { type: string }): record is AlertInput {
  return (INPUT_TYPES as readonly string[]).includes(record.type);
}

/** Names by which series are told apart. Whoever knows sites, trunks and devices puts their names in. */
export const GROUP_LABELS = [
  'site',
  'trunk',
  'device',
  'interface',
  'direction',
  'codec',
  'scale',
  'code',
  'source',
] as const;

export type GroupLabel = (typeof GROUP_LABELS)[number];
export type Labels = Partial<Record<GroupLabel, string>>;

/** Names the site, trunk and device of a record; what it does not know it leaves out. */
export type Labeller = (record: AlertInput) => Labels;

/** What a record says of itself. */
export function ownLabels(record: AlertInput): Labels {
  switch (record.type) {
    case 'interval':
    case 'stream': {
      const labels: Labels = {};
      const scale = record.type === 'stream' ? record.quality?.scale : record.scale;
      if (record.direction !== null) labels.direction = record.direction;
      if (record.codec !== null) labels.codec = record.codec;
      if (scale != null) labels.scale = scale;
      return labels;
    }
    case 'call':
      return record.finalCode === null ? {} : { code: String(record.finalCode) };
    case 'finding':
    case 'ongoing':
      return { code: record.code, ...(record.direction === null ? {} : { direction: record.direction }) };
    case 'trunkState':
      return { trunk: record.trunk };
    default:
      return {};
  }
}
