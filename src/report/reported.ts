import type { IntervalLog, ScoredInterval } from '../records/interval-log.ts';
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
import { type CallPlace, NOWHERE, type Place } from './place.ts';
import { reportedMediaRefusal, reportedT38 } from './reported-media.ts';
import { reportedEndpointReport, reportedRtcp } from './reported-rtcp.ts';
import { reportedCallSignalling } from './reported-signalling.ts';
import { roundKbps, roundMs, roundNamed, roundRatio, roundScore } from './rounding.ts';

/** A record as the contract prints it. The order in which properties are written below is the order in the file. */
export function reportedCapture(capture: CaptureRecord): ReportCapture {
  const { sip, rtp, rtcp, t38, other } = capture.decoded;
  return {
    files: capture.files.map(({ path, format, linkTypes, packets, bytes }) => {
      return { path, format, linkTypes, packets, bytes };
    }),
    point: capture.point ?? null,
    startTime: isoMicros(capture.startUs),
    endTime: isoMicros(capture.endUs),
    packets: capture.packets,
    bytes: capture.bytes,
    decoded: { sip, rtp, rtcp, t38, other },
    discarded: capture.discarded,
    mirrorDuplicates: capture.mirrorDuplicates,
    mirrorDuplicatesRatio: roundRatio(capture.mirrorDuplicatesRatio),
    fragments: capture.fragments,
    voiceClass: reportedVoiceClass(capture.voiceClass),
    encrypted: capture.encrypted,
    hep: capture.hep,
    trust: { verdict: capture.trust.verdict, reasons: capture.trust.reasons.map(reportedReason) },
  };
}

function reportedVoiceClass(carried: CaptureRecord['voiceClass']): ReportCapture['voiceClass'] {
  return carried === null ? null : { ...carried, otherRatio: roundRatio(carried.otherRatio) };
}

/** A reason to doubt the capture as the contract prints it. */
export function reportedReason(reason: TrustReason): TrustReason {
  const { code, text, ...details } = reason;
  return { code, text, ...roundedValues(details) };
}

/** A call as the contract prints it. */
export function reportedCall(call: CallRecord, place: CallPlace = NOWHERE): ReportCall {
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
    roundTripSidesMs: {
      toCaller: roundMs(call.roundTripSidesMs.toCaller),
      toCallee: roundMs(call.roundTripSidesMs.toCallee),
    },
    endpointReports: call.endpointReports.map(reportedEndpointReport),
    signalling: reportedCallSignalling(call.signalling),
    conversationId: call.conversationId,
    legs: call.legs,
    t38: reportedT38(call.t38),
    mediaRefusals: call.mediaRefusals.map(reportedMediaRefusal),
    verdict: call.verdict,
    severity: call.severity,
    streams: call.streams,
    findings: call.findings,
    heldBack: call.heldBack,
    clean: call.clean,
    site: place.site,
    trunk: place.trunk,
    direction: place.direction,
  };
}

/** A stream as the contract prints it, its intervals unpacked. */
export function reportedStream(stream: StreamRecord, place: Place = NOWHERE): ReportStream {
  const { src, dst, rtcp, jitterMs, jitterRfcMs, ipdvMs, roundTripMs } = stream;
  return {
    id: stream.id,
    callId: stream.callId,
    direction: stream.direction,
    src: { ip: src.ip, port: src.port },
    dst: { ip: dst.ip, port: dst.port },
    ssrc: stream.ssrc,
    interface: stream.interface,
    vlans: stream.vlans,
    encapsulation: stream.encapsulation,
    tunnel: stream.tunnel,
    seenTwice:
      stream.seenTwice === null
        ? null
        : { ttl: stream.seenTwice.ttl, delayMs: roundMs(stream.seenTwice.delayMs) },
    codec: stream.codec,
    payloadTypes: stream.payloadTypes,
    clockRate: stream.clockRate,
    clockRateMeasured: stream.clockRateMeasured,
    clockRateSource: stream.clockRateSource,
    ptimeMs: roundMs(stream.ptimeMs),
    startTime: isoMicros(stream.startUs),
    endTime: isoMicros(stream.endUs),
    durationMs: roundMs(stream.durationMs),
    packets: stream.packets,
    octets: stream.octets,
    ipKbps: roundKbps(stream.ipKbps),
    expected: stream.expected,
    lost: stream.lost,
    lostRatio: roundRatio(stream.lostRatio),
    lostRfc: stream.lostRfc,
    duplicates: stream.duplicates,
    mirrorDuplicates: stream.mirrorDuplicates,
    reordered: stream.reordered,
    tooOld: stream.tooOld,
    restarts: stream.restarts,
    restartTimes: stream.history.restartsMs.map((ms) => isoMicros(stream.startUs + ms * 1000)),
    interruptions: stream.interruptions,
    interruptedMs: roundMs(stream.interruptedMs),
    timestampJumps: stream.timestampJumps,
    jitterMs: { mean: roundMs(jitterMs.mean), ...reportedDistribution(jitterMs), samples: jitterMs.samples },
    jitterRfcMs: {
      last: roundMs(jitterRfcMs.last),
      mean: roundMs(jitterRfcMs.mean),
      max: roundMs(jitterRfcMs.max),
    },
    pdvMs: { ...reportedDistribution(stream.pdvMs), samples: stream.pdvMs.samples },
    ipdvMs: {
      p5: roundMs(ipdvMs.p5),
      p50: roundMs(ipdvMs.p50),
      p95: roundMs(ipdvMs.p95),
      absP95: roundMs(ipdvMs.absP95),
      samples: ipdvMs.samples,
    },
    maxDeltaMs: roundMs(stream.maxDeltaMs),
    burst: reportedBurst(stream),
    playout: reportedPlayout(stream.playout),
    whatIf: reportedWhatIf(stream.whatIf),
    media: reportedMedia(stream.media),
    skewPpm: roundScore(stream.skewPpm),
    dscp: stream.dscp,
    ttl: stream.ttl,
    events: stream.events.map((event) => ({
      digit: event.digit,
      startTime: isoMicros(event.startUs),
      durationMs: roundMs(event.durationMs),
    })),
    rtcp: reportedRtcp(rtcp),
    roundTripMs:
      roundTripMs === null
        ? null
        : { p50: roundMs(roundTripMs.p50), p95: roundMs(roundTripMs.p95), max: roundMs(roundTripMs.max) },
    quality: stream.quality === null ? null : reportedQuality(stream.quality),
    noScore: stream.noScore,
    site: place.site,
    trunk: place.trunk,
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
    lossRuns: burst.lossRuns,
    runLengths: burst.runLengths,
    criticalLossDensity: roundRatio(burst.criticalLossDensity),
  };
}

function reportedPlayout(playout: Record<string, PlayoutRecord>): ReportStream['playout'] {
  const models = Object.entries(playout).map(([model, values]) => [
    model,
    {
      lateRatio: roundRatio(values.lateRatio),
      earlyRatio: roundRatio(values.earlyRatio),
      droppedRatio: roundRatio(values.droppedRatio),
      discardRatio: roundRatio(values.discardRatio),
      nominalMs: roundMs(values.nominalMs),
      concealedMs: roundMs(values.concealedMs),
      acceleratedMs: roundMs(values.acceleratedMs),
      stretchedMs: roundMs(values.stretchedMs),
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
      codecMode: assumptions.codecMode,
    },
    impairments: reportedImpairments(impairments),
    explanation: { topReason: quality.explanation.topReason, text: quality.explanation.text },
    worst:
      worst === null
        ? null
        : {
            startTime: isoMicros(worst.startUs),
            rFactor: roundScore(worst.rFactor),
            mosLq: roundScore(worst.mosLq),
          },
    badR: roundScore(quality.badR),
    badTimeRatio: roundRatio(quality.badTimeRatio),
    flags: [...quality.flags],
  };
}

function reportedImpairments(points: QualityRecord['impairments']): ReportQuality['impairments'] {
  return {
    codec: roundScore(points.codec),
    loss: roundScore(points.loss),
    discard: roundScore(points.discard),
    delay: roundScore(points.delay),
  };
}

function reportedWhatIf(whatIf: StreamRecord['whatIf']): ReportStream['whatIf'] {
  if (whatIf === null) return null;
  return {
    bestDepthMs: whatIf.bestDepthMs,
    gain: roundScore(whatIf.gain),
    curve: whatIf.curve.map((at) => ({
      depthMs: at.depthMs,
      discardRatio: roundRatio(at.discardRatio),
      delayMs: roundMs(at.delayMs),
      rFactor: roundScore(at.rFactor),
      mosCq: roundScore(at.mosCq),
    })),
  };
}

function reportedMedia({ deadAir, ...media }: StreamRecord['media']): ReportStream['media'] {
  return {
    talkRatio: roundRatio(media.talkRatio),
    silencePackets: media.silencePackets,
    eventPackets: media.eventPackets,
    deadAir:
      deadAir === null
        ? null
        : {
            ratio: roundRatio(deadAir.ratio),
            longestMs: roundMs(deadAir.longestMs),
            longestStartTime: isoMicros(deadAir.longestStartUs),
          },
    encrypted: media.encrypted,
    redundancy: media.redundancy,
  };
}

function reportedIntervals(log: IntervalLog): ReportInterval[] {
  const intervals: ReportInterval[] = [];
  for (let i = 0; i < log.length; i++) intervals.push(reportedInterval(log.at(i)));
  return intervals;
}

/** An interval as the contract prints it. */
export function reportedInterval(interval: ScoredInterval): ReportInterval {
  return {
    startTime: isoMicros(interval.startUs),
    durationMs: roundMs(interval.durationMs),
    packets: interval.packets,
    expected: interval.expected,
    lost: interval.lost,
    discarded: interval.discarded,
    jitterMs: roundMs(interval.jitterMs),
    pdvP95Ms: roundMs(interval.pdvP95Ms),
    pdvP50Ms: roundMs(interval.pdvP50Ms),
    pdvP99Ms: roundMs(interval.pdvP99Ms),
    ipdvP95Ms: roundMs(interval.ipdvP95Ms),
    rFactor: roundScore(interval.rFactor),
    mosLq: roundScore(interval.mosLq),
    impairments: interval.impairments === null ? null : reportedImpairments(interval.impairments),
  };
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
