import { codecRowFor } from '../quality/codec-choice.ts';
import { SCALES } from '../quality/scales.ts';
import { type ScoreContext, Scorer } from '../quality/score.ts';
import type { QualityRecord } from '../records/types.ts';
import type { SourceReports } from '../rtcp/plane.ts';
import { KIND_AUDIO } from '../rtp/payload-types.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

/** Assumptions behind the scores. They are printed beside every score. */
export interface ScoringOptions {
  /** Whether endpoints are taken to conceal lost packets. */
  plc: boolean;
  /** One-way network delay where none was measured, ms; null leaves such scores without delay. */
  assumedDelayMs: number | null;
  echo: 'default' | 'free';
}

export const DEFAULT_SCORING: ScoringOptions = { plc: true, assumedDelayMs: 50, echo: 'default' };

/** An interval is judged when this much audio was due in it. */
const JUDGED_AUDIO_MS = 4000;
const JUDGED_PACKETS = 100;

/**
 * Scores a finished stream and each of its intervals; the intervals' scores go into their log.
 *
 * @param reports on this stream, from its receiver; `back` on the stream the other way, from this one's sender
 * @returns null for codecs without figures, and for streams that are no audio
 */
export function scoreStream(
  measured: StreamMeasurement,
  reports: SourceReports | null,
  back: SourceReports | null,
  options: ScoringOptions,
): QualityRecord | null {
  const { format, burst, intervals } = measured;
  if (format === null || format.kind !== KIND_AUDIO) return null;
  const choice = codecRowFor(format);
  if (choice.row === null) return null;
  const { row, assumed } = choice;
  const measuredDelayMs = oneWayDelay(reports, back);
  const context: ScoreContext = {
    ptimeMs: measured.ptimeMs,
    plc: options.plc,
    networkDelayMs: measuredDelayMs ?? options.assumedDelayMs,
    delaySource: measuredDelayMs === null ? 'assumed' : 'measured',
    playout: 'none',
    playoutDelayMs: 0,
    echo: options.echo,
    modeAssumed: assumed !== null,
  };
  const counts = { expected: measured.expected, lost: measured.lost, discarded: 0, runs: burst.lossRuns };
  const scorer = new Scorer(row, context);
  const score = scorer.score(counts);
  if (score === null) return null;
  return {
    model: SCALES[row.scale].model,
    scale: row.scale,
    codecRow: row.id,
    grounded: scorer.grounded,
    rFactor: score.rFactor,
    rFactorLq: score.rFactorLq,
    mosLq: score.mosLq,
    mosCq: score.mosCq,
    assumptions: {
      plc: options.plc,
      delayMs: score.delayMs,
      delaySource: context.delaySource,
      playout: context.playout,
      echo: row.scale === 'NB' ? context.echo : scorer.echo,
      burstR: score.burstR,
    },
    impairments: score.impairments,
    worst: scoreIntervals(scorer, intervals, measured.ptimeMs),
    flags: score.flags,
  };
}

function scoreIntervals(
  scorer: Scorer,
  intervals: StreamMeasurement['intervals'],
  ptimeMs: number | null,
): QualityRecord['worst'] {
  let worst: QualityRecord['worst'] = null;
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, expected, lost, lossRuns } = intervals.at(i);
    const score = scorer.score({ expected, lost, discarded: 0, runs: lossRuns });
    if (score === null) continue;
    const rFactor = score.rFactor ?? score.rFactorLq;
    intervals.score(i, rFactor, score.mosLq);
    const judged = ptimeMs === null ? expected >= JUDGED_PACKETS : expected * ptimeMs >= JUDGED_AUDIO_MS;
    if (judged && (worst === null || rFactor < worst.rFactor)) {
      worst = { startUs, rFactor, mosLq: score.mosLq };
    }
  }
  return worst;
}

/** Half the way from one end to the other and back: both round trips between tap and end, medians, halved. */
function oneWayDelay(reports: SourceReports | null, back: SourceReports | null): number | null {
  const toReceiver = median(reports?.roundTripsMs ?? []);
  const toSender = median(back?.roundTripsMs ?? []);
  return toReceiver === null || toSender === null ? null : (toReceiver + toSender) / 2;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
