import type { SignallingRecord } from '../records/signalling-record.ts';
import type {
  BurstRecord,
  CallRecord,
  CaptureRecord,
  Direction,
  Distribution,
  Endpoint,
  FindingRecord,
  PlayoutRecord,
  QualityRecord,
  StreamRecord,
  TrustReason,
} from '../records/types.ts';
import type { ReportCallSignalling } from './signalling-contract.ts';

/** Name and version of the JSON contract. Fields may be added under it; none may be renamed. */
export const SCHEMA = 'earshot.report/1';

/** What stands above the records of a report. */
export interface ReportHead {
  tool: { name: string; version: string };
  capture: CaptureRecord;
  /** Ratios and delays of signalling; null or absent where nobody added them up. */
  signalling?: SignallingRecord | null;
}

/** ISO 8601 UTC with microseconds; null when unknown, or too far away to be written as a date. */
export type Timestamp = string | null;

export interface ReportCapture {
  files: CaptureRecord['files'];
  startTime: Timestamp;
  endTime: Timestamp;
  packets: number;
  bytes: number;
  decoded: CaptureRecord['decoded'];
  discarded: Record<string, number>;
  trust: { verdict: CaptureRecord['trust']['verdict']; reasons: TrustReason[] };
}

export interface ReportCall {
  id: string;
  callId: string;
  from: string | null;
  to: string | null;
  startTime: Timestamp;
  answerTime: Timestamp;
  endTime: Timestamp;
  durationMs: number | null;
  state: CallRecord['state'];
  finalCode: number | null;
  releasedBy: CallRecord['releasedBy'];
  setup: CallRecord['setup'];
  roundTripMs: number | null;
  signalling: ReportCallSignalling;
  conversationId: string | null;
  legs: readonly string[];
  verdict: CallRecord['verdict'];
  streams: string[];
  findings: string[];
}

export interface ReportInterval {
  startTime: Timestamp;
  durationMs: number | null;
  packets: number;
  expected: number;
  lost: number;
  discarded: number;
  jitterMs: number | null;
  pdvP95Ms: number | null;
  rFactor: number | null;
  mosLq: number | null;
}

export interface ReportQuality {
  model: string;
  scale: QualityRecord['scale'];
  codecRow: string;
  grounded: boolean;
  rFactor: number | null;
  rFactorLq: number | null;
  mosLq: number | null;
  mosCq: number | null;
  assumptions: Omit<QualityRecord['assumptions'], 'burstR'> & { burstR: number | null };
  impairments: Record<'codec' | 'loss' | 'discard' | 'delay', number | null>;
  worst: { startTime: Timestamp; rFactor: number | null; mosLq: number | null } | null;
  flags: string[];
}

type Nullable<T> = { [K in keyof T]: T[K] | null };

export interface ReportStream {
  id: string;
  callId: string | null;
  direction: Direction | null;
  src: Endpoint;
  dst: Endpoint;
  ssrc: string;
  vlans: readonly number[];
  encapsulation: string[];
  codec: string | null;
  payloadTypes: readonly number[];
  clockRate: number | null;
  clockRateSource: StreamRecord['clockRateSource'];
  ptimeMs: number | null;
  startTime: Timestamp;
  endTime: Timestamp;
  durationMs: number | null;
  packets: number;
  octets: number;
  expected: number;
  lost: number;
  lostRatio: number | null;
  lostRfc: number;
  duplicates: number;
  reordered: number;
  tooOld: number;
  restarts: number;
  interruptions: number;
  interruptedMs: number | null;
  timestampJumps: number;
  jitterMs: Distribution & { mean: number | null };
  jitterRfcMs: StreamRecord['jitterRfcMs'];
  pdvMs: Distribution;
  maxDeltaMs: number | null;
  burst: Nullable<BurstRecord>;
  playout: Record<string, Nullable<PlayoutRecord>>;
  skewPpm: number | null;
  dscp: readonly number[];
  ttl: readonly number[];
  events: { digit: string; startTime: Timestamp; durationMs: number | null }[];
  rtcp: StreamRecord['rtcp'];
  roundTripMs: Record<'p50' | 'p95' | 'max', number | null> | null;
  quality: ReportQuality | null;
  intervals: ReportInterval[];
}

export interface ReportFinding {
  code: string;
  severity: FindingRecord['severity'];
  callId: string | null;
  streamId: string | null;
  direction: Direction | null;
  startTime: Timestamp;
  endTime: Timestamp;
  text: string;
  evidence: FindingRecord['evidence'];
  /** Address of record, where the finding is about a registration. */
  party: string | null;
}
