import type { EndpointView, Spread } from '../records/endpoint-view.ts';
import type { RoundTripRecord, RtcpRecord } from '../records/rtcp-record.ts';
import type { EndpointNotes } from '../rtcp/endpoint-notes.ts';
import { nearestRank } from '../rtcp/round-trips.ts';
import { senderClockPpm } from '../rtcp/sender-rate.ts';
import type { SourceReports } from '../rtcp/source.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { reportedLoss } from './reported-loss.ts';
import { unheardMedia } from './unheard-media.ts';

/** What RTCP says about a stream, and the round trips between the tap and its receiver. */
export interface ReportedView {
  rtcp: RtcpRecord;
  roundTripMs: RoundTripRecord | null;
}

/** A receiver cannot have more jitter than this; what it wrote is something else. */
const JITTER_MAX_MS = 60_000;

/**
 * Puts together what was reported about a finished stream.
 *
 * @param reports on the stream; @param receiver on its receiver, whose round trips lead to the stream's sender
 * @param callSeen the stream belongs to a call that was seen from its INVITE on
 */
export function reportedView(
  measured: StreamMeasurement,
  reports: SourceReports | null,
  receiver: SourceReports | null,
  callSeen: boolean,
): ReportedView {
  const clockRate = measured.clockRate;
  const loss = reports === null ? null : reportedLoss(measured, reports, callSeen);
  const clock = senderClock(reports, clockRate);
  const dropped = reports?.roundTrips.dropped ?? {};
  const flags: string[] = [];
  if (clock?.error === true) flags.push('sr_clock_error');
  if (dropped.delay_in_ms !== undefined) flags.push('delay_in_ms');
  return {
    rtcp: {
      senderReports: reports?.senderReports ?? 0,
      receiverReports: reports?.receiverReports ?? 0,
      xrReports: reports?.xrReports ?? 0,
      srtcp: reports?.srtcp ?? 0,
      lostRatio: loss?.lostRatio ?? null,
      fractionLostMax: reports?.fractionLostMax == null ? null : reports.fractionLostMax / 256,
      jitterMs: jitterMs(reports?.jitterTicks ?? null, clockRate),
      jitterMaxMs: jitterMs(reports?.jitterTicksMax ?? null, clockRate),
      lossCompared: loss?.lossCompared ?? null,
      lossBeforeProbe: loss?.lossBeforeProbe ?? null,
      lossBeforeProbeRatio: loss?.lossBeforeProbeRatio ?? null,
      lossAfterProbe: loss?.lossAfterProbe ?? null,
      lossAfterProbeRatio: loss?.lossAfterProbeRatio ?? null,
      lossOnlyAtProbe: loss?.lossOnlyAtProbe ?? null,
      worst: loss?.worst ?? null,
      unheard: reports === null ? null : unheardMedia(measured, reports),
      senderRoundTripMs: roundTrips(receiver),
      roundTripsDropped: { ...dropped },
      srClockPpm: clock?.ppm ?? null,
      flags,
      cname: reports?.cname ?? null,
      goodbyeReason: reports?.goodbyeReason ?? null,
      applications: [...(reports?.applications ?? [])],
      endpoint: reports?.endpoint == null ? null : endpointView(reports.endpoint, clockRate),
    },
    roundTripMs: roundTrips(reports),
  };
}

/** Jitter in ticks of the stream's own clock as ms; null while that clock is unknown. */
function jitterMs(ticks: number | null, clockRate: number | null): number | null {
  if (ticks === null || clockRate === null) return null;
  const ms = (ticks * 1000) / clockRate;
  return ms <= JITTER_MAX_MS ? ms : null;
}

function senderClock(
  reports: SourceReports | null,
  clockRate: number | null,
): { ppm: number; error: boolean } | null {
  const rate = reports?.clocks?.rate() ?? null;
  return rate === null || clockRate === null ? null : senderClockPpm(rate, clockRate);
}

/** p50, p95 (nearest rank) and maximum of the round trips between the tap and one endpoint. */
function roundTrips(reports: SourceReports | null): RoundTripRecord | null {
  if (reports === null || reports.roundTripsMs.length === 0) return null;
  const sorted = [...reports.roundTripsMs].sort((a, b) => a - b);
  return { p50: nearestRank(sorted, 0.5), p95: nearestRank(sorted, 0.95), max: reports.roundTrips.maxMs };
}

function endpointView(notes: EndpointNotes, clockRate: number | null): EndpointView {
  const { statistics, ...others } = notes;
  if (statistics === null) return { ...others, statistics };
  const { jitterTicks, ...counts } = statistics;
  return { ...others, statistics: { ...counts, jitterMs: spreadMs(jitterTicks, clockRate) } };
}

function spreadMs(ticks: Spread | null, clockRate: number | null): Spread | null {
  if (ticks === null || clockRate === null) return null;
  const ms = (value: number): number => (value * 1000) / clockRate;
  return { min: ms(ticks.min), max: ms(ticks.max), mean: ms(ticks.mean), deviation: ms(ticks.deviation) };
}
