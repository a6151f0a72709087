import { bestComb } from '../../records/comb.ts';
import type { MomentLog } from '../../records/moment-log.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText } from './finding.ts';
import { powerSave, powerSaveEvidence, powerSaveText } from './power-save.ts';
import type { Thresholds } from './thresholds.ts';

/** A beat, and how well what happened keeps to it. */
export interface Beat {
  periodMs: number;
  /** Of the first episode, within the period, by the capture's clock. */
  phaseMs: number;
  /** Share of the period that an episode lasts. */
  dutyRatio: number;
  episodes: number;
  /** Coefficient of variation of the times between episodes; 0 is a clock, 1 is chance. */
  variation: number;
  firstMs: number;
  lastMs: number;
}

interface Episode {
  startMs: number;
  endMs: number;
}

/** Moments nearer than this are one episode: packets around a hole, spikes of one storm. */
const EPISODE_MS = 250;
const DUTY_MAX = 0.25;

/** Losses, or delay spikes, that keep to a beat. */
export function periodicFinding(stream: StreamRecord, limits: Thresholds): FindingRecord | null {
  const ptimeMs = stream.ptimeMs ?? 20;
  const losses = beatOf(stream, stream.history.losses, (count) => count * ptimeMs, limits);
  const spikes = beatOf(stream, stream.history.spikes, (stepMs) => stepMs, limits);
  const beat = losses ?? spikes;
  if (beat === null) return null;
  const kind = losses === null ? 'delay' : 'loss';
  const asleep = kind === 'delay' ? powerSave(stream) : null;
  const heard = kind === 'loss' && stream.lostRatio >= limits.lossWarningRatio;
  return aboutStream(stream, {
    code: 'periodic_impairment',
    severity: heard ? 'warning' : 'info',
    text:
      `${kind === 'loss' ? 'packets are lost' : 'packets come late'} every ${periodText(beat.periodMs)}, ` +
      `${beat.episodes} times, for ${percentText(beat.dutyRatio)} % of the time: something with a timer${powerSaveText(asleep)}`,
    evidence: {
      kind,
      periodMs: beat.periodMs,
      phaseMs: beat.phaseMs,
      dutyRatio: beat.dutyRatio,
      episodes: beat.episodes,
      regularity: 1 - beat.variation,
      ...powerSaveEvidence(asleep),
    },
    startUs: stream.startUs + beat.firstMs * 1000,
    endUs: stream.startUs + beat.lastMs * 1000,
  });
}

function periodText(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}

/**
 * The beat of moments, after those that lie together are taken as one episode. Null without at least
 * `periodEpisodesMin` episodes on it, or when chance would make as good a beat of them.
 */
function beatOf(
  stream: StreamRecord,
  moments: MomentLog,
  lengthMs: (value: number) => number,
  limits: Thresholds,
): Beat | null {
  const episodes = episodesOf(moments, lengthMs);
  if (episodes.length < limits.periodEpisodesMin) return null;
  const comb = bestComb(
    episodes.map(({ startMs }) => startMs),
    limits.periodMinMs,
    limits.periodEpisodesMin,
  );
  if (comb === null) return null;
  const on = comb.hits.map((index) => episodes[index]!);
  const { periodMs, variation } = comb;
  // What lasts for most of the time is no beat: speech that comes and goes shows jitter in its rhythm.
  const lasted = on.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / on.length;
  if (lasted > periodMs * DUTY_MAX) return null;
  return {
    periodMs,
    phaseMs: (stream.startUs / 1000 + on[0]!.startMs) % periodMs,
    dutyRatio: Math.min(1, lasted / periodMs),
    episodes: on.length,
    variation,
    firstMs: on[0]!.startMs,
    lastMs: on.at(-1)!.endMs,
  };
}

function episodesOf(moments: MomentLog, lengthMs: (value: number) => number): Episode[] {
  const episodes: Episode[] = [];
  for (let i = 0; i < moments.length; i++) {
    const startMs = moments.atMs(i);
    const endMs = startMs + lengthMs(moments.value(i));
    const last = episodes.at(-1);
    if (last !== undefined && startMs - last.endMs < EPISODE_MS) last.endMs = Math.max(last.endMs, endMs);
    else episodes.push({ startMs, endMs });
  }
  return episodes;
}
