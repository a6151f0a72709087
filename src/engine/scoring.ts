import { codecRowFor } from '../quality/codec-choice.ts';
import { rowById } from '../quality/codecs.ts';
import { explain } from '../quality/explain.ts';
import { type ObservedPayload, observedPayload } from '../quality/observed.ts';
import { PAYLOAD_MODE } from '../quality/payload-mode.ts';
import { SCALES, type Scale } from '../quality/scales.ts';
import { type Score, type ScoreContext, Scorer } from '../quality/score.ts';
import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { QualityRecord, WhatIfRecord } from '../records/types.ts';
import type { SourceReports } from '../rtcp/plane.ts';
import type { PayloadPeek } from '../rtp/payload-peek.ts';
import { KIND_AUDIO } from '../rtp/payload-types.ts';
import type { PlayoutModelName } from '../rtp/playout/state.ts';

import type { StreamMeasurement } from '../rtp/summary.ts';

export { MODEL_NAMES, type PlayoutModelName } from '../rtp/playout/state.ts';

/** Is this a row of the codec table? */
export function isCodecRow(id: string): boolean {
  return rowById(id) !== null;
}

/** Assumptions behind the scores. They are printed beside every score. */
export interface ScoringOptions {
  /** Whether endpoints are taken to conceal lost packets; by codec row where endpoints are known to differ. */
  plc: boolean;
  plcByCodec: Readonly<Record<string, boolean>>;
  /** One-way network delay where none was measured, ms; null leaves such scores without delay. */
  assumedDelayMs: number | null;
  echo: 'default' | 'free';
  /** The receiver's buffer whose discards and delay the scores count. */
  playout: PlayoutModelName;
  /** R on the narrowband scale below which time is bad; on the wider scales the R of the same MOS. */
  badR: number;
}

export const DEFAULT_SCORING: ScoringOptions = {
  plc: true,
  plcByCodec: {},
  assumedDelayMs: 50,
  echo: 'default',
  playout: 'adaptive',
  badR: 70,
};

/** An interval is judged when this much audio was due in it. */
const JUDGED_AUDIO_MS = 4000;
const JUDGED_PACKETS = 100;

/** A call that users are satisfied with over all, and a moment in it that many are not (G.107 Annex B), as NB R. */
const GOOD_R = 80;
const BAD_MOMENT_R = 60;

/** A score, or in words why there is none; null for streams that are no audio. */
export type Scoring = { quality: QualityRecord; whatIf: WhatIfRecord | null } | { noScore: string } | null;

/** What else is known of a stream when it is scored. */
export interface ScoringFacts {
  /** Reports on the stream from its receiver, and on the stream the other way from this one's sender. */
  reports: SourceReports | null;
  back: SourceReports | null;
  /** The payload is encrypted: what its octets seem to say is noise. */
  encrypted: boolean;
}

/**
 * Scores a finished stream and each of its intervals; the intervals' scores go into their log. What was measured by a clock
 * that is not the sender's must be gone by then (own-clock.ts).
 */
export function scoreStream(
  measured: StreamMeasurement,
  { reports, back, encrypted }: ScoringFacts,
  options: ScoringOptions,
): Scoring {
  const { format, burst, playout } = measured;
  if (format === null || format.name === '') return { noScore: 'the codec is not known' };
  if (format.kind !== KIND_AUDIO) return null;
  const observed = encrypted ? {} : observedIn(measured.peek, measured.ptimeMs);
  const choice = codecRowFor(format, observed);
  if (choice.row === null) return { noScore: choice.text };
  const { row, assumed } = choice;
  const measuredDelayMs = oneWayDelay(reports, back);
  const model = playout === null || options.playout === 'none' ? 'none' : options.playout;
  const context: ScoreContext = {
    ptimeMs: measured.ptimeMs,
    plc: options.plcByCodec[row.id] ?? options.plc,
    networkDelayMs: measuredDelayMs ?? options.assumedDelayMs,
    delaySource: measuredDelayMs === null ? 'assumed' : 'measured',
    playout: model,
    playoutDelayMs: playout === null || model === 'none' ? 0 : playout[model].nominalMs,
    echo: options.echo,
    modeAssumed: assumed !== null,
  };
  const scorer = new Scorer(row, context);
  const score = scorer.score({
    expected: measured.expected,
    lost: measured.lost,
    discarded: model === 'none' ? 0 : burst.discarded,
    runs: model === 'none' ? burst.lossRuns : burst.missedRuns,
  });
  if (score === null) return { noScore: 'no packet was expected' };
  const badR = options.badR * SCALES[row.scale].factor;
  const overTime = scoreIntervals(scorer, measured, model !== 'none', badR);
  const quality: QualityRecord = {
    model: SCALES[row.scale].model,
    scale: row.scale,
    codecRow: row.id,
    grounded: scorer.grounded,
    rFactor: score.rFactor,
    rFactorLq: score.rFactorLq,
    mosLq: score.mosLq,
    mosCq: score.mosCq,
    assumptions: {
      plc: context.plc,
      delayMs: score.delayMs,
      delaySource: context.delaySource,
      playout: context.playout,
      echo: row.scale === 'NB' ? context.echo : scorer.echo,
      burstR: score.burstR,
      codecMode: assumed,
    },
    impairments: score.impairments,
    explanation: explain(score.impairments, {
      codec: row.id,
      delayMs: score.delayMs,
      delaySource: context.delaySource,
      playout: context.playout,
      plc: context.plc,
    }),
    worst: overTime.worst,
    badR,
    badTimeRatio: overTime.badTimeRatio,
    flags: flagsOf(score, row.scale, overTime.worst, measured.expected),
  };
  return { quality, whatIf: whatIf(scorer, context, measured, score) };
}

/** Overall good, and a moment in it that was not: what a mean hides (standards 2.6 has the listener's side of it). */
function flagsOf(
  score: Score,
  scale: Scale,
  worst: QualityRecord['worst'],
  expected: number,
): readonly string[] {
  const factor = SCALES[scale].factor;
  const over = score.rFactor ?? score.rFactorLq;
  const hidden = worst !== null && over >= GOOD_R * factor && worst.rFactor < BAD_MOMENT_R * factor;
  const thin = expected < EVIDENCE_MIN;
  if (!hidden && !thin) return score.flags;
  return [...score.flags, ...(hidden ? ['good_mos_bad_moment'] : []), ...(thin ? ['insufficient_data'] : [])];
}

function scoreIntervals(
  scorer: Scorer,
  { intervals, ptimeMs }: StreamMeasurement,
  withDiscards: boolean,
  badR: number,
): { worst: QualityRecord['worst']; badTimeRatio: number | null } {
  let worst: QualityRecord['worst'] = null;
  let judgedMs = 0;
  let badMs = 0;
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, durationMs, expected, lost, lossRuns, discarded, missedRuns } = intervals.look(i);
    const counts = withDiscards
      ? { expected, lost, discarded, runs: missedRuns }
      : { expected, lost, discarded: 0, runs: lossRuns };
    const score = scorer.score(counts);
    if (score === null) continue;
    const rFactor = score.rFactor ?? score.rFactorLq;
    intervals.score(i, rFactor, score.mosLq, score.impairments);
    const judged = ptimeMs === null ? expected >= JUDGED_PACKETS : expected * ptimeMs >= JUDGED_AUDIO_MS;
    if (!judged) continue;
    judgedMs += durationMs;
    if (rFactor < badR) badMs += durationMs;
    if (worst === null || rFactor < worst.rFactor) worst = { startUs, rFactor, mosLq: score.mosLq };
  }
  return { worst, badTimeRatio: judgedMs === 0 ? null : badMs / judgedMs };
}

/** A change of less than this is not worth naming another depth, in points of R. */
const NOTABLE_POINTS = 1;

/**
 * The score with buffers of other depths: how many packets each would have missed, and what its delay costs. Null for
 * streams so even that the least depth missed nothing.
 */
function whatIf(
  scorer: Scorer,
  context: ScoreContext,
  measured: StreamMeasurement,
  score: Score,
): WhatIfRecord | null {
  const { depths, expected, lost } = measured;
  if (depths.length === 0 || depths[0]!.missedRatio === 0) return null;
  const received = expected - lost;
  const curve = depths.map(({ depthMs, missedRatio }) => {
    const discarded = missedRatio * received;
    const events = lost + discarded;
    // Runs as long, in proportion, as those that were found.
    const runs = events * (1 - events / expected) * (1 / Math.max(1, score.burstRRaw));
    const at = new Scorer(scorer.row, { ...context, playoutDelayMs: depthMs });
    const would = at.score({ expected, lost, discarded, runs });
    return {
      depthMs,
      discardRatio: missedRatio,
      delayMs: would?.delayMs ?? null,
      rFactor: would?.rFactor ?? would?.rFactorLq ?? null,
      mosCq: would?.mosCq ?? would?.mosLq ?? null,
    };
  });
  let best = curve[0]!;
  for (const each of curve) if ((each.rFactor ?? 0) > (best.rFactor ?? 0)) best = each;
  const gain = (best.rFactor ?? 0) - (score.rFactor ?? score.rFactorLq);
  return { curve, bestDepthMs: best.depthMs, gain: gain >= NOTABLE_POINTS ? gain : 0 };
}

/**
 * What the packets looked at say about the codec. Codes that do not agree are noise: an encrypted payload, or another
 * format than the one that was signalled.
 */
function observedIn(peek: PayloadPeek | null, ptimeMs: number | null): ObservedPayload {
  if (peek === null || peek.packets === 0) return {};
  const observed: ObservedPayload = {};
  if (peek.codes !== null) {
    let speech = 0;
    let most = 0;
    for (let code = PAYLOAD_MODE; code < peek.codes.length; code++) {
      speech += peek.codes[code]!;
      most = Math.max(most, peek.codes[code]!);
    }
    if (most * 2 >= speech && speech * 2 >= peek.packets - peek.codes[1]!) {
      Object.assign(observed, observedPayload(peek.reader, peek.codes));
    }
  }
  if (ptimeMs !== null && ptimeMs > 0) observed.bitrateKbps = (peek.octets / peek.packets) * (8 / ptimeMs);
  observed.cbr = peek.leastOctets === peek.mostOctets;
  return observed;
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
