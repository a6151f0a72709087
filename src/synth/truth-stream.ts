import { formatAddress } from './address.ts';
import type { ArrivedPacket } from './network.ts';
import { isoTime } from './pcap.ts';
import type { Endpoint, ResolvedCall } from './resolve.ts';
import type { NtpTime, ReportSeen } from './rtcp.ts';
import type { Direction, StreamSpec } from './scenario.ts';
import { EVENT_DIGITS } from './sender.ts';
import type { RoundTripTruth, RtcpTruth, StreamTruth } from './truth.ts';
import { rfcJitter, steadyJitter } from './truth-jitter.ts';
import { countSequence, measureBursts } from './truth-sequence.ts';
import { wireMedia } from './wire-media.ts';

/** What the truth of a stream is computed from. */
export interface StreamEvidence {
  call: ResolvedCall;
  way: Direction;
  spec: StreamSpec;
  /** All packets of one SSRC in the order of the file. */
  arrived: ArrivedPacket[];
  /** Reports by and about this SSRC in the order of the file. */
  reports: readonly ReportSeen[];
  /** Unix time in ms that packet times count from. */
  epochMs: number;
  withDelays: boolean;
}

/** Everything a perfect observer at the tap knows about one stream. */
export function streamTruth(evidence: StreamEvidence): StreamTruth {
  const { call, way, spec, arrived, epochMs } = evidence;
  const media = wireMedia(call, spec);
  const { clockRate } = media;
  const { counts, runs } = countSequence(arrived);
  const own = arrived.filter((packet) => packet.copy !== 'mirror');
  const address = (end: Endpoint, other: StreamSpec['from']): StreamTruth['src'] =>
    other ?? { ip: formatAddress(end.wireIp), port: end.wireRtpPort };
  const [from, to] = way === 'callerToCallee' ? [call.caller, call.callee] : [call.callee, call.caller];
  const truth: StreamTruth = {
    src: address(from, spec.from),
    dst: address(to, spec.to),
    ssrc: `0x${arrived[0]!.ssrc.toString(16).padStart(8, '0')}`,
    callId: call.outcome === 'none' ? null : call.callId,
    direction: way,
    codec: media.codec.name,
    clockRate,
    ptimeMs: media.ptimeMs,
    payloadTypes: [...new Set(own.map((packet) => packet.payloadType))].sort((a, b) => a - b),
    dscp: spec.dscp ?? 46,
    ttl: spec.ttl ?? 64,
    skewPpm: spec.skewPpm ?? 0,
    firstTime: isoTime(epochMs, own[0]!.timeNs),
    lastTime: isoTime(epochMs, own.at(-1)!.timeNs),
    ...counts,
    maxDeltaMs:
      own.slice(1).reduce((most, packet, i) => Math.max(most, packet.timeNs - own[i]!.timeNs), 0) / 1e6,
    burst: measureBursts(runs, media.ptimeMs, counts.lostRatio),
    jitterRfcMs: rfcJitter(arrived, clockRate),
    jitterMs: steadyJitter(arrived, clockRate),
    dtmf: digits(own, clockRate, epochMs),
    rtcp: call.rtcp === null ? null : rtcpTruth(evidence.reports, arrived[0]!.ssrc, arrived),
  };
  if (evidence.withDelays) truth.delaysMs = delays(own, clockRate);
  return truth;
}

/** An event is all packets with its timestamp: it starts as the first arrives and lasts as long as the longest says. */
function digits(own: readonly ArrivedPacket[], clockRate: number, epochMs: number): StreamTruth['dtmf'] {
  const events = new Map<string, StreamTruth['dtmf'][number]>();
  for (const packet of own) {
    if (packet.kind !== 'event') continue;
    const durationMs = (((packet.payload[2]! << 8) | packet.payload[3]!) * 1000) / clockRate;
    const key = `${packet.segment}/${packet.timestamp}`;
    const event = events.get(key);
    if (event !== undefined) event.durationMs = Math.max(event.durationMs, durationMs);
    else {
      const digit = EVENT_DIGITS[packet.payload[0]!]!;
      events.set(key, { digit, startTime: isoTime(epochMs, packet.timeNs), durationMs });
    }
  }
  return [...events.values()];
}

function delays(own: readonly ArrivedPacket[], clockRate: number): number[] {
  const first = own[0]!;
  return own
    .filter((packet) => packet.copy === 'no')
    .map((packet) => {
      const mediaMs = (((packet.timestamp - first.timestamp) | 0) * 1000) / clockRate;
      return (packet.timeNs - first.timeNs) / 1e6 - mediaMs;
    });
}

function rtcpTruth(
  reports: readonly ReportSeen[],
  ssrc: number,
  arrived: readonly ArrivedPacket[],
): RtcpTruth {
  const about = reports.filter((report) => report.block?.ssrc === ssrc);
  const last = about.at(-1)?.block ?? null;
  const reporter = about.at(-1)?.ssrc;
  const within = new Map<number, ArrivedPacket>();
  for (const packet of arrived) {
    if (last !== null && packet.extended >= last.base && packet.extended <= last.highestSent)
      within.set(packet.extended, packet);
  }
  return {
    senderReports: reports.filter((report) => report.ssrc === ssrc && report.senderInfo !== null).length,
    receiverReports: about.length,
    cumulativeLost: last?.cumulativeLost ?? null,
    lostRatio: last === null ? null : last.cumulativeLost / last.expected,
    lostBeforeTap: last === null ? null : last.expected - within.size,
    lostAfterTap:
      last === null ? null : [...within.values()].filter((packet) => !packet.reachesReceiver).length,
    roundTripMs: roundTrips(reports, ssrc),
    senderRoundTripMs: reporter === undefined ? null : roundTrips(reports, reporter),
  };
}

/** From every answer to a sender report or a reference time of `ssrc`. */
function roundTrips(reports: readonly ReportSeen[], ssrc: number): RoundTripTruth | null {
  const values: number[] = [];
  for (const report of reports) {
    const { block, echo } = report;
    const passed = (key: number, clock: (sent: ReportSeen) => NtpTime | null): ReportSeen | undefined =>
      reports.find(
        (sent) => sent.ssrc === ssrc && clock(sent)?.ntpMiddle === key && sent.timeNs <= report.timeNs,
      );
    const answer = (asked: ReportSeen | undefined, held: number): void => {
      if (asked !== undefined) values.push((report.timeNs - asked.timeNs) / 1e6 - (held * 1000) / 65536);
    };
    if (block?.ssrc === ssrc && block.lastSr !== 0) {
      answer(
        passed(block.lastSr, (sent) => sent.senderInfo),
        block.delaySinceLastSr,
      );
    }
    if (echo?.ssrc === ssrc) {
      answer(
        passed(echo.lrr, (sent) => sent.referenceTime),
        echo.dlrr,
      );
    }
  }
  if (values.length === 0) return null;
  return {
    samples: values.length,
    min: Math.min(...values),
    mean: values.reduce((sum, ms) => sum + ms, 0) / values.length,
    max: Math.max(...values),
  };
}
