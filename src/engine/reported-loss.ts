import type { ReportedStretch, RtcpRecord } from '../records/rtcp-record.ts';
import { lossBetween, type ReportedLoss, splitLoss } from '../rtcp/loss-split.ts';
import type { ReportSample } from '../rtcp/report-samples.ts';
import type { SourceReports } from '../rtcp/source.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import { TapLoss } from './tap-loss.ts';

/** The loss figures of a stream's RTCP record. */
export type ReportedLossFigures = Pick<
  RtcpRecord,
  | 'lostRatio'
  | 'lossCompared'
  | 'lossBeforeProbe'
  | 'lossBeforeProbeRatio'
  | 'lossAfterProbe'
  | 'lossAfterProbeRatio'
  | 'lossOnlyAtProbe'
  | 'worst'
>;

/** Reports travel after the last packet; of an earlier stream with the same SSRC they are not. */
const AFTER_END_US = 15_000_000;
/** A stretch is only called the worst when so many packets were due in it. */
const WORST_EXPECTED_MIN = 50;

const UNKNOWN: ReportedLossFigures = {
  lostRatio: null,
  lossCompared: null,
  lossBeforeProbe: null,
  lossBeforeProbeRatio: null,
  lossAfterProbe: null,
  lossAfterProbeRatio: null,
  lossOnlyAtProbe: null,
  worst: null,
};

/**
 * What the receivers say was lost, beside what is missing at the tap among the same numbers.
 *
 * @param callSeen the call was seen from its INVITE on, so that the stream's first packet is the receiver's first, too
 */
export function reportedLoss(
  measured: StreamMeasurement,
  reports: SourceReports,
  callSeen: boolean,
): ReportedLossFigures {
  const samples = reports.samples
    .samples()
    .filter(({ timeUs }) => timeUs >= measured.startUs && timeUs <= measured.endUs + AFTER_END_US);
  const first = samples[0];
  if (first === undefined) return UNKNOWN;
  // Positions count numbers of one run; a receiver counts anew after a restart, and loss during a dropout.
  if (measured.restarts + measured.interruptions > 0)
    return { ...UNKNOWN, lostRatio: plainRatio(measured, samples) };
  const tap = new TapLoss(measured);
  const start = beginning(measured, reports, tap, first, callSeen);
  const stretches = lossBetween(start === null ? samples : [start, ...samples], (from, to) =>
    tapLost(tap, from, to),
  );
  if (stretches.length === 0) return UNKNOWN;
  const expected = stretches.reduce((sum, stretch) => sum + stretch.expected, 0);
  const lost = stretches.reduce((sum, stretch) => sum + stretch.lost, 0);
  return {
    ...UNKNOWN,
    lostRatio: Math.max(0, lost) / expected,
    worst: worstOf(stretches),
    ...splitFigures(stretches, measured.duplicates),
  };
}

function splitFigures(
  stretches: readonly ReportedLoss[],
  copies: number,
): Partial<ReportedLossFigures> | null {
  const split = splitLoss(stretches, copies);
  if (split === null) return null;
  return {
    lossCompared: split.expected,
    lossBeforeProbe: split.before,
    lossBeforeProbeRatio: split.before / split.expected,
    lossAfterProbe: split.after,
    lossAfterProbeRatio: split.after / split.expected,
    lossOnlyAtProbe: split.onlyAtTap,
  };
}

function tapLost(tap: TapLoss, from: ReportSample, to: ReportSample): number | null {
  const end = tap.positionOf(to.extendedHighestSequence, to.timeUs);
  if (end === null) return null;
  const begin = end - ((to.extendedHighestSequence - from.extendedHighestSequence) >>> 0);
  return tap.lostThrough(end) - tap.lostThrough(Math.max(0, begin));
}

/**
 * The beginning of the receiver's count as a sample, when it is the beginning of ours. The sender's own count tells,
 * else the call; and where nothing was lost until the first report, it makes no difference. Otherwise only the
 * differences between reports say something about what the tap saw.
 */
function beginning(
  measured: StreamMeasurement,
  reports: SourceReports,
  tap: TapLoss,
  first: ReportSample,
  callSeen: boolean,
): ReportSample | null {
  const position = tap.positionOf(first.extendedHighestSequence, first.timeUs);
  if (position === null || position < 1 || first.cumulativeLost > position) return null;
  const fromStart = sentBefore(reports, tap) ?? (callSeen || first.cumulativeLost === 0);
  if (!fromStart) return null;
  return {
    timeUs: measured.startUs,
    extendedHighestSequence: (first.extendedHighestSequence - position) >>> 0,
    cumulativeLost: 0,
    epoch: first.epoch,
  };
}

/** Had the sender sent as much as the tap had seen by its first report? Null when it does not count. */
function sentBefore({ firstSent }: SourceReports, tap: TapLoss): boolean | null {
  if (firstSent === null || firstSent.packets === 0) return null;
  const due = tap.dueBy(firstSent.timeUs);
  if (due === 0) return null;
  return Math.abs(firstSent.packets - due) <= 10 + 0.02 * due;
}

function worstOf(stretches: readonly ReportedLoss[]): ReportedStretch | null {
  let worst: ReportedLoss | null = null;
  for (const stretch of stretches) {
    if (stretch.expected < WORST_EXPECTED_MIN || stretch.lost <= 0) continue;
    if (worst === null || stretch.lost / stretch.expected > worst.lost / worst.expected) worst = stretch;
  }
  if (worst === null) return null;
  return {
    startUs: worst.fromUs,
    durationMs: (worst.toUs - worst.fromUs) / 1000,
    expected: worst.expected,
    lost: worst.lost,
    lostAtProbe: worst.lostAtTap === null ? null : Math.round(worst.lostAtTap),
  };
}

/**
 * The last cumulative count over all packets expected until then. The receiver's first packet is taken to be ours;
 * an answer outside 0..1 means that it was not.
 */
function plainRatio(measured: StreamMeasurement, samples: readonly ReportSample[]): number | null {
  const last = samples.at(-1)!;
  const expected = last.extendedHighestSequence - measured.firstSequence + 1;
  if (expected <= 0) return null;
  const ratio = Math.max(0, last.cumulativeLost) / expected;
  return ratio <= 1 ? ratio : null;
}
