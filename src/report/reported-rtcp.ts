import type { EndpointReportRecord, RtpStat, VqReport } from '../records/endpoint-reports.ts';
import type { RtcpRecord } from '../records/rtcp-record.ts';
import { isoMicros } from './iso-time.ts';
import { roundMs, roundNamed, roundRatio, roundScore } from './rounding.ts';

/** A time as the contract writes it; null when unknown. */
type Timestamp = string | null;

/** A stream's RTCP record as the contract prints it. */
export interface ReportRtcp extends Omit<RtcpRecord, 'worst' | 'unheard' | 'senderRoundTripMs'> {
  worst:
    | (Record<'expected' | 'lost', number> &
        Record<'durationMs' | 'lostAtProbe', number | null> & { startTime: Timestamp })
    | null;
  unheard:
    | (Record<'packets' | 'reports', number> & { startTime: Timestamp; durationMs: number | null })
    | null;
  senderRoundTripMs: Record<'p50' | 'p95' | 'max', number | null> | null;
}

/** What an endpoint reported in SIP as the contract prints it. */
export type ReportEndpointReport = { time: Timestamp; reporter: EndpointReportRecord['reporter'] } & (
  | VqReport
  | RtpStat
);

/** RTCP about a stream as the contract prints it. */
export function reportedRtcp(rtcp: RtcpRecord): ReportRtcp {
  const { worst, unheard, senderRoundTripMs } = rtcp;
  return {
    senderReports: rtcp.senderReports,
    receiverReports: rtcp.receiverReports,
    xrReports: rtcp.xrReports,
    lostRatio: roundRatio(rtcp.lostRatio),
    jitterMs: roundMs(rtcp.jitterMs),
    jitterMaxMs: roundMs(rtcp.jitterMaxMs),
    fractionLostMax: roundRatio(rtcp.fractionLostMax),
    lossCompared: rtcp.lossCompared,
    lossBeforeProbe: rtcp.lossBeforeProbe,
    lossBeforeProbeRatio: roundRatio(rtcp.lossBeforeProbeRatio),
    lossAfterProbe: rtcp.lossAfterProbe,
    lossAfterProbeRatio: roundRatio(rtcp.lossAfterProbeRatio),
    lossOnlyAtProbe: rtcp.lossOnlyAtProbe,
    worst:
      worst === null
        ? null
        : {
            startTime: isoMicros(worst.startUs),
            durationMs: roundMs(worst.durationMs),
            expected: worst.expected,
            lost: worst.lost,
            lostAtProbe: worst.lostAtProbe,
          },
    unheard:
      unheard === null
        ? null
        : {
            startTime: isoMicros(unheard.startUs),
            durationMs: roundMs(unheard.durationMs),
            packets: unheard.packets,
            reports: unheard.reports,
          },
    senderRoundTripMs:
      senderRoundTripMs === null
        ? null
        : {
            p50: roundMs(senderRoundTripMs.p50),
            p95: roundMs(senderRoundTripMs.p95),
            max: roundMs(senderRoundTripMs.max),
          },
    roundTripsDropped: rtcp.roundTripsDropped,
    srClockPpm: roundScore(rtcp.srClockPpm),
    srtcp: rtcp.srtcp,
    flags: rtcp.flags,
    cname: rtcp.cname,
    goodbyeReason: rtcp.goodbyeReason,
    applications: rtcp.applications,
    endpoint: rounded(rtcp.endpoint),
  };
}

/** What an endpoint reported in SIP as the contract prints it. */
export function reportedEndpointReport(record: EndpointReportRecord): ReportEndpointReport {
  const { timeUs, reporter, ...report } = record;
  return { time: isoMicros(timeUs), reporter, ...rounded(report) };
}

/** Plain values with every number rounded by its name: endpoints are quoted as they are, but not to 15 digits. */
function rounded<T>(value: T): T {
  return roundedBy('', value) as T;
}

function roundedBy(name: string, value: unknown): unknown {
  if (typeof value === 'number') return roundNamed(name, value);
  if (Array.isArray(value)) return value.map((entry) => roundedBy(name, entry));
  if (typeof value !== 'object' || value === null) return value;
  // A spread (`jitterMs: { min, max }`) has its unit in its own name.
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, roundedBy(name.endsWith('Ms') ? name : key, inner)]),
  );
}
