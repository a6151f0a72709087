import type { CallSignalling } from './call-signalling.ts';
import type { IntervalLog } from './interval-log.ts';
import type { RegistrationRecord, TrunkRecord } from './signalling-record.ts';

/**
 * The record types: the one language between the core and everything that shows, stores or counts its results.
 * Field names are those of the `earshot.report/1` contract. `Us` fields are capture time in microseconds since the
 * epoch and appear in the report as ISO 8601 without the suffix. Absent is null, never 0 or NaN.
 */

export type Direction = 'callerToCallee' | 'calleeToCaller';
export type CallState = 'answered' | 'failed' | 'canceled' | 'ringing' | 'open';
export type Verdict = 'healthy' | 'signalling' | 'media' | 'both' | 'unknown';
export type Severity = 'info' | 'warning' | 'critical';
export type Scale = 'NB' | 'WB' | 'FB';

export interface Endpoint {
  ip: string;
  port: number;
}

/** Percentiles of one quantity in milliseconds. */
export interface Distribution {
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

/** What a score is made of. `rFactor` and `mosCq` include delay, `rFactorLq` and `mosLq` do not. */
export interface QualityRecord {
  model: string;
  scale: Scale;
  /** Row of the codec table the factors come from. */
  codecRow: string;
  /** True when the factors are published ITU values, false for estimates. */
  grounded: boolean;
  rFactor: number | null;
  rFactorLq: number;
  mosLq: number;
  mosCq: number | null;
  assumptions: {
    plc: boolean;
    /** Mouth-to-ear delay fed to the model, ms; null when unknown. */
    delayMs: number | null;
    delaySource: 'measured' | 'assumed';
    /** The playout model whose discards the score counts. */
    playout: string;
    echo: string;
    burstR: number;
  };
  /** Points of R that each cause takes. */
  impairments: { codec: number; loss: number; discard: number; delay: number };
  /** The worst interval with enough packets to be judged; null when none has. */
  worst: { startUs: number; rFactor: number; mosLq: number } | null;
  /** Validity remarks, such as `burstR_low_confidence`. */
  flags: readonly string[];
}

export interface BurstRecord {
  gmin: number;
  bursts: number;
  burstDensity: number | null;
  burstDurationMs: number | null;
  gapDensity: number | null;
  gapDurationMs: number | null;
  longestLossRun: number;
  burstR: number;
}

export interface PlayoutRecord {
  lateRatio: number;
  earlyRatio: number;
  discardRatio: number;
  nominalMs: number;
}

/** One RTP stream: one (source, destination, SSRC). */
export interface StreamRecord {
  id: string;
  callId: string | null;
  direction: Direction | null;
  src: Endpoint;
  dst: Endpoint;
  /** `0x` and eight hexadecimal digits. */
  ssrc: string;
  vlans: readonly number[];
  encapsulation: string[];
  codec: string | null;
  payloadTypes: readonly number[];
  clockRate: number | null;
  clockRateSource: 'sdp' | 'static' | 'inferred' | null;
  ptimeMs: number | null;
  startUs: number;
  endUs: number;
  durationMs: number;
  packets: number;
  octets: number;
  expected: number;
  lost: number;
  lostRatio: number;
  lostRfc: number;
  duplicates: number;
  reordered: number;
  tooOld: number;
  restarts: number;
  interruptions: number;
  interruptedMs: number;
  timestampJumps: number;
  jitterMs: Distribution & { mean: number | null };
  jitterRfcMs: { last: number | null; mean: number | null; max: number | null };
  pdvMs: Distribution;
  maxDeltaMs: number;
  burst: BurstRecord;
  playout: Record<string, PlayoutRecord>;
  skewPpm: number | null;
  dscp: readonly number[];
  ttl: readonly number[];
  events: { digit: string; startUs: number; durationMs: number | null }[];
  rtcp: {
    senderReports: number;
    receiverReports: number;
    xrReports: number;
    lostRatio: number | null;
    jitterMs: number | null;
  };
  roundTripMs: { p50: number; p95: number; max: number } | null;
  quality: QualityRecord | null;
  intervals: IntervalLog;
}

/** One call: one INVITE dialog set, by Call-ID. */
export interface CallRecord {
  id: string;
  callId: string;
  from: string | null;
  to: string | null;
  startUs: number;
  answerUs: number | null;
  endUs: number | null;
  durationMs: number | null;
  state: CallState;
  finalCode: number | null;
  releasedBy: 'caller' | 'callee' | null;
  setup: {
    postDialDelayMs: number | null;
    answerDelayMs: number | null;
    mediaDelayMs: { callerToCallee: number | null; calleeToCaller: number | null };
  };
  /** Sum of the round trips tap to caller and tap to callee, ms; null unless both are known. */
  roundTripMs: number | null;
  /** What signalling said besides. */
  signalling: CallSignalling;
  /** Id of the first call of the conversation that a B2BUA cut into legs, and the Call-IDs of all its other legs. */
  conversationId: string | null;
  legs: readonly string[];
  verdict: Verdict;
  streams: string[];
  findings: string[];
}

/** One thing found wrong, with the measurements that made it fire. */
export interface FindingRecord {
  /** One of `FINDING_CODES`; text, so that what reads reports also reads those of later versions. */
  code: string;
  severity: Severity;
  callId: string | null;
  streamId: string | null;
  direction: Direction | null;
  startUs: number;
  endUs: number | null;
  text: string;
  evidence: Record<string, number | string | boolean | null>;
  /** Address of record, where a finding is about a registration. */
  party?: string | null;
}

export interface TrustReason {
  code: string;
  text: string;
  [detail: string]: number | string | null;
}

export interface CaptureRecord {
  files: { path: string; format: string; linkTypes: string[]; packets: number; bytes: number }[];
  startUs: number | null;
  endUs: number | null;
  packets: number;
  bytes: number;
  decoded: { sip: number; rtp: number; rtcp: number; t38: number; other: number };
  discarded: Record<string, number>;
  trust: { verdict: 'trusted' | 'degraded' | 'untrusted'; reasons: TrustReason[] };
}

/** Where the core hands its records. Called on capture time, in the order things finish. */
export interface RecordSink {
  stream(record: StreamRecord): void;
  call(record: CallRecord): void;
  finding(record: FindingRecord): void;
  registration?(record: RegistrationRecord): void;
  trunk?(record: TrunkRecord): void;
}
