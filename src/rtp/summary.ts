import type { IntervalLog } from '../records/interval-log.ts';
import type { StreamHistory } from '../records/stream-history.ts';
import { pdvPercentilesMs, readStreamPdv } from './delay-variation.ts';
import type { RecordedEvent } from './events.ts';
import { mainTurn } from './format-turns.ts';
import { historyOf } from './happenings.ts';
import { HISTOGRAM_STRIDE, histogramQuantile, jitterBucketStart } from './histograms.ts';
import { endIntervals } from './intervals.ts';
import { type IpdvSummary, ipdvSummary } from './ipdv.ts';
import { literalLoss } from './literal-source.ts';
import { LOSS_RUN_LENGTHS } from './loss-runs.ts';
import type { PayloadPeek } from './payload-peek.ts';
import type { PayloadFormat } from './payload-types.ts';
import { type PlayoutResults, playoutResults } from './playout/results.ts';
import { closeSegment } from './sequence.ts';
import { otherClockRate } from './skew.ts';
import * as row from './stream-row.ts';
import type { CopyNote, StreamNotes, StreamTable, TunnelNote } from './stream-table.ts';
import { GMIN } from './verdicts.ts';
import { DEPTHS_MS } from './what-if.ts';

/** Loss bursts by the definition of RFC 3611 4.7.2, and the burst ratio of G.107 7.5 (standards 2.1, 2.5). */
export interface BurstSummary {
  gmin: number;
  bursts: number;
  /** Share of lost packets within bursts, and within gaps; null where there is no such period. */
  burstDensity: number | null;
  gapDensity: number | null;
  /** Mean length of a burst, and of a gap, ms; null without a frame length or without such a period. */
  burstDurationMs: number | null;
  gapDurationMs: number | null;
  longestLossRun: number;
  /** Mean run of consecutive losses over the mean expected of independent loss. Raw: may be below 1. */
  burstR: number;
  lossRuns: number;
  /** Loss runs of one packet, two, ... nine, ten or more. */
  runLengths: readonly number[];
  /** Packets that came and that the score's playout model discarded; those that came after they were given up, too. */
  discarded: number;
  /** Runs of consecutive numbers lost or discarded. */
  missedRuns: number;
  /** Losses alone, each too long to be concealed: isolated losses of packets of 40 ms and more, by packets expected. */
  criticalLossDensity: number | null;
}

export interface JitterSummary {
  mean: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
  samples: number;
}

const NO_RUNS: readonly number[] = new Array<number>(LOSS_RUN_LENGTHS).fill(0);

/** Concealment repeats and fades: what is missing for so long is heard (G.711 Appendix I fades from 10 to 60 ms). */
const UNCONCEALED_MS = 40;

/** Share of packets that a buffer of one depth would have missed (standards 6, JB0). */
export interface DepthMissed {
  depthMs: number;
  missedRatio: number;
}

/** Everything measured about one finished stream. Plain numbers; absent is null. */
export interface StreamMeasurement {
  startUs: number;
  endUs: number;
  /** Sequence number of the first packet, 16 bit. */
  firstSequence: number;
  packets: number;
  octets: number;
  expected: number;
  lost: number;
  lostRfc: number;
  duplicates: number;
  reordered: number;
  tooOld: number;
  restarts: number;
  interruptions: number;
  interruptedMs: number;
  timestampJumps: number;
  stray: number;
  /** RFC 3550 A.8 to the letter, ms. */
  jitterRfcMs: { last: number | null; mean: number | null; max: number | null };
  /** Deviation D2 after warm-up, ms. */
  jitterMs: JitterSummary;
  pdvMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null; samples: number };
  ipdvMs: IpdvSummary;
  /** What each playout model made of it; null without a clock. */
  playout: PlayoutResults;
  /** What buffers of other depths would have missed; empty without a clock. */
  depths: DepthMissed[];
  /** Sender's clock against the capture's, positive when it runs slow; null below a minute of evidence. */
  skewPpm: number | null;
  /** Rate at which timestamps really advance, where that is far from `clockRate`; null where it is not. */
  otherClockRate: number | null;
  silencePackets: number;
  eventPackets: number;
  redundancy: readonly string[];
  peek: PayloadPeek | null;
  maxDeltaMs: number;
  ptimeMs: number | null;
  clockRate: number | null;
  format: PayloadFormat | null;
  /** The audio payload type of most packets in a row, or null. */
  payloadType: number | null;
  /** Payload types in order of appearance. */
  payloadTypes: readonly number[];
  dscp: readonly number[];
  ttl: readonly number[];
  /** The input that its first packet came from. */
  input: number;
  vlans: readonly number[];
  /** Kinds of encapsulation, outermost first, and the outermost one's own facts. */
  encapsulation: readonly number[];
  tunnel: TunnelNote | null;
  /** Copies that the mirror made of its packets; null without any. */
  copies: CopyNote | null;
  events: readonly RecordedEvent[];
  burst: BurstSummary;
  intervals: IntervalLog;
  history: StreamHistory;
}

/**
 * Ends a stream and reads its state out. Closes the last interval and segment, so it is called once, when the
 * stream is over; the slot can be released afterwards.
 */
export function finishStream(table: StreamTable, slot: number): StreamMeasurement {
  endIntervals(table, slot);
  const lostRfc = literalLoss(table.integers, slot * row.INTEGERS_PER_STREAM);
  closeSegment(table, slot);
  const d = table.doubles;
  const n = table.integers;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const notes = table.notesOf(slot);
  const { format, payloadType, clockRate, ptimeMs, peek } = mainTurn(table, slot);
  const lost = n[intBase + row.EVENTS]! - n[intBase + row.RESTORED]!;
  readStreamPdv(table, slot);
  const pdvMax = d[base + row.STREAM_MAX_MS]! - d[base + row.STREAM_MIN_MS]!;
  return {
    startUs: d[base + row.FIRST_US]!,
    // A clock that was set back must not make a stream end before it began.
    endUs: Math.max(d[base + row.FIRST_US]!, d[base + row.LAST_US]!),
    firstSequence: notes.firstSequence,
    packets: notes.closedExpected - lost,
    octets: d[base + row.OCTETS]!,
    expected: notes.closedExpected,
    lost,
    lostRfc,
    duplicates: n[intBase + row.DUPLICATES]!,
    reordered: n[intBase + row.REORDERED]!,
    tooOld: notes.tooOld,
    restarts: notes.restarts,
    interruptions: notes.interruptions,
    interruptedMs: d[base + row.INTERRUPTED_MS]!,
    timestampJumps: notes.timestampJumps,
    stray: notes.stray,
    jitterRfcMs: literalJitter(d, n, base, intBase),
    jitterMs: jitterSummary(table, slot),
    pdvMs: {
      p50: orNull(pdvPercentilesMs[0]!),
      p95: orNull(pdvPercentilesMs[1]!),
      p99: orNull(pdvPercentilesMs[2]!),
      max: pdvMax >= 0 ? pdvMax : null,
      samples: notes.delayedPackets,
    },
    ipdvMs: ipdvSummary(table, slot),
    playout: playoutResults(table, slot),
    depths: depthsMissed(notes),
    skewPpm: notes.skewPpm,
    // The delays are those since the last clock came into force.
    otherClockRate:
      clockRate === n[intBase + row.CLOCK_RATE] ? otherClockRate(notes.leastDelays, clockRate) : null,
    silencePackets: notes.silencePackets,
    eventPackets: notes.eventPackets,
    redundancy: notes.redundancy,
    peek,
    maxDeltaMs: d[base + row.MAX_DELTA_MS]!,
    ptimeMs,
    clockRate: clockRate || null,
    format: format ?? notes.signalFormat,
    payloadType: payloadType < 0 ? null : payloadType,
    payloadTypes: notes.payloadTypes,
    dscp: distinctDscp(notes.tos),
    ttl: notes.ttl,
    input: notes.input,
    vlans: notes.vlans,
    encapsulation: notes.encapsulation,
    tunnel: notes.tunnel,
    copies: notes.copies,
    events: notes.events,
    burst: burstSummary(n, intBase, notes, ptimeMs),
    intervals: notes.intervals,
    history: historyOf(notes, n[intBase + row.AFTER_SILENCE] !== 0),
  };
}

/** DSCP is the upper six bits of the TOS octet; two octets may differ in ECN alone. */
function distinctDscp(tos: readonly number[]): readonly number[] {
  return tos.length === 1 ? [tos[0]! >> 2] : [...new Set(tos.map((octet) => octet >> 2))];
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function depthsMissed({ delayedPackets, beyondDepth }: StreamNotes): DepthMissed[] {
  if (delayedPackets === 0) return [];
  return DEPTHS_MS.map((depthMs, i) => ({
    depthMs,
    missedRatio: beyondDepth === null ? 0 : beyondDepth[i]! / delayedPackets,
  }));
}

function literalJitter(
  d: Float64Array,
  n: Int32Array,
  base: number,
  intBase: number,
): StreamMeasurement['jitterRfcMs'] {
  const count = n[intBase + row.RFC_JITTER_COUNT]!;
  if (count === 0) return { last: null, mean: null, max: null };
  return {
    last: d[base + row.RFC_JITTER_MS]!,
    mean: d[base + row.RFC_JITTER_SUM_MS]! / count,
    max: d[base + row.RFC_JITTER_MAX_MS]!,
  };
}

function jitterSummary(table: StreamTable, slot: number): JitterSummary {
  const samples = table.integers[slot * row.INTEGERS_PER_STREAM + row.JITTER_COUNT]!;
  if (samples === 0) return { mean: null, p50: null, p95: null, p99: null, max: null, samples };
  const max = table.doubles[slot * row.DOUBLES_PER_STREAM + row.JITTER_MAX_MS]!;
  const base = slot * HISTOGRAM_STRIDE;
  const high = table.notesOf(slot).jitterHigh;
  const quantile = (q: number): number | null => {
    const value = histogramQuantile(table.jitterCounts, base, high, samples, q, jitterBucketStart);
    return value === null ? null : Math.min(value, max);
  };
  return {
    mean: table.doubles[slot * row.DOUBLES_PER_STREAM + row.JITTER_SUM_MS]! / samples,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max,
    samples,
  };
}

/**
 * Bursts and gaps of a finished stream. Every segment starts and ends with a received packet, so there is a gap
 * before the first burst, after the last one and between any two: one more than bursts, per segment.
 */
function burstSummary(n: Int32Array, base: number, notes: StreamNotes, ptimeMs: number | null): BurstSummary {
  const bursts = n[base + row.BURSTS]!;
  const burstPackets = n[base + row.BURST_PACKETS]!;
  const burstEvents = n[base + row.BURST_EVENTS]!;
  const events = n[base + row.EVENTS]!;
  const runs = n[base + row.RUNS]!;
  const { closedExpected: expected, segments } = notes;
  const gapPackets = expected - burstPackets;
  return {
    gmin: GMIN,
    bursts,
    burstDensity: burstPackets > 0 ? burstEvents / burstPackets : 0,
    gapDensity: gapPackets > 0 ? (events - burstEvents) / gapPackets : 0,
    burstDurationMs: bursts === 0 ? 0 : ptimeMs === null ? null : (burstPackets / bursts) * ptimeMs,
    gapDurationMs: ptimeMs === null ? null : (gapPackets / (bursts + segments)) * ptimeMs,
    longestLossRun: n[base + row.LONGEST_RUN]!,
    burstR: burstRatio(events, runs, expected),
    lossRuns: runs,
    runLengths: notes.lossRuns === null ? NO_RUNS : [...notes.lossRuns],
    discarded: n[base + row.DISCARDED]! + n[base + row.RESTORED]!,
    missedRuns: n[base + row.EVENT_RUNS]!,
    criticalLossDensity:
      ptimeMs === null || expected === 0
        ? null
        : ptimeMs < UNCONCEALED_MS
          ? 0
          : (events - burstEvents) / expected,
  };
}

/**
 * Burst ratio (G.107 7.5): mean run of consecutive events over the mean run of independent loss at the same ratio.
 * 1 when there are no events. Raw: the model is fed the value clamped to 1..8.
 */
export function burstRatio(events: number, runs: number, expected: number): number {
  if (events === 0 || runs === 0) return 1;
  return (events / runs) * (1 - events / expected);
}
