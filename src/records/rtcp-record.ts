import type { EndpointView } from './endpoint-view.ts';

/** Median, 95th percentile (nearest rank) and greatest of round trips, ms. */
export interface RoundTripRecord {
  p50: number;
  p95: number;
  max: number;
}

/** Loss between two report blocks, as the receiver counts it. */
export interface ReportedStretch {
  startUs: number;
  durationMs: number;
  expected: number;
  lost: number;
  /** Missing at the probe among the same numbers; null when unknown. */
  lostAtProbe: number | null;
}

/** A time up to the receiver's last report in which, by its reports, nothing of a stream reached it. */
export interface UnheardRecord {
  startUs: number;
  durationMs: number;
  /** Packets that passed the probe meanwhile. */
  packets: number;
  /** Reports that show it. */
  reports: number;
}

/** What RTCP says about one stream. Losses are packets; null is unknown. */
export interface RtcpRecord {
  /** By the stream's source. */
  senderReports: number;
  /** Report blocks about the stream, and extended reports about it. */
  receiverReports: number;
  xrReports: number;
  /** Encrypted datagrams by the stream's source: nothing in them can be read. */
  srtcp: number;
  /** Loss at the receiver, from cumulative counts. */
  lostRatio: number | null;
  /** The highest loss between two reports, by the reports' own fraction. */
  fractionLostMax: number | null;
  /** Jitter at the receiver: last and highest reported. */
  jitterMs: number | null;
  jitterMaxMs: number | null;
  /** Packets that the figures below compare. */
  lossCompared: number | null;
  /** Lost on the way to the probe: it and the receiver lacked them. */
  lossBeforeProbe: number | null;
  lossBeforeProbeRatio: number | null;
  /** Lost behind the probe: only the receiver lacked them. */
  lossAfterProbe: number | null;
  lossAfterProbeRatio: number | null;
  /** Only the probe lacked them: the capture lost them. */
  lossOnlyAtProbe: number | null;
  /** The stretch between two reports with the greatest share lost. */
  worst: ReportedStretch | null;
  /** Nothing reached the receiver any more; not among the losses above, of which receivers know. */
  unheard: UnheardRecord | null;
  /** Between the probe and the stream's source; those to its receiver are the stream's `roundTripMs`. */
  senderRoundTripMs: RoundTripRecord | null;
  /** Echoes that gave no round trip, by reason. */
  roundTripsDropped: Record<string, number>;
  /** How much faster the source's RTP clock runs than its own NTP clock. */
  srClockPpm: number | null;
  /** `sr_clock_error`, `delay_in_ms`. */
  flags: string[];
  cname: string | null;
  /** What the source gave as reason when it left. */
  goodbyeReason: string | null;
  /** Names of application packets by the source. */
  applications: string[];
  /** The receiver's own view, in extended reports. */
  endpoint: EndpointView | null;
}
