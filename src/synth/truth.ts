import type { T38Truth } from './t38.ts';

/** The answer sheet of a capture. Times ISO 8601 UTC with microseconds; what does not exist is null. */
export interface Truth {
  schema: 'earshot.truth/1';
  seed: number;
  capture: CaptureTruth;
  /** In order of their first SIP message in the file. */
  calls: CallTruth[];
  /** In order of their first packet. */
  streams: StreamTruth[];
  signalling: SignallingTruth;
  /** T.38, each direction of a call for itself; absent where there is none. */
  t38?: T38Truth[];
}

/** What the scenario did to the signalling, by what it was told to do. */
export interface SignallingTruth {
  /** Calls with an INVITE: its tries, and the messages that a timer sent again. */
  calls: { callId: string; tries: number; repeated: number }[];
  /** Rounds of REGISTER that were to register, by device. */
  registrations: { aor: string; contact: string; succeeded: number; failed: number }[];
  trunks: { src: string; dst: string; requests: number; answered: number }[];
}

/** Packets in the file by what they are. `sip` counts packets that carry SIP, `other` all the rest, with T.38. */
export interface CaptureTruth {
  packets: number;
  /** Octets of all packets, without file and record headers. */
  bytes: number;
  startTime: string | null;
  endTime: string | null;
  sip: number;
  rtp: number;
  rtcp: number;
  other: number;
}

export interface CallTruth {
  callId: string;
  from: string;
  to: string;
  state: 'answered' | 'failed' | 'canceled' | 'ringing' | 'open';
  finalCode: number | null;
  /** First INVITE; null when the capture began later. */
  startTime: string | null;
  answerTime: string | null;
  /** BYE, or the final response of a call without answer. */
  endTime: string | null;
  /** Who sent the BYE, or the CANCEL; null when nobody did. */
  releasedBy: 'caller' | 'callee' | null;
  /** `startTime` to `endTime`. */
  durationMs: number | null;
  /** INVITE to the first 180, or 183 with SDP. */
  postDialDelayMs: number | null;
  /** INVITE to 200. */
  answerDelayMs: number | null;
}

export interface SequenceTruth {
  /** Distinct packets. */
  packets: number;
  /** Payload octets of the distinct packets. */
  octets: number;
  /** Highest minus first extended number plus 1, summed over runs (see `interruptions`, `restarts`). */
  expected: number;
  lost: number;
  lostRatio: number;
  /** Copies but for those of the mirror. */
  duplicates: number;
  /** Bit-identical copies made by the mirror port; they count nowhere else. */
  mirrorDuplicates: number;
  /** First arrivals below the highest number so far. */
  reordered: number;
  /** Times that the sender began anew (`restartAt`). */
  restarts: number;
  /** Gaps of 3000 numbers or more by loss: neither expected nor lost. */
  interruptions: number;
  /** How many runs of consecutive losses there are, by length. */
  lossRuns: Record<string, number>;
}

export interface BurstTruth {
  gmin: 16;
  bursts: number;
  /** Lost part of the packets in bursts; 0 without bursts. */
  burstDensity: number;
  /** Mean length of a burst, 0 without bursts. */
  burstDurationMs: number;
  /** Lost part of the packets outside bursts; 0 when there are none. */
  gapDensity: number;
  /** Mean length of the maximal stretches of at least one packet outside bursts. */
  gapDurationMs: number;
  longestLossRun: number;
  /** Mean run length times (1 - lost ratio), not clamped; 1 without loss. */
  burstR: number;
}

export interface StreamTruth extends SequenceTruth {
  src: { ip: string; port: number };
  dst: { ip: string; port: number };
  /** Eight hexadecimal digits after 0x. */
  ssrc: string;
  callId: string | null;
  direction: 'callerToCallee' | 'calleeToCaller';
  codec: string;
  clockRate: number;
  ptimeMs: number;
  /** Seen in the file, ascending. */
  payloadTypes: number[];
  /** Null where the IP header is not in the capture (HEP). */
  dscp: number | null;
  ttl: number | null;
  /** As configured, not as an estimator would find it. */
  skewPpm: number;
  firstTime: string;
  lastTime: string;
  /** Longest time between two successive arrivals, whatever they are; 0 for one packet. */
  maxDeltaMs: number;
  burst: BurstTruth;
  /** The literal estimator after each packet but telephone events: its last, mean and highest value. */
  jitterRfcMs: { last: number; mean: number; max: number };
  /** Deviation D2, from packet 33 of each run on; null when no run is that long. */
  jitterMs: { mean: number; max: number } | null;
  dtmf: { digit: string; startTime: string; durationMs: number }[];
  /** Null when the call has no RTCP. */
  rtcp: RtcpTruth | null;
  /** Relative transit of each distinct packet in order of arrival, the first 0. Only on request. */
  delaysMs?: number[];
}

/** What RTCP in the file says about the stream. */
export interface RtcpTruth {
  /** Sender reports by the stream's own SSRC. */
  senderReports: number;
  /** Report blocks about it, in sender or receiver reports. */
  receiverReports: number;
  /** From the last of these blocks; null when there is none. */
  cumulativeLost: number | null;
  /** `cumulativeLost` over the packets the receiver expected by then. */
  lostRatio: number | null;
  /** Of the numbers up to the highest that the last block knows: missing in the file, and in the file only. */
  lostBeforeTap: number | null;
  lostAfterTap: number | null;
  /** Tap to receiver and back: one sample for each answer to an SR or a reference time. */
  roundTripMs: RoundTripTruth | null;
  /** Tap to sender and back, from what the sender answers to the receiver. */
  senderRoundTripMs: RoundTripTruth | null;
}

export interface RoundTripTruth {
  samples: number;
  min: number;
  mean: number;
  max: number;
}
