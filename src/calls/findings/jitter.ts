import type { ScoredInterval } from '../../records/interval-log.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText, secondsText } from './finding.ts';
import { powerSave, powerSaveEvidence, powerSaveText } from './power-save.ts';
import type { Restart } from './restarted-media.ts';
import { badStretch, isBreak } from './stretch.ts';
import type { Thresholds } from './thresholds.ts';

/** Share of the intervals with high delay variation that makes a whole stream jittery. */
const BAD_SHARE = 0.2;

/**
 * Smoothed jitter or delay variation past what a usual playout buffer absorbs. Delay variation is judged per interval,
 * against the interval's own fastest packet: a step of the delay that stays is another path, not jitter.
 */
export function jitterFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  const resumedUs = pauseEnds(stream).concat(restarts.map(({ atUs }) => atUs));
  const jitter = jitterBesides(stream, resumedUs);
  const pdv = Math.min(stream.pdvMs.p95 ?? 0, intervalPdv(stream, resumedUs));
  const bad = badStretch(
    stream,
    (interval) =>
      !followsPause(interval, resumedUs) &&
      ((interval.jitterMs ?? 0) > limits.jitterWarningMs || (interval.pdvP95Ms ?? 0) > limits.pdvWarningMs),
  );
  const over = jitter > limits.jitterWarningMs || pdv > limits.pdvWarningMs;
  const onEnd = bad !== null && bad.longestMs >= limits.jitterStretchMs;
  if (!over && !onEnd) return null;
  const critical = jitter > limits.jitterCriticalMs || pdv > limits.pdvCriticalMs;
  const asleep = powerSave(stream);
  const text = over
    ? `jitter ${jitter.toFixed(0)} ms and delay variation ${pdv.toFixed(0)} ms at the 95th percentile: ` +
      'more than a usual 50 ms playout buffer absorbs'
    : `jitter or delay variation above ${limits.jitterWarningMs} and ${limits.pdvWarningMs} ms for ` +
      `${secondsText(bad!.longestMs)} s on end, quiet otherwise`;
  return aboutStream(stream, {
    code: 'high_jitter',
    severity: critical ? 'critical' : 'warning',
    text: text + powerSaveText(asleep),
    evidence: {
      judgedJitterMs: jitter,
      judgedPdvMs: pdv,
      jitterP95Ms: stream.jitterMs.p95,
      jitterMeanMs: stream.jitterMs.mean,
      jitterMaxMs: stream.jitterMs.max,
      pdvP95Ms: stream.pdvMs.p95,
      pdvMaxMs: stream.pdvMs.max,
      badMs: bad?.badMs ?? 0,
      jitterThresholdMs: limits.jitterWarningMs,
      pdvThresholdMs: limits.pdvWarningMs,
      ...powerSaveEvidence(asleep),
    },
    ...(bad === null ? {} : { startUs: bad.startUs, endUs: Math.min(bad.endUs, stream.endUs) }),
  });
}

/** When the sender went on after it had paused, us. */
function pauseEnds({ startUs, history }: StreamRecord): number[] {
  const pauses = history.gaps.filter(({ stayed, missing }) => stayed && missing === 0);
  return pauses.map(({ atMs, durationMs }) => startUs + (atMs + durationMs) * 1000);
}

/** The estimator of RFC 3550 forgets a pause of a minute within so long. */
const AFTERMATH_US = 2_000_000;

function followsPause({ startUs, durationMs }: ScoredInterval, resumedUs: readonly number[]): boolean {
  const endUs = startUs + durationMs * 1000;
  return resumedUs.some((us) => us < endUs && us + AFTERMATH_US > startUs);
}

/**
 * Jitter apart from pauses of the sender: their one late packet stands for a time in the smoothed jitter, and is
 * nobody's queue (`sender_paused` tells of it, or a hold explains it).
 */
function jitterBesides({ jitterMs, intervals }: StreamRecord, resumedUs: readonly number[]): number {
  const p95 = jitterMs.p95 ?? 0;
  if (resumedUs.length === 0) return p95;
  let worst = 0;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    if (!followsPause(interval, resumedUs)) worst = Math.max(worst, interval.jitterMs ?? 0);
  }
  return Math.min(p95, worst);
}

/** The delay variation that `BAD_SHARE` of the intervals reach, by their 95th percentiles; pauses apart. */
function intervalPdv({ intervals }: StreamRecord, resumedUs: readonly number[]): number {
  const values: number[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    const { pdvP95Ms, packets } = interval;
    // The last interval may hold a handful of packets.
    if (pdvP95Ms !== null && packets >= 50 && !followsPause(interval, resumedUs)) values.push(pdvP95Ms);
  }
  values.sort((a, b) => b - a);
  return values[Math.floor(values.length * BAD_SHARE)] ?? values.at(-1) ?? 0;
}

/** Least share of late packets among those thrown away. */
const LATE_SHARE = 0.25;

/** Packets that came, and that the playout model of the score threw away. */
export function discardFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  const { quality } = stream;
  if (quality === null) return null;
  const model = quality.assumptions.playout;
  const played = stream.playout[model];
  if (played === undefined || played.discardRatio < limits.discardWarningRatio) return null;
  // A buffer that only shortens itself, as under a sender's fast clock, drops packets that were in time.
  if (played.lateRatio + played.earlyRatio < played.discardRatio * LATE_SHARE) return null;
  if (isAfterBreak(stream, restarts)) return null;
  const bad = badStretch(stream, ({ discarded }) => discarded > 0);
  const best = stream.whatIf;
  const asleep = powerSave(stream);
  const helped = best !== null && best.gain > 0 ? `; a buffer of ${best.bestDepthMs} ms would do best` : '';
  return aboutStream(stream, {
    code: 'late_discard',
    severity: played.discardRatio >= limits.discardCriticalRatio ? 'critical' : 'warning',
    text:
      `${percentText(played.discardRatio)} % of packets came too late for the receiver's buffer ` +
      `(${model}, ${played.nominalMs.toFixed(0)} ms)${helped}${powerSaveText(asleep)}`,
    evidence: {
      discardRatio: played.discardRatio,
      discarded: Math.round(played.discardRatio * stream.expected),
      playout: model,
      nominalMs: played.nominalMs,
      bestDepthMs: best?.bestDepthMs ?? null,
      ...powerSaveEvidence(asleep),
    },
    ...(bad === null ? {} : { startUs: bad.startUs, endUs: Math.min(bad.endUs, stream.endUs) }),
  });
}

/** Whether all discards lie in intervals after holds, long silences and restarts, where a receiver begins anew as well. */
function isAfterBreak({ intervals }: StreamRecord, restarts: readonly Restart[]): boolean {
  const resumedUs = restarts.map(({ atUs }) => atUs);
  let before: ScoredInterval | null = null;
  let discards = false;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    if (interval.discarded > 0) {
      const isNew = before !== null && isBreak(before, interval);
      if (!isNew && !followsPause(interval, resumedUs)) return false;
      discards = true;
    }
    before = interval;
  }
  return discards;
}

/** Packets that overtook each other. */
export function reorderingFinding(stream: StreamRecord, limits: Thresholds): FindingRecord | null {
  const ratio = stream.packets === 0 ? 0 : stream.reordered / stream.packets;
  if (stream.reordered < limits.reorderedMin || ratio < limits.reorderedInfoRatio) return null;
  return aboutStream(stream, {
    code: 'reordering',
    severity: ratio >= limits.reorderedWarningRatio ? 'warning' : 'info',
    text: `${percentText(ratio)} % of packets (${stream.reordered}) were overtaken by later ones`,
    evidence: { reordered: stream.reordered, ratio, packets: stream.packets },
  });
}
