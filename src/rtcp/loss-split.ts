import type { ReportSample } from './report-samples.ts';

/** Loss between two report blocks. */
export interface ReportedLoss {
  fromUs: number;
  toUs: number;
  expected: number;
  /** By the receiver: negative when copies made up for more than was lost. */
  lost: number;
  /** Missing at the tap among the same numbers; null when that is not known. */
  lostAtTap: number | null;
}

/** Loss over all numbers that reports and tap both know, divided by where it happened. Packets. */
export interface LossSplit {
  expected: number;
  /** What the receiver lacked. */
  reported: number;
  /** What the tap lacked. */
  atTap: number;
  /** Lost before the tap: it and the receiver lacked it. */
  before: number;
  /** Lost after the tap: only the receiver lacked it. */
  after: number;
  /** Only the tap lacked it: the capture lost it, not the network. */
  onlyAtTap: number;
}

/**
 * How many of the numbers after one sample's highest, up to and including another's, the tap misses; null when it
 * does not know. Fractions are allowed: between two known points the tap may have to interpolate.
 */
export type TapLoss = (from: ReportSample, to: ReportSample) => number | null;

/**
 * Loss per stretch between report blocks, from differences of the cumulative counts (RFC 3550 6.4.1): a block that
 * was lost leaves no hole, only a longer stretch. Blocks of different epochs are not compared.
 */
export function lossBetween(samples: readonly ReportSample[], tapLost: TapLoss): ReportedLoss[] {
  const stretches: ReportedLoss[] = [];
  for (let i = 1; i < samples.length; i++) {
    const from = samples[i - 1]!;
    const to = samples[i]!;
    const expected = (to.extendedHighestSequence - from.extendedHighestSequence) >>> 0;
    if (from.epoch !== to.epoch || expected === 0) continue;
    stretches.push({
      fromUs: from.timeUs,
      toUs: to.timeUs,
      expected,
      lost: to.cumulativeLost - from.cumulativeLost,
      lostAtTap: tapLost(from, to),
    });
  }
  return stretches;
}

/**
 * Where packets were lost: what the receiver reports beyond what the tap misses was lost after the tap, what both
 * miss before it (standards 7.1). Sums first and then compares, so that a packet that counts in one stretch here and
 * in the next there does no harm.
 *
 * @param copies duplicates seen at the tap: a receiver by RFC 3550 A.3 takes each for a packet that was not lost
 * @returns null when no stretch is known to both
 */
export function splitLoss(stretches: readonly ReportedLoss[], copies: number): LossSplit | null {
  let expected = 0;
  let reported = 0;
  let atTap = 0;
  for (const stretch of stretches) {
    if (stretch.lostAtTap === null) continue;
    expected += stretch.expected;
    reported += stretch.lost;
    atTap += stretch.lostAtTap;
  }
  if (expected === 0) return null;
  reported = Math.max(0, reported);
  atTap = Math.round(atTap);
  return {
    expected,
    reported,
    atTap,
    before: Math.min(atTap, reported + copies),
    after: Math.max(0, reported - atTap),
    onlyAtTap: Math.max(0, atTap - reported - copies),
  };
}
