import type { CallSignalling } from './call-signalling.ts';
import type { EndpointReportRecord } from './endpoint-reports.ts';
import type { IntervalLog } from './interval-log.ts';
import type { SenderMarks } from './interval-record.ts';
import type { MediaRefusalRecord } from './media-refusal.ts';
import type { OngoingRecord } from './ongoing-record.ts';
import type { RoundTripRecord, RtcpRecord } from './rtcp-record.ts';
import type { RegistrationRecord, TrunkRecord } from './signalling-record.ts';
import type { StreamHistory } from './stream-history.ts';
import type { CallT38 } from './t38-record.ts';
import type { VoiceClassRecord } from './voice-class-record.ts';

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
    /** What was taken for granted to choose the codec's mode, in words; null when signalling or packets decided. */
    codecMode: string | null;
  };
  /** Points of R that each cause takes. */
  impairments: { codec: number; loss: number; discard: number; delay: number };
  /** What takes most of the points lost, and a line that says so; the reason is null when hardly any are lost. */
  explanation: { topReason: 'codec' | 'loss' | 'discard' | 'delay' | null; text: string };
  /** The worst interval with enough packets to be judged; null when none has. */
  worst: { startUs: number; rFactor: number; mosLq: number } | null;
  /** R below which time is bad, on the stream's scale, and the share of judged time below it. */
  badR: number;
  badTimeRatio: number | null;
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
  /** Runs of consecutive losses: all of them, and those of one packet, two, ... nine, ten or more. */
  lossRuns: number;
  runLengths: readonly number[];
  /** Isolated losses that concealment cannot hide (packets of 40 ms and more), by packets expected. */
  criticalLossDensity: number | null;
}

/** What one model of a receiver's buffer did; shares are of the packets expected. */
export interface PlayoutRecord {
  lateRatio: number;
  earlyRatio: number;
  /** Dropped to shorten the delay. */
  droppedRatio: number;
  /** All of these together. */
  discardRatio: number;
  /** Mean delay that the buffer adds to that of the fastest packets. */
  nominalMs: number;
  /** Invented sound, and sound played faster or slower than it was; null where the model does not do that. */
  concealedMs: number | null;
  acceleratedMs: number | null;
  stretchedMs: number | null;
}

/** What buffers of other depths would have made of a stream. */
export interface WhatIfRecord {
  curve: readonly {
    depthMs: number;
    discardRatio: number;
    /** Mouth to ear, with this depth. */
    delayMs: number | null;
    rFactor: number | null;
    mosCq: number | null;
  }[];
  bestDepthMs: number;
  /** Points of R that the best depth would have gained over the score; 0 when it is not worth naming. */
  gain: number;
}

/** What the packets say beside their timing. */
export interface MediaFacts {
  /** Share of the time in which speech was sent, by packets and silence descriptors. */
  talkRatio: number | null;
  silencePackets: number;
  eventPackets: number;
  /** Share of PCM packets looked at that were silent, and the longest such time; null where it is not looked at. */
  deadAir: { ratio: number; longestMs: number; longestStartUs: number | null } | null;
  /** Encrypted by signalling; null when no signalling was seen. */
  encrypted: boolean | null;
  /** Redundancy formats in use: red, ulpfec, flexfec. */
  redundancy: readonly string[];
  /** Least and most octets of the payloads looked at; null where none was. */
  payloadOctets: { min: number; max: number } | null;
  /**
   * How far from even the upper halves of PCM octets are: chi-square with 15 degrees of freedom, and the octets behind
   * it. Noise and encrypted payloads stay near 15, speech and tones lie in the hundreds. Null where not looked at.
   */
  unevenness: { chiSquare: number; octets: number } | null;
  /** PCM packets looked at that were the tone of a calling or a called fax machine; null where not looked at. */
  faxTones: { calling: number; called: number; firstUs: number | null } | null;
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
  /** The interface that its first packet was captured on; null where packets come otherwise. */
  interface: string | null;
  vlans: readonly number[];
  encapsulation: string[];
  /** The outermost tunnel: its number (label, session, key, VNI, TEID) and its own addresses; null without one. */
  tunnel: { id: number | null; src: string | null; dst: string | null } | null;
  /**
   * The mirror shows the stream at two points, before and after a router: TTLs of its packets, then of their copies,
   * and the mean time between the two.
   */
  seenTwice: { ttl: readonly number[]; delayMs: number } | null;
  codec: string | null;
  payloadTypes: readonly number[];
  clockRate: number | null;
  /** Rate at which timestamps really advance, where that is far from `clockRate`; null where it is not. */
  clockRateMeasured: number | null;
  clockRateSource: 'sdp' | 'static' | 'inferred' | null;
  ptimeMs: number | null;
  startUs: number;
  endUs: number;
  durationMs: number;
  packets: number;
  octets: number;
  /** Mean bandwidth at layer 3 while it sent, kbit/s: IP, UDP and RTP headers and payload; null without duration. */
  ipKbps: number | null;
  expected: number;
  lost: number;
  lostRatio: number;
  lostRfc: number;
  duplicates: number;
  /** Copies made by the mirror, in no other figure. */
  mirrorDuplicates: number;
  reordered: number;
  tooOld: number;
  restarts: number;
  interruptions: number;
  interruptedMs: number;
  timestampJumps: number;
  jitterMs: Distribution & { mean: number | null; samples: number };
  jitterRfcMs: { last: number | null; mean: number | null; max: number | null };
  pdvMs: Distribution & { samples: number };
  /** Differences of delay between consecutive packets (RFC 3393). */
  ipdvMs: {
    p5: number | null;
    p50: number | null;
    p95: number | null;
    absP95: number | null;
    samples: number;
  };
  maxDeltaMs: number;
  burst: BurstRecord;
  playout: Record<string, PlayoutRecord>;
  whatIf: WhatIfRecord | null;
  media: MediaFacts;
  skewPpm: number | null;
  dscp: readonly number[];
  ttl: readonly number[];
  /** Telephone events. A key that is masked is an `x`. */
  events: { digit: string; startUs: number; durationMs: number | null }[];
  rtcp: RtcpRecord;
  roundTripMs: RoundTripRecord | null;
  quality: QualityRecord | null;
  /** Why there is no score, in words; null when there is one, or when the stream is no audio. */
  noScore: string | null;
  intervals: IntervalLog;
  /** What happened when; for detectors, not printed. */
  history: StreamHistory;
  /** What the call says of its sender; not printed. */
  sender?: SenderMarks | null;
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
  /** The two parts of it, medians. */
  roundTripSidesMs: { toCaller: number | null; toCallee: number | null };
  /** What endpoints reported about the call in SIP. */
  endpointReports: EndpointReportRecord[];
  /** What signalling said besides. */
  signalling: CallSignalling;
  /** Id of the first call of the conversation that a B2BUA cut into legs, and the Call-IDs of all its other legs. */
  conversationId: string | null;
  legs: readonly string[];
  /** T.38 over UDPTL; null when none was seen. */
  t38: CallT38 | null;
  /** Media that was sent back with ICMP errors. */
  mediaRefusals: readonly MediaRefusalRecord[];
  verdict: Verdict;
  /** That of the gravest of its findings; null without any. */
  severity: Severity | null;
  streams: string[];
  findings: string[];
  heldBack: HeldBackRecord[];
  /** That nothing is wrong with the call where the tap stands, and what that rests on; null where it cannot be said. */
  clean: CleanRecord | null;
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

/** What was looked at in a call that is clean at this point, and what this point cannot show; one line each. */
export interface CleanRecord {
  checked: readonly string[];
  notSeen: readonly string[];
}

/** A finding that was not raised, because the capture may explain what it is about, or a scan does. */
export interface HeldBackRecord {
  code: string;
  streamId: string | null;
  direction: Direction | null;
  /** Code of the reason to doubt the capture, or `sip_scan`. */
  reason: string;
}

export interface TrustReason {
  code: string;
  text: string;
  [detail: string]: number | string | null;
}

/** TLS connections that may carry SIP: what could be read of them, and what could not. */
export interface EncryptedRecord {
  /** Those on SIP ports, and those on other ports whose secrets are known. */
  tlsConnections: number;
  tlsDecrypted: number;
  /** On SIP ports and not read: there is SIP in them, most likely. */
  sipTlsSuspected: number;
  /** Why those were not read. */
  unread: { noKeys: number; noHandshake: number; unsupported: number; failed: number };
  /** TLS handshakes on all other ports. Nobody looked into them. */
  tlsElsewhere: number;
}

export interface CaptureRecord {
  files: { path: string; format: string; linkTypes: string[]; packets: number; bytes: number }[];
  /** Name of the point where it was captured; absent or null where nobody named it. */
  point?: string | null;
  startUs: number | null;
  endUs: number | null;
  packets: number;
  bytes: number;
  decoded: { sip: number; rtp: number; rtcp: number; t38: number; other: number };
  discarded: Record<string, number>;
  /** Copies that the mirror made, left out of everything else; and their part of all packets. */
  mirrorDuplicates: number;
  mirrorDuplicatesRatio: number;
  /** IP fragments, and the datagrams put together from them. */
  fragments: { packets: number; datagrams: number };
  /** What the voice class carried beside voice; null where no marking is said to be voice. */
  voiceClass: VoiceClassRecord | null;
  encrypted: EncryptedRecord;
  /** Messages of capture agents (HEP) that were opened; how often an agent's clock was off and had to be corrected. */
  hep: { messages: number; clocksCorrected: number };
  trust: { verdict: 'trusted' | 'degraded' | 'untrusted'; reasons: TrustReason[] };
}

/** Where the core hands its records. Called on capture time, in the order things finish. */
export interface RecordSink {
  stream(record: StreamRecord): void;
  call(record: CallRecord): void;
  finding(record: FindingRecord): void;
  registration?(record: RegistrationRecord): void;
  trunk?(record: TrunkRecord): void;
  /** Told while a call is up; nobody looks for it where nobody wants to know. */
  ongoing?(record: OngoingRecord): void;
}
