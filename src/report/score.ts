import type { QualityRecord, Scale } from '../records/types.ts';
import { roundScore } from './rounding.ts';

/** The one score a table shows for a stream. */
export interface Score {
  /** With delay where the delay is known, without it where not. */
  rFactor: number;
  mos: number;
  scale: Scale;
}

/** R of the best MOS on each scale: narrowband, wideband (G.107.1), fullband (G.107.2). */
const CEILING: Readonly<Record<Scale, number>> = { NB: 100, WB: 129, FB: 148 };

type Scored = Pick<QualityRecord, 'scale'> &
  Record<'rFactor' | 'rFactorLq' | 'mosLq' | 'mosCq', number | null>;

/** The score to show for a stream; null when it has none. */
export function scoreOf(quality: Scored | null): Score | null {
  if (quality === null) return null;
  const rFactor = quality.rFactor ?? quality.rFactorLq;
  const mos = quality.mosCq ?? quality.mosLq;
  return rFactor === null || mos === null ? null : { rFactor, mos, scale: quality.scale };
}

/** A score as the report has it: rows that are made of summaries show the same digits as those that read it. */
export function reportedScore(score: Score | null): Score | null {
  if (score === null) return null;
  const [rFactor, mos] = [roundScore(score.rFactor), roundScore(score.mos)];
  return rFactor === null || mos === null ? null : { rFactor, mos, scale: score.scale };
}

/** R as it is shown: within 0 and the ceiling of its scale, though the model knows values below 0. */
export function shownR(rFactor: number, scale: Scale): number {
  return Math.min(CEILING[scale], Math.max(0, rFactor));
}

/**
 * R on one axis for all scales, 0 to 1, to put streams in order. The same MOS lies at R, 1.29 R and 1.48 R of the
 * three scales, so this orders by MOS without mixing the scales in anything shown.
 */
export function comparableR(score: Score): number {
  return score.rFactor / CEILING[score.scale];
}
