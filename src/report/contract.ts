import type { SignallingRecord } from '../records/signalling-record.ts';
import type {
  BurstRecord,
  CallRecord,
  CaptureRecord,
  Direction,
  Endpoint,
  FindingRecord,
  MediaFacts,
  PlayoutRecord,
  QualityRecord,
  StreamRecord,
  TrustReason,
} from '../records/types.ts';
import type { ReportAlerts } from './alerts-contract.ts';
import type { CallPlace, Place } from './place.ts';
import type { ReportCallT38, ReportMediaRefusal } from './reported-media.ts';
import type { ReportEndpointReport, ReportRtcp } from './reported-rtcp.ts';
import type { ReportCallSignalling } from './signalling-contract.ts';

/** Name and version of the JSON contract. Fields may be added under it; none may be renamed. */
export const SCHEMA = 'earshot.report/1';

/** What of a report is not as it was seen; `privacy` of the report. */
export interface ReportPrivacy {
  /** What pseudonyms stand for; empty where none do. */
  pseudonyms: readonly ('numbers' | 'names' | 'hosts' | 'addresses')[];
  /** Which key they were made with: its first characters, null for one of this run alone. */
  key: string | null;
  /** What was left out for a provider. */
  leftOut: readonly string[];
  /** All of it in words. */
  text: string;
}

/** What stands above the records of a report. */
export interface ReportHead {
  tool: { name: string; version: string };
  capture: CaptureRecord;
  /** Ratios and delays of signalling; null or absent where nobody added them up. */
  signalling?: SignallingRecord | null;
  /** What rules would have raised; absent where none were given. */
  alerts?: ReportAlerts;
  /** Absent where everything is as it was seen. */
  privacy?: ReportPrivacy;
}

/** ISO 8601 UTC with microseconds; null when unknown, or too far away to be written as a date. */
export type Timestamp = string | null;

export interface ReportCapture {
  files: CaptureRecord['files'];
  point: string | null;
  startTime: Timestamp;
  endTime: Timestamp;
  packets: number;
  bytes: number;
  decoded: CaptureRecord['decoded'];
  discarded: Record<string, number>;
  mirrorDuplicates: number;
  mirrorDuplicatesRatio: number | null;
  fragments: CaptureRecord['fragments'];
  voiceClass: CaptureRecord['voiceClass'];
  encrypted: CaptureRecord['encrypted'];
  hep: CaptureRecord['hep'];
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
  roundTripSidesMs: CallRecord['roundTripSidesMs'];
  endpointReports: ReportEndpointReport[];
  signalling: ReportCallSignalling;
  conversationId: string | null;
  legs: readonly string[];
  t38: ReportCallT38 | null;
  mediaRefusals: ReportMediaRefusal[];
  verdict: CallRecord['verdict'];
  severity: CallRecord['severity'];
  streams: string[];
  findings: string[];
  heldBack: CallRecord['heldBack'];
  clean: CallRecord['clean'];
  site: CallPlace['site'];
  trunk: CallPlace['trunk'];
  direction: CallPlace['direction'];
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
  pdvP50Ms: number | null;
  pdvP99Ms: number | null;
  ipdvP95Ms: number | null;
  rFactor: number | null;
  mosLq: number | null;
  impairments: Impairments | null;
}

type Impairments = Record<'codec' | 'loss' | 'discard' | 'delay', number | null>;

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
  impairments: Impairments;
  explanation: QualityRecord['explanation'];
  worst: { startTime: Timestamp; rFactor: number | null; mosLq: number | null } | null;
  badR: number | null;
  badTimeRatio: number | null;
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
  interface: string | null;
  vlans: readonly number[];
  encapsulation: string[];
  tunnel: StreamRecord['tunnel'];
  seenTwice: { ttl: readonly number[]; delayMs: number | null } | null;
  codec: string | null;
  payloadTypes: readonly number[];
  clockRate: number | null;
  clockRateMeasured: number | null;
  clockRateSource: StreamRecord['clockRateSource'];
  ptimeMs: number | null;
  startTime: Timestamp;
  endTime: Timestamp;
  durationMs: number | null;
  packets: number;
  octets: number;
  ipKbps: number | null;
  expected: number;
  lost: number;
  lostRatio: number | null;
  lostRfc: number;
  duplicates: number;
  mirrorDuplicates: number;
  reordered: number;
  tooOld: number;
  restarts: number;
  /** When, the first 16 of them. */
  restartTimes: (string | null)[];
  interruptions: number;
  interruptedMs: number | null;
  timestampJumps: number;
  jitterMs: StreamRecord['jitterMs'];
  jitterRfcMs: StreamRecord['jitterRfcMs'];
  pdvMs: StreamRecord['pdvMs'];
  ipdvMs: StreamRecord['ipdvMs'];
  maxDeltaMs: number | null;
  burst: Nullable<Omit<BurstRecord, 'runLengths'>> & { runLengths: readonly number[] };
  playout: Record<string, Nullable<PlayoutRecord>>;
  whatIf: {
    bestDepthMs: number;
    gain: number | null;
    curve: Nullable<NonNullable<StreamRecord['whatIf']>['curve'][number]>[];
  } | null;
  /** Without what only detectors have a use for. */
  media: Omit<MediaFacts, 'deadAir' | 'payloadOctets' | 'unevenness' | 'faxTones'> & {
    deadAir: { ratio: number | null; longestMs: number | null; longestStartTime: Timestamp } | null;
  };
  skewPpm: number | null;
  dscp: readonly number[];
  ttl: readonly number[];
  events: { digit: string; startTime: Timestamp; durationMs: number | null }[];
  rtcp: ReportRtcp;
  roundTripMs: Record<'p50' | 'p95' | 'max', number | null> | null;
  quality: ReportQuality | null;
  noScore: string | null;
  site: Place['site'];
  trunk: Place['trunk'];
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
