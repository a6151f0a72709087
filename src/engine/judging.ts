import { type SignallingChanges, type SignallingOptions, signallingOptions } from '../calls/options.ts';
import { DEFAULT_SCORING, type ScoringOptions } from './scoring.ts';

/**
 * What calls and streams are judged by. It may change while they are measured: whoever judges reads it here each time, and
 * nobody keeps a copy.
 */
export interface Judging {
  readonly scoring: ScoringOptions;
  readonly signalling: SignallingOptions;
}

/** What may be given instead of the defaults. */
export interface JudgingChanges {
  scoring?: Partial<ScoringOptions>;
  signalling?: SignallingChanges;
}

/** Judging by these changes of the defaults. */
export function judgingBy({ scoring, signalling }: JudgingChanges): Judging {
  return { scoring: { ...DEFAULT_SCORING, ...scoring }, signalling: signallingOptions(signalling) };
}

/**
 * Judges by other changes of the defaults from now on: thresholds and scoring count for whatever ends later, as a whole; what is
 * noted when a call begins (emergency numbers, headers, legs) for calls that begin later. The playout model stays what it was,
 * for streams are measured for it from their first packet.
 */
export function rejudge(judging: Judging, changes: JudgingChanges): void {
  const { scoring, signalling } = judgingBy(changes);
  Object.assign(judging.scoring, scoring, { playout: judging.scoring.playout });
  const thresholds = Object.assign(judging.signalling.thresholds, signalling.thresholds);
  Object.assign(judging.signalling, signalling, { thresholds });
}
