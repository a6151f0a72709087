import { formatAddress } from '../packet/address.ts';
import { encapsulationName } from '../packet/encapsulations.ts';
import type { Direction, Endpoint, StreamRecord } from '../records/types.ts';
import { eventName, isKey, MASKED_KEY } from '../rtp/events.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { ipKbps } from './ip-octets.ts';
import { mediaFacts, playoutRecords } from './media-facts.ts';
import type { ReportedView } from './reported-view.ts';
import type { Scoring } from './scoring.ts';

/** A stream's identity in every output. */
export function streamId(number: number): string {
  return `s${number + 1}`;
}

/** Where a stream stands in its call; null for a stream that no call claims. */
export interface Placement {
  callId: string;
  direction: Direction;
}

/** What else decides what stands in a record. */
export interface RecordContext {
  /** Whether the media is encrypted; null when signalling was not seen. */
  encrypted: boolean | null;
  /** Keys that callers pressed are masked unless asked for. */
  showDigits: boolean;
  /** Names of the interfaces, by input. */
  interfaces: readonly (string | null)[];
}

/** Puts together what the packets, the reports and the call say about one finished stream. */
export function streamRecord(
  key: StreamKey,
  number: number,
  measured: StreamMeasurement,
  placement: Placement | null,
  reported: ReportedView,
  scoring: Scoring,
  context: RecordContext,
): StreamRecord {
  const scored = scoring !== null && 'quality' in scoring ? scoring : null;
  const format = measured.format;
  const { burst, jitterMs } = measured;
  return {
    id: streamId(number),
    callId: placement?.callId ?? null,
    direction: placement?.direction ?? null,
    src: endpoint(key.src, key.srcPort),
    dst: endpoint(key.dst, key.dstPort),
    ssrc: `0x${(key.ssrc >>> 0).toString(16).padStart(8, '0')}`,
    interface: context.interfaces[measured.input] ?? null,
    vlans: measured.vlans,
    encapsulation: measured.encapsulation.map(encapsulationName),
    tunnel: tunnelOf(measured.tunnel),
    seenTwice: seenTwiceOf(measured),
    codec: format === null || format.name === '' ? null : format.name,
    payloadTypes: measured.payloadTypes,
    clockRate: measured.clockRate,
    clockRateMeasured: measured.otherClockRate,
    clockRateSource: format?.source ?? null,
    ptimeMs: measured.ptimeMs,
    startUs: measured.startUs,
    endUs: measured.endUs,
    durationMs: (measured.endUs - measured.startUs) / 1000,
    packets: measured.packets,
    octets: measured.octets,
    ipKbps: ipKbps(measured, key.src),
    expected: measured.expected,
    lost: measured.lost,
    lostRatio: measured.expected > 0 ? measured.lost / measured.expected : 0,
    lostRfc: measured.lostRfc,
    duplicates: measured.duplicates,
    mirrorDuplicates: measured.copies?.packets ?? 0,
    reordered: measured.reordered,
    tooOld: measured.tooOld,
    restarts: measured.restarts,
    interruptions: measured.interruptions,
    interruptedMs: measured.interruptedMs,
    timestampJumps: measured.timestampJumps,
    jitterMs: {
      mean: jitterMs.mean,
      p50: jitterMs.p50,
      p95: jitterMs.p95,
      p99: jitterMs.p99,
      max: jitterMs.max,
      samples: jitterMs.samples,
    },
    jitterRfcMs: measured.jitterRfcMs,
    pdvMs: measured.pdvMs,
    ipdvMs: measured.ipdvMs,
    maxDeltaMs: measured.maxDeltaMs,
    burst: {
      gmin: burst.gmin,
      bursts: burst.bursts,
      burstDensity: burst.burstDensity,
      burstDurationMs: burst.burstDurationMs,
      gapDensity: burst.gapDensity,
      gapDurationMs: burst.gapDurationMs,
      longestLossRun: burst.longestLossRun,
      burstR: burst.burstR,
      lossRuns: burst.lossRuns,
      runLengths: burst.runLengths,
      criticalLossDensity: burst.criticalLossDensity,
    },
    playout: playoutRecords(measured),
    whatIf: scored?.whatIf ?? null,
    media: mediaFacts(measured, context.encrypted),
    skewPpm: measured.skewPpm,
    dscp: measured.dscp,
    ttl: measured.ttl,
    events: measured.events.map((event) => ({
      digit: isKey(event.code) && !context.showDigits ? MASKED_KEY : eventName(event.code),
      startUs: event.startUs,
      durationMs: event.clockRate > 0 ? (event.durationTicks * 1000) / event.clockRate : null,
    })),
    rtcp: reported.rtcp,
    roundTripMs: reported.roundTripMs,
    quality: scored?.quality ?? null,
    noScore: scoring !== null && 'noScore' in scoring ? scoring.noScore : null,
    intervals: measured.intervals,
    history: measured.history,
  };
}

function endpoint(words: Int32Array, port: number): Endpoint {
  return { ip: addressOf(words), port };
}

function addressOf(words: Int32Array): string {
  return formatAddress(words[0]!, words[1]!, words[2]!, words[3]!);
}

/** Copies with a TTL that the stream's own packets never have went through a router in between. */
function seenTwiceOf({ copies, ttl }: StreamMeasurement): StreamRecord['seenTwice'] {
  const others = copies?.ttl.filter((value) => !ttl.includes(value)) ?? [];
  if (copies === null || others.length === 0) return null;
  return { ttl: [...ttl, ...others], delayMs: copies.delayUs / copies.packets / 1000 };
}

function tunnelOf(tunnel: StreamMeasurement['tunnel']): StreamRecord['tunnel'] {
  if (tunnel === null) return null;
  const { id, src, dst } = tunnel;
  return {
    id: id === -1 ? null : id >>> 0,
    src: src === null ? null : addressOf(src),
    dst: dst === null ? null : addressOf(dst),
  };
}
