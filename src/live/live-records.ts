import type { LiveCounters, LiveEngine, StampOrigin } from '../capture/live/live-source.ts';
import type { IntervalRecord } from '../records/interval-record.ts';
import type { OngoingRecord } from '../records/ongoing-record.ts';
import type { SipCounts } from '../records/sip-counts.ts';
import type { TrustReason } from '../records/types.ts';
import type {
  ReportCall,
  ReportCapture,
  ReportFinding,
  ReportInterval,
  ReportPrivacy,
  ReportStream,
} from '../report/contract.ts';
import { isoMicros } from '../report/iso-time.ts';
import { reportedInterval } from '../report/reported.ts';
import { reportedCallSignalling } from '../report/reported-signalling.ts';
import { roundScore } from '../report/rounding.ts';
import type { ReportCallSignalling, ReportRegistration, ReportTrunk } from '../report/signalling-contract.ts';
import type { HeldPlace } from '../store/held-status.ts';
import type { KeptPackets } from '../store/packet-ring.ts';

/*
 * What a live probe tells while it runs: plain objects, one per line of NDJSON. The fields of streams, calls, findings,
 * registrations and trunks are those of `earshot.report/1`.
 */

/** An interval of a stream that may still run, and whose it is. */
export type LiveInterval = ReportInterval &
  Omit<IntervalRecord, keyof ReportInterval | 'startUs' | 'lossRuns' | 'missedRuns' | 'leastDelayMs'>;

/** One source of packets, as it stands. Counts are since the start. */
export interface SourceStatus extends LiveCounters {
  engine: LiveEngine;
  name: string;
  stamps: StampOrigin;
  /** Did it end? */
  ended: boolean;
  /** What it refused, and its own faults, by name. */
  details: Record<string, number>;
}

/** How full a table is. */
export interface Fill {
  used: number;
  max: number;
}

/** What became of registrations. */
export interface RegistrationRounds {
  succeeded: number;
  failed: number;
  /** Failed ones of scans and of password guessing. */
  ofScans: number;
}

/** Where the probe stands; every ten seconds. */
export interface StatusRecord {
  /** Capture time where packets come, the clock of this machine before that; ISO 8601. */
  time: string | null;
  /** Packets stamped at another time come faster than they were captured. */
  recording: boolean;
  uptimeMs: number;
  packets: number;
  bytes: number;
  /** Packets lost by the sources that tell; null where none does. */
  dropped: number | null;
  packetsPerSecond: number;
  sources: SourceStatus[];
  /** Calls followed now, and those of them that are answered. */
  calls: number;
  callsUp: number;
  streams: number;
  registrations: number;
  /** Targets of OPTIONS, as they stand. */
  trunks: { name: string; state: 'up' | 'down' | 'unknown'; responseMs: number | null }[];
  tables: Record<string, Fill>;
  decoded: ReportCapture['decoded'];
  discarded: ReportCapture['discarded'];
  mirrorDuplicates: number;
  sip: SipCounts;
  /** Rounds of REGISTER that came to an end, a challenge and its answer being one. */
  registrationRounds: RegistrationRounds;
  /** TLS connections that may carry SIP, and what could be read of them. */
  encrypted: ReportCapture['encrypted'];
  /** Part of the packets that are copies made by the mirror. */
  mirrorDuplicatesRatio: number | null;
  /** Longest time that the event loop stood still since the last status, ms: of measuring, and of serving. */
  lagMs: { measuring: number; serving: number };
  /** Records on their way between the two, as a table that fills up. */
  queue: Fill;
  /** Records told since the start, and those that nobody took in time, by type. */
  records: { told: Record<string, number>; dropped: Record<string, number> };
  heapBytes: number;
  /** Packets kept on disk; null where none are. */
  kept: (Omit<KeptPackets, 'oldestUs'> & { oldest: string | null }) | null;
  /** Holds on what is kept: of packets, of the history and of bad calls, where these are kept. */
  held: HeldPlace[];
  /** How often measuring had to be started again. */
  restarts: number;
  /** Of the last five minutes. */
  trust: { verdict: ReportCapture['trust']['verdict']; reasons: TrustReason[] };
  /** As of the start; a history may not reach back to that. */
  privacy?: ReportPrivacy;
}

/** Measuring began, for the first time or (`run` from 2 on) again; ids of streams and calls begin anew with it. */
export interface StartRecord {
  run: number;
  time: string | null;
  sources: { engine: LiveEngine; name: string; stamps: StampOrigin }[];
  /** What pseudonyms stand for from here on; absent where everything is as it was seen. */
  privacy?: ReportPrivacy;
}

/** What is wrong with a call that is still up; what it is judged to be is told when it is over. */
export type LiveOngoing = Omit<OngoingRecord, 'startUs' | 'timeUs' | 'signalling'> & {
  startTime: ReportFinding['startTime'];
  time: ReportFinding['startTime'];
  signalling: ReportCallSignalling;
};

/** The same as it is told. */
export function liveOngoing({ startUs, timeUs, signalling, ...record }: OngoingRecord): LiveOngoing {
  return {
    ...record,
    startTime: isoMicros(startUs),
    time: isoMicros(timeUs),
    signalling: reportedCallSignalling(signalling),
  };
}

/** The closing account. */
export type CaptureRecordOfRun = ReportCapture & {
  dropped: number | null;
  restarts: number;
  sip: SipCounts;
  registrationRounds: RegistrationRounds;
  sources: SourceStatus[];
  records: StatusRecord['records'];
};

export type LiveRecord =
  | ({ type: 'start' } & StartRecord)
  | ({ type: 'interval' } & LiveInterval)
  | ({ type: 'stream' } & ReportStream)
  | ({ type: 'call' } & ReportCall)
  | ({ type: 'finding' } & ReportFinding)
  | ({ type: 'ongoing' } & LiveOngoing)
  | ({ type: 'registration' } & ReportRegistration)
  | ({ type: 'trunk' } & ReportTrunk)
  | ({ type: 'status' } & StatusRecord)
  | ({ type: 'capture' } & CaptureRecordOfRun);

export type LiveRecordType = LiveRecord['type'];

/** An interval as it is told. */
export function liveInterval(record: IntervalRecord): LiveInterval {
  const { streamId, callId, direction, ssrc, src, dst, codec, vlans, scale, sender } = record;
  const { duplicates, reordered } = record;
  const place = {
    streamId,
    callId,
    direction,
    ssrc,
    src,
    dst,
    codec,
    interface: record.interface,
    vlans,
    sender,
  };
  const mosCq = roundScore(record.mosCq);
  return { ...place, ...reportedInterval(record), duplicates, reordered, scale, mosCq };
}
