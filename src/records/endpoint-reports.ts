/** What endpoints report about a call in SIP: their word, kept apart from everything measured here. */

/** Where in SIP a report stood. */
export type EndpointReportSource =
  | 'vq-rtcpxr'
  | 'x-rtp-stat'
  | 'p-rtp-stat'
  | 'x-siemens-rtp-stats'
  | 'rtp-rxstat'
  | 'rtp-txstat';

/** One end of the reported stream as a vq-rtcpxr body names it. */
export interface VqAddress {
  ip: string | null;
  port: number | null;
  /** As written: hexadecimal and decimal numbers are both in use. */
  ssrc: string | null;
}

/** One set of metrics of a vq-rtcpxr body (RFC 6035 4.6.2): percentages as ratios, 127 and nonsense as null. */
export interface VqMetrics {
  startTime: string | null;
  stopTime: string | null;
  payloadType: number | null;
  codec: string | null;
  sampleRate: number | null;
  packetsPerSecond: number | null;
  plc: number | null;
  silenceSuppression: boolean | null;
  jitterBufferAdaptive: number | null;
  jitterBufferRate: number | null;
  jitterBufferNominalMs: number | null;
  jitterBufferMaximumMs: number | null;
  jitterBufferAbsoluteMaximumMs: number | null;
  lossRatio: number | null;
  discardRatio: number | null;
  burstDensity: number | null;
  burstDurationMs: number | null;
  gapDensity: number | null;
  gapDurationMs: number | null;
  gmin: number | null;
  roundTripMs: number | null;
  endSystemDelayMs: number | null;
  oneWayDelayMs: number | null;
  symmetricOneWayDelayMs: number | null;
  /** RFC 3550 jitter, and mean absolute jitter (MAJ). */
  jitterMs: number | null;
  meanAbsoluteJitterMs: number | null;
  signalLevelDbm0: number | null;
  noiseLevelDbm0: number | null;
  residualEchoReturnLossDb: number | null;
  rLq: number | null;
  rCq: number | null;
  externalRIn: number | null;
  externalROut: number | null;
  mosLq: number | null;
  mosCq: number | null;
  /** How the estimates were made, as the endpoint says. */
  algorithm: string | null;
}

/** A vq-rtcpxr report (RFC 6035). */
export interface VqReport {
  source: 'vq-rtcpxr';
  kind: 'session' | 'interval' | 'alert';
  /** Sent because the call ended. */
  callTerm: boolean;
  alert: { type: string | null; severity: string | null; direction: string | null } | null;
  /** Of the call that is reported on. */
  callId: string | null;
  localId: string | null;
  remoteId: string | null;
  originId: string | null;
  localGroup: string | null;
  remoteGroup: string | null;
  localAddress: VqAddress | null;
  remoteAddress: VqAddress | null;
  /** What the reporter receives, and what the other side told it. */
  local: VqMetrics | null;
  remote: VqMetrics | null;
}

/** Statistics in a header of a BYE or of its response. */
export interface RtpStat {
  source: Exclude<EndpointReportSource, 'vq-rtcpxr'>;
  packetsSent: number | null;
  octetsSent: number | null;
  packetsReceived: number | null;
  octetsReceived: number | null;
  packetsLost: number | null;
  packetsDiscarded: number | null;
  packetsLate: number | null;
  jitterMs: number | null;
  latencyMs: number | null;
  durationMs: number | null;
  encoder: string | null;
  decoder: string | null;
  mosLq: number | null;
  mosCq: number | null;
  /** Every field as written; vendors mean different things by the same name. */
  fields: Record<string, string>;
}

/** A report and its circumstances. */
export type EndpointReportRecord = {
  timeUs: number;
  /** The side that reports, as far as it can be told. */
  reporter: 'caller' | 'callee' | null;
} & (VqReport | RtpStat);
