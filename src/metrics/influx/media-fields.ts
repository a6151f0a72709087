import { callRef } from '../../live/call-ref.ts';
import type { LiveInterval } from '../../live/live-records.ts';
import type { Endpoint } from '../../records/types.ts';
import type { ReportStream } from '../../report/contract.ts';
import { roundRatio } from '../../report/rounding.ts';
import type { FieldValues } from './measurement.ts';
import type { RTP_INTERVAL, RTP_STREAM } from './media-measurements.ts';

/** Fields of an interval. There are thousands a second: one object, put together of no others. */
export function intervalFields(record: LiveInterval): FieldValues<typeof RTP_INTERVAL.fields> {
  const { callId, expected, lost, discarded, impairments } = record;
  return {
    call_id: callId,
    call_ref: callId === null ? null : callRef(callId),
    stream_id: record.streamId,
    ssrc: record.ssrc,
    src: endpointText(record.src),
    dst: endpointText(record.dst),
    media_direction: record.direction,
    duration_ms: record.durationMs,
    packets: record.packets,
    expected,
    lost,
    discarded,
    duplicates: record.duplicates,
    reordered: record.reordered,
    loss_ratio: share(lost, expected),
    discard_ratio: share(discarded, expected),
    jitter_ms: record.jitterMs,
    pdv_p50_ms: record.pdvP50Ms,
    pdv_p95_ms: record.pdvP95Ms,
    pdv_p99_ms: record.pdvP99Ms,
    ipdv_p95_ms: record.ipdvP95Ms,
    r_factor: record.rFactor,
    mos_lq: record.mosLq,
    mos_cq: record.mosCq,
    impairment_codec: impairments?.codec ?? null,
    impairment_loss: impairments?.loss ?? null,
    impairment_discard: impairments?.discard ?? null,
    impairment_delay: impairments?.delay ?? null,
  };
}

/** Fields of a stream that is over. */
export function streamFields(record: ReportStream): FieldValues<typeof RTP_STREAM.fields> {
  const { quality, playout, rtcp, roundTripMs } = record;
  const buffer = quality === null ? undefined : playout[quality.assumptions.playout];
  return {
    ...identityOf(record),
    ...countFields(record),
    ...timingFields(record),
    ...burstFields(record),
    discard_ratio: buffer?.discardRatio ?? null,
    r_factor: quality?.rFactor ?? null,
    r_factor_lq: quality?.rFactorLq ?? null,
    mos_lq: quality?.mosLq ?? null,
    mos_cq: quality?.mosCq ?? null,
    ...impairmentFields(quality?.impairments ?? null),
    worst_r_factor: quality?.worst?.rFactor ?? null,
    worst_mos_lq: quality?.worst?.mosLq ?? null,
    bad_time_ratio: quality?.badTimeRatio ?? null,
    delay_ms: quality?.assumptions.delayMs ?? null,
    round_trip_p50_ms: roundTripMs?.p50 ?? null,
    round_trip_p95_ms: roundTripMs?.p95 ?? null,
    round_trip_max_ms: roundTripMs?.max ?? null,
    rtcp_lost_ratio: rtcp.lostRatio,
    rtcp_jitter_ms: rtcp.jitterMs,
    loss_before_probe_ratio: rtcp.lossBeforeProbeRatio,
    loss_after_probe_ratio: rtcp.lossAfterProbeRatio,
    encrypted: record.media.encrypted,
  };
}

function identityOf({ id, callId, ssrc, src, dst, direction }: ReportStream) {
  return {
    call_id: callId,
    call_ref: callId === null ? null : callRef(callId),
    stream_id: id,
    ssrc,
    src: endpointText(src),
    dst: endpointText(dst),
    media_direction: direction,
  };
}

function countFields(record: ReportStream) {
  let discarded = 0;
  for (const interval of record.intervals) discarded += interval.discarded;
  return {
    start_time: record.startTime,
    duration_ms: record.durationMs,
    packets: record.packets,
    octets: record.octets,
    expected: record.expected,
    lost: record.lost,
    discarded,
    duplicates: record.duplicates,
    reordered: record.reordered,
    loss_ratio: record.lostRatio,
    lost_rfc: record.lostRfc,
    mirror_duplicates: record.mirrorDuplicates,
    too_old: record.tooOld,
    restarts: record.restarts,
    interruptions: record.interruptions,
    interrupted_ms: record.interruptedMs,
  };
}

function timingFields({ jitterMs, jitterRfcMs, pdvMs, ...record }: ReportStream) {
  return {
    jitter_mean_ms: jitterMs.mean,
    jitter_p50_ms: jitterMs.p50,
    jitter_p95_ms: jitterMs.p95,
    jitter_p99_ms: jitterMs.p99,
    jitter_max_ms: jitterMs.max,
    jitter_rfc_mean_ms: jitterRfcMs.mean,
    jitter_rfc_max_ms: jitterRfcMs.max,
    pdv_p50_ms: pdvMs.p50,
    pdv_p95_ms: pdvMs.p95,
    pdv_p99_ms: pdvMs.p99,
    pdv_max_ms: pdvMs.max,
    max_delta_ms: record.maxDeltaMs,
    skew_ppm: record.skewPpm,
    ptime_ms: record.ptimeMs,
    clock_rate: record.clockRate,
  };
}

function burstFields({ burst }: ReportStream) {
  return {
    bursts: burst.bursts,
    burst_density: burst.burstDensity,
    burst_duration_ms: burst.burstDurationMs,
    gap_density: burst.gapDensity,
    longest_loss_run: burst.longestLossRun,
    burst_r: burst.burstR,
  };
}

function impairmentFields(impairments: LiveInterval['impairments']) {
  return {
    impairment_codec: impairments?.codec ?? null,
    impairment_loss: impairments?.loss ?? null,
    impairment_discard: impairments?.discard ?? null,
    impairment_delay: impairments?.delay ?? null,
  };
}

function endpointText({ ip, port }: Endpoint): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? roundRatio(part / whole) : null;
}
