import type { IntervalLog } from '../records/interval-log.ts';
import type {
  CallRecord,
  CaptureRecord,
  Distribution,
  FindingRecord,
  PlayoutRecord,
  QualityRecord,
  StreamRecord,
  TrustReason,
} from '../records/types.ts';
import type {
  ReportCall,
  ReportCapture,
  ReportFinding,
  ReportInterval,
  ReportQuality,
  ReportStream,
} from './contract.ts';
import { isoMicros } from './iso-time.ts';
import { reportedCallSignalling } from './reported-signalling.ts';
import { roundMs, roundNamed, roundRatio, roundScore } from './rounding.ts';

/** A record as the contract prints it. The order in which properties are written below is the order in the file. */
export function reportedCapture(capture: CaptureRecord): ReportCapture {
  const { sip, rtp, rtcp, t38, other } = capture.decoded;
  return {
    files: capture.files.map(({ path, format, linkTypes, packets, bytes }) => {
      return { path, format, linkTypes, packets, bytes };
    }),
    startTime: isoMicros(capture.startUs),
    endTime: isoMicros(capture.endUs),
    packets: capture.packets,
    bytes: capture.bytes,
    decoded: { sip, rtp, rtcp, t38, other },
    discarded: capture.discarded,
    trust: { verdict: capture.trust.verdict, reasons: capture.trust.reasons.map(reportedReason) },
  };
}

function reportedReason(reason: TrustReason): TrustReason {
  const { code, text, ...details } = reason;
  return { code, text, ...roundedValues(details) };
}

/** A call as the contract prints it. */
export function reportedCall(call: CallRecord): ReportCall {
  const { setup } = call;
  return {
    id: call.id,
    callId: call.callId,
    from: call.from,
    to: call.to,
    startTime: isoMicros(call.startUs),
    answerTime: isoMicros(call.answerUs),
    endTime: isoMicros(call.endUs),
    durationMs: roundMs(call.durationMs),
    state: call.state,
    finalCode: call.finalCode,
    releasedBy: call.releasedBy,
    setup: {
      postDialDelayMs: roundMs(setup.postDialDelayMs),
      answerDelayMs: roundMs(setup.answerDelayMs),
      mediaDelayMs: {
        callerToCallee: roundMs(setup.mediaDelayMs.callerToCallee),
        calleeToCaller: roundMs(setup.mediaDelayMs.calleeToCaller),
      },
    },
    roundTripMs: roundMs(call.roundTripMs),
    signalling: reportedCallSignalling(call.signalling),
    conversationId: call.conversationId,
    legs: call.legs,
    verdict: call.verdict,
    streams: call.streams,
    findings: call.findings,
  };
}

/** A stream as the contract prints it, its intervals unpacked. */
export function reportedStream(stream: StreamRecord): ReportStream {
  const { src, dst, rtcp, jitterMs, jitterRfcMs, roundTripMs } = stream;
  return {
    id: stream.id,
    callId: stream.callId,
    direction: stream.direction,
    src: { ip: src.ip, port: src.port },
    dst: { ip: dst.ip, port: dst.port },
    ssrc: stream.ssrc,
    vlans: stream.vlans,
    encapsulation: stream.encapsulation,
    codec: stream.codec,
    payloadTypes: stream.payloadTypes,
    clockRate: stream.clockRate,
    clockRateSource: stream.clockRateSource,
    ptimeMs: roundMs(stream.ptimeMs),
    startTime: isoMicros(stream.startUs),
    endTime: isoMicros(stream.endUs),
    durationMs: roundMs(stream.durationMs),
    packets: stream.packets,
    octets: stream.octets,
    expected: stream.expected,
    lost: stream.lost,
    lostRatio: roundRatio(stream.lostRatio),
    lostRfc: stream.lostRfc,
    duplicates: stream.duplicates,
    reordered: stream.reordered,
    tooOld: stream.tooOld,
    restarts: stream.restarts,
    interruptions: stream.interruptions,
    interruptedMs: roundMs(stream.interruptedMs),
    timestampJumps: stream.timestampJumps,
    jitterMs: { mean: roundMs(jitterMs.mean), ...reportedDistribution(jitterMs) },
    jitterRfcMs: {
      last: roundMs(jitterRfcMs.last),
      mean: roundMs(jitterRfcMs.mean),
      max: roundMs(jitterRfcMs.max),
    },
    pdvMs: reportedDistribution(stream.pdvMs),
    maxDeltaMs: roundMs(stream.maxDeltaMs),
    burst: reportedBurst(stream),
    playout: reportedPlayout(stream.playout),
    skewPpm: roundScore(stream.skewPpm),
    dscp: stream.dscp,
    ttl: stream.ttl,
    events: stream.events.map((event) => ({
      digit: event.digit,
      startTime: isoMicros(event.startUs),
      durationMs: roundMs(event.durationMs),
    })),
    rtcp: {
      senderReports: rtcp.senderReports,
      receiverReports: rtcp.receiverReports,
      xrReports: rtcp.xrReports,
      lostRatio: roundRatio(rtcp.lostRatio),
      jitterMs: roundMs(rtcp.jitterMs),
    },
    roundTripMs:
      roundTripMs === null
        ? null
        : { p50: roundMs(roundTripMs.p50), p95: roundMs(roundTripMs.p95), max: roundMs(roundTripMs.max) },
    quality: stream.quality === null ? null : reportedQuality(stream.quality),
    intervals: reportedIntervals(stream.intervals),
  };
}

function reportedDistribution(values: Distribution): Distribution {
  return {
    p50: roundMs(values.p50),
    p95: roundMs(values.p95),
    p99: roundMs(values.p99),
    max: roundMs(values.max),
  };
}

function reportedBurst({ burst }: StreamRecord): ReportStream['burst'] {
  return {
    gmin: burst.gmin,
    bursts: burst.bursts,
    burstDensity: roundRatio(burst.burstDensity),
    burstDurationMs: roundMs(burst.burstDurationMs),
    gapDensity: roundRatio(burst.gapDensity),
    gapDurationMs: roundMs(burst.gapDurationMs),
    longestLossRun: burst.longestLossRun,
    burstR: roundRatio(burst.burstR),
  };
}

function reportedPlayout(playout: Record<string, PlayoutRecord>): ReportStream['playout'] {
  const models = Object.entries(playout).map(([model, values]) => [
    model,
    {
      lateRatio: roundRatio(values.lateRatio),
      earlyRatio: roundRatio(values.earlyRatio),
      discardRatio: roundRatio(values.discardRatio),
      nominalMs: roundMs(values.nominalMs),
    },
  ]);
  return Object.fromEntries(models);
}

function reportedQuality(quality: QualityRecord): ReportQuality {
  const { assumptions, impairments, worst } = quality;
  return {
    model: quality.model,
    scale: quality.scale,
    codecRow: quality.codecRow,
    grounded: quality.grounded,
    rFactor: roundScore(quality.rFactor),
    rFactorLq: roundScore(quality.rFactorLq),
    mosLq: roundScore(quality.mosLq),
    mosCq: roundScore(quality.mosCq),
    assumptions: {
      plc: assumptions.plc,
      delayMs: roundMs(assumptions.delayMs),
      playout: assumptions.playout,
      delaySource: assumptions.delaySource,
      echo: assumptions.echo,
      burstR: roundRatio(assumptions.burstR),
    },
    impairments: {
      codec: roundScore(impairments.codec),
      loss: roundScore(impairments.loss),
      discard: roundScore(impairments.discard),
      delay: roundScore(impairments.delay),
    },
    worst:
      worst === null
        ? null
        : {
            startTime: isoMicros(worst.startUs),
            rFactor: roundScore(worst.rFactor),
            mosLq: roundScore(worst.mosLq),
          },
    flags: [...quality.flags],
  };
}

function reportedIntervals(log: IntervalLog): ReportInterval[] {
  const intervals: ReportInterval[] = [];
  for (let i = 0; i < log.length; i++) {
    const interval = log.at(i);
    intervals.push({
      startTime: isoMicros(interval.startUs),
      durationMs: roundMs(interval.durationMs),
      packets: interval.packets,
      expected: interval.expected,
      lost: interval.lost,
      // Intervals do not know the discards of a playout model yet.
      discarded: 0,
      jitterMs: roundMs(interval.jitterMs),
      pdvP95Ms: roundMs(interval.pdvP95Ms),
      rFactor: roundScore(interval.rFactor),
      mosLq: roundScore(interval.mosLq),
    });
  }
  return intervals;
}

/** A finding as the contract prints it. */
export function reportedFinding(finding: FindingRecord): ReportFinding {
  return {
    code: finding.code,
    severity: finding.severity,
    callId: finding.callId,
    streamId: finding.streamId,
    direction: finding.direction,
    startTime: isoMicros(finding.startUs),
    endTime: isoMicros(finding.endUs),
    text: finding.text,
    evidence: roundedValues(finding.evidence),
    party: finding.party ?? null,
  };
}

function roundedValues<T>(values: Record<string, T>): Record<string, T | number | null> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'number' ? roundNamed(name, value) : value,
  ]);
  return Object.fromEntries(entries);
}
