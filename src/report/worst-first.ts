import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { Verdict } from '../records/types.ts';
import type { RecordStore, StreamSummary } from './record-store.ts';
import { comparableR } from './score.ts';

/** What a call or a stream is ranked by. */
export interface Badness {
  criticalFindings: number;
  /** 0 is the worst. */
  verdictRank: number;
  /** R on one axis for all scales; infinite without a score that can be relied on. */
  lowestR: number;
  lostRatio: number;
}

/** Verdicts from the worst on. */
export const VERDICT_RANK: Readonly<Record<Verdict, number>> = {
  both: 0,
  media: 1,
  signalling: 2,
  unknown: 3,
  healthy: 4,
};

/** The order of everything that is shown worst first: critical findings, verdict, lowest R, loss. */
export function compareWorst(a: Badness, b: Badness): number {
  return (
    b.criticalFindings - a.criticalFindings ||
    a.verdictRank - b.verdictRank ||
    compareR(a.lowestR, b.lowestR) ||
    b.lostRatio - a.lostRatio
  );
}

/** Two infinities are equal; their difference is not a number. */
function compareR(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** Findings by which somebody heard nothing at all: no score stands for that, so it counts as the lowest there is. */
export const SILENCE = new Set(['no_media', 'one_way_media', 'media_stopped', 'dead_air']);

/** The worst calls on top, at most `count` of them; equally bad ones stay in the order given. */
export function worstCalls(records: RecordStore, calls: Iterable<number>, count: number): number[] {
  return worst(calls, count, (call) => {
    const streams = records.streamsOf(call).map((stream) => records.streams.summary(stream));
    const findings = records.findingsOf(call);
    return {
      criticalFindings: findings.filter((f) => records.findings.summary(f).severity === 'critical').length,
      verdictRank: VERDICT_RANK[records.calls.summary(call).verdict],
      lowestR: findings.some((f) => SILENCE.has(records.findings.summary(f).code))
        ? Number.NEGATIVE_INFINITY
        : Math.min(...streams.map(reliableR)),
      lostRatio: Math.max(0, ...streams.map(reliableLoss)),
    };
  });
}

/** The worst streams on top, at most `count` of them. */
export function worstStreams(records: RecordStore, streams: Iterable<number>, count: number): number[] {
  return worst(streams, count, (stream) => {
    const summary = records.streams.summary(stream);
    return {
      criticalFindings: records.criticalCount(summary.id),
      verdictRank: 0,
      lowestR: reliableR(summary),
      lostRatio: reliableLoss(summary),
    };
  });
}

function worst(
  sequences: Iterable<number>,
  count: number,
  badnessOf: (sequence: number) => Badness,
): number[] {
  const ranked = Array.from(sequences, (sequence) => ({ sequence, badness: badnessOf(sequence) }));
  ranked.sort((a, b) => compareWorst(a.badness, b.badness));
  return ranked.slice(0, count).map(({ sequence }) => sequence);
}

/** A handful of packets with one loss would otherwise top every list. */
function reliableR(stream: StreamSummary): number {
  if (stream.score === null || stream.expected < EVIDENCE_MIN) return Number.POSITIVE_INFINITY;
  return comparableR(stream.score);
}

function reliableLoss(stream: StreamSummary): number {
  return stream.expected < EVIDENCE_MIN ? 0 : stream.lost / stream.expected;
}
