import type { IcmpSpec } from './icmp-spec.ts';
import type { RegistrationSpec, SignallingSpec, TrunkSpec } from './signalling-spec.ts';
import type { T38Spec } from './t38-spec.ts';

/** What a capture shall hold. Plain JSON; every field but `calls` may be left out. Times in ms unless named. */
export interface Scenario {
  /** Same seed, same bytes. Default 1. */
  seed?: number;
  /** ISO 8601 with zone; everything in the scenario is relative to it. */
  startTime?: string;
  /** Nanosecond pcap instead of microsecond. */
  nanoseconds?: boolean;
  linkType?: 'ethernet';
  /** Tags on every packet, outermost first; of two, the first is an 802.1ad service tag (0x88a8). */
  vlans?: number[];
  /** IPv6 addresses; IPv4 ones given in the calls become 2001:db8::a.b.c.d. */
  ipv6?: boolean;
  /** What a capture agent told a collector about the calls (HEP3), in place of their own packets. */
  hep?: boolean;
  /** Number of packets of each kind of noise, spread evenly over the capture. */
  background?: { dns?: number; quic?: number; randomUdp?: number; icmp?: number };
  /** What the capture makes of the packets: nothing of it happens to the calls. */
  capture?: CaptureSpec;
  calls: CallSpec[];
  registrations?: RegistrationSpec[];
  trunks?: TrunkSpec[];
  /** The capture goes on for so long, if only with packets of no interest. */
  untilMs?: number;
}

export interface CaptureSpec {
  /** An overloaded mirror port: for `forMs` of every `everyMs` it drops RTP and T.38, each packet with probability `ratio`. */
  mirrorLoss?: { everyMs: number; forMs: number; ratio: number };
  /** It is the capturing machine that drops them, and each packet says how many it lost before (pcapng, epb_dropcount). */
  countDrops?: boolean;
  /** The capture stands still: nothing that comes by then is in it. */
  standstills?: { atMs: number; durationMs: number }[];
  /** The capture holds a sample: each packet of any kind is kept with this probability, or only those of media. */
  sample?: { ratio: number; of?: 'all' | 'media' };
  /** RTP of this way passes elsewhere. */
  hideWay?: Direction;
  /** Whatever this side sends passes elsewhere: SIP, RTP and RTCP. */
  hideSide?: Side;
  /** Octets kept of each packet. */
  snapLength?: number;
  /** The capturing machine's clock is set: from `atMs` on (true time) stamps are `byMs` later. */
  clockSteps?: { atMs: number; byMs: number }[];
  /** Positive: the capturing machine's clock runs slow, so that every sender seems fast. */
  skewPpm?: number;
  /** Stamps are rounded down to a multiple of this. */
  resolutionMs?: number;
  /** All packets of so long get one stamp, that of its end, a microsecond apart. */
  batchMs?: number;
}

export type Outcome =
  | 'answered'
  | 'busy'
  | 'not_found'
  | 'canceled'
  | 'no_answer'
  /** INVITE, sent again by timer A, and no answer at all. */
  | 'unreachable'
  /** 180, then nothing more. */
  | 'ringing'
  /** RTP only, no SIP at all. */
  | 'none'
  /** Answered, and no BYE within the capture. */
  | 'open'
  /** The capture begins during the call: SIP only from a re-INVITE (hold) or the BYE on. */
  | 'midcall';

export type Transport = 'udp' | 'tcp' | 'ws' | 'tls' | 'wss';

export type Side = 'caller' | 'callee';
export type Direction = 'callerToCallee' | 'calleeToCaller';

export interface EndpointSpec {
  user?: string;
  domain?: string;
  ip?: string;
  sipPort?: number;
  rtpPort?: number;
}

export interface CallSpec {
  /** Free text for the reader of the scenario. */
  note?: string;
  callId?: string;
  /** The INVITE (or with `none` and `midcall` the media) passes the tap at this time. */
  startMs?: number;
  /** Delay INVITE to 180 and delay 180 to 200: one number for both, or a pair. */
  ringMs?: number | [toRinging: number, toAnswer: number];
  /** Answer to BYE; with `none` the length of the media. */
  durationMs?: number;
  /** Over `tls` and `wss` only whoever has the keys can read: they are in the capture, or beside it. */
  transport?: Transport;
  /** Default 1.3. */
  tlsVersion?: '1.2' | '1.3';
  outcome?: Outcome;
  /** Final response of an unsuccessful outcome, in place of 486, 404 or 480. */
  finalCode?: number;
  releasedBy?: Side;
  /** 183 with SDP in place of 180. */
  earlyMedia?: boolean;
  caller?: EndpointSpec;
  callee?: EndpointSpec;
  /** Codec names in the offer; `codec` is put first when missing. */
  offer?: string[];
  /** The codec that is negotiated and sent. */
  codec?: string;
  ptimeMs?: number;
  /** Offer in the 200, answer in the ACK. */
  lateSdp?: boolean;
  /** Public address of a caller behind NAT; the SDP keeps `caller.ip`. `port` is that of RTP. */
  natCaller?: { ip: string; port: number };
  /** `by` puts the other side on hold `atMs` after the answer; the held side stops sending. */
  hold?: { atMs: number; durationMs: number; by?: Side };
  signalling?: SignallingSpec;
  rtcp?: RtcpSpec | false;
  dtmf?: DtmfSpec;
  /** Digits by INFO (application/dtmf-relay), `atMs` after the answer; `answer` is the response, default 200. */
  infoDigits?: { atMs: number; digits: string; from?: Side; answer?: number };
  /** Both sides list H.264 on the ports two above those of audio; its packets are `extraStreams`. */
  video?: boolean;
  /** What the sides' descriptions say in place of the truth. */
  sdp?: { caller?: SdpSpec; callee?: SdpSpec };
  reinvites?: ReinviteSpec[];
  /** Further streams between, or into, the call's endpoints. */
  extraStreams?: ({ way: Direction } & StreamSpec)[];
  /** Packets of the call that hosts and routers send back. */
  icmp?: IcmpSpec[];
  /** What flows after an accepted `image` re-INVITE. */
  t38?: { callerToCallee?: T38Spec; calleeToCaller?: T38Spec };
  /** null: no RTP that way. */
  callerToCallee?: StreamSpec | null;
  calleeToCaller?: StreamSpec | null;
}

export interface SdpSpec {
  address?: string;
  /** Default RTP/AVP. */
  profile?: string;
  /** Adds an `a=crypto` line. */
  crypto?: boolean;
  /** Adds an `a=fingerprint` line. */
  fingerprint?: boolean;
  /** null leaves the line out. */
  ptimeMs?: number | null;
  maxptimeMs?: number;
  /** Payload type of telephone-event; null for none. */
  events?: number | null;
  /** Payload types by codec name, in place of the usual ones. */
  types?: Record<string, number>;
  silenceSuppression?: boolean;
  /** Which way media shall flow, as this side sees it; the answer to a re-INVITE agrees. */
  flow?: Flow;
}

/** What a session description says about the flow of media, from its sender's view (RFC 3264 5.1). */
export type Flow = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A re-INVITE `atMs` after the answer. Without more it repeats what is in force. */
export interface ReinviteSpec {
  atMs: number;
  by?: Side;
  /** The codec that is offered and answered from now on. */
  codec?: string;
  /** A switch to T.38; refused with 488. */
  image?: 'accepted' | 'refused';
  /** The audio line stays beside that of the image, which has the port above RTCP. */
  withAudio?: boolean;
  /** Of the side that sends it. */
  sdp?: SdpSpec;
  rtpPort?: number;
}

export interface RtcpSpec {
  intervalMs?: number;
  /** One-way delays between the tap and either end; they set LSR/DLSR and the base delay of the media. */
  tapToCallerMs?: number;
  tapToCalleeMs?: number;
  /** RTCP on the RTP port (RFC 5761). */
  mux?: boolean;
  /** Extended reports (RFC 3611) beside every report. Reference times are also answered. */
  xr?: ExtendedReportKind[];
  /** Report blocks only about what was heard since the report before (RFC 3550 6.4); else about all that ever was. */
  heardOnly?: boolean;
}

export type ExtendedReportKind = 'reference_time' | 'voip_metrics' | 'statistics' | 'loss_runs';

export interface DtmfSpec {
  /** First digit, after the stream's first packet. */
  atMs: number;
  digits: string;
  payloadType?: number;
  toneMs?: number;
  /** Pause between two digits. */
  gapMs?: number;
  from?: Side;
}

export type LossSpec =
  /** Only from `fromMs` to `untilMs` of the stream, if given. */
  | { kind: 'random'; ratio: number; fromMs?: number; untilMs?: number }
  /** p: good to bad, q: bad to good, per packet; every packet in the bad state is lost. */
  | { kind: 'gilbert'; p: number; q: number; fromMs?: number; untilMs?: number }
  /** 0-based indexes of packets sent. */
  | { kind: 'exact'; positions: number[] }
  /** The last of every `every` packets, `count` times at most. */
  | { kind: 'periodic'; every: number; count?: number }
  /** All packets sent for `forMs` of every `everyMs`, for the first time `atMs` after the first packet. */
  | { kind: 'beat'; everyMs: number; forMs: number; atMs?: number }
  /** All packets sent within these times after the first packet. */
  | { kind: 'windows'; windows: { atMs: number; durationMs: number }[] };

export type JitterSpec =
  | { kind: 'none' }
  | { kind: 'uniform'; maxMs: number }
  /** Around a delay of 3 sigma, cut at 0. */
  | { kind: 'gauss'; sigmaMs: number }
  /** The last of every `everyPackets` is late by `delayMs`, and what it overtakes queues up behind it. */
  | { kind: 'spikes'; everyPackets: number; delayMs: number }
  /** Delay of packet 0, 1, ...; 0 for those not listed. */
  | { kind: 'exact'; delaysMs: number[] }
  /** Rises evenly by `riseMs` and falls back within each `everyMs`. */
  | { kind: 'ramp'; everyMs: number; riseMs: number }
  /** Packets sent in the first `forMs` of every `everyMs` are late by `delayMs`. */
  | { kind: 'beat'; everyMs: number; forMs: number; delayMs: number };

export interface StreamSpec {
  ssrc?: number;
  startSeq?: number;
  startTimestamp?: number;
  /** First packet after the answer (after `startMs` when the call has no answer). Default 40, with `none` 0. */
  offsetMs?: number;
  /** Default: up to the BYE. */
  durationMs?: number;
  dscp?: number;
  ttl?: number;
  /** Positive: the sender's clock runs slow against the capture, delay grows. */
  skewPpm?: number;
  /** Default: the sender's `rtcp.tapTo...Ms`, else 0. */
  baseDelayMs?: number;
  /** Lost before the tap: missing from the file. */
  loss?: LossSpec;
  /** Lost after the tap: in the file, missing from the receiver's reports only. */
  lossAfterTap?: LossSpec;
  /** Never changes the order of arrival. */
  jitter?: JitterSpec;
  /** Packets that arrive right after the one `by` later. */
  reorder?: { positions: number[]; by: number };
  /** Copies; with `mirror` bit-identical ones, else with another IPv4 identification. */
  duplicate?: { positions: number[]; afterMs: number; mirror?: boolean };
  /** Silence suppression; `comfortNoise` sends one CN (G.729: SID) packet as silence starts. */
  dtx?: { talkMs: number; silenceMs: number; comfortNoise?: boolean };
  /**
   * From packet `index` on both numbers are moved. A `seqJump` up to 1000 is a gap, one from 3000 to 65000 a restart
   * (RFC 3550 A.1), which a receiver can only tell when two packets in sequence follow. One from 60 on is a restart, too,
   * where timestamps do not go along (`tsJump` below 8 or above 8000 a number): nobody sent the numbers in between.
   */
  restartAt?: { index: number; seqJump: number; tsJump: number };
  /** From this packet on the stream has another SSRC, sequence and timestamp. */
  ssrcChangeAt?: number;
  /** Codec, payload type, packet length and timestamp rate that are sent in place of the negotiated ones. */
  codec?: string;
  payloadType?: number;
  ptimeMs?: number;
  clockRate?: number;
  /** Another codec from `atMs` on, for `durationMs` or for good. */
  codecChange?: { atMs: number; codec: string; durationMs?: number };
  /** Zero level in place of speech, PCMU and PCMA only. */
  quiet?: { atMs: number; durationMs: number };
  /** A tone in place of speech, PCMU and PCMA only. */
  tone?: { atMs: number; durationMs: number; hz: number };
  /** Several such tones. */
  tones?: { atMs: number; durationMs: number; hz: number }[];
  /** Nothing is sent; numbers go on where they were, and so do timestamps unless `clockRunsOn`. */
  pauses?: { atMs: number; durationMs: number; clockRunsOn?: boolean }[];
  /** Payloads become noise and grow by an authentication tag of ten octets. */
  encrypted?: boolean;
  /** Where it comes from and goes to in place of the endpoints of the call. */
  from?: { ip: string; port: number };
  to?: { ip: string; port: number };
  /** From `atMs` on: marking, distance, and more (or less) delay. */
  pathChange?: { atMs: number; dscp?: number; ttl?: number; delayMs?: number };
}
