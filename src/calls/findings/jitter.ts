import type { ScoredInterval } from '../../records/interval-log.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText, secondsText } from './finding.ts';
import { powerSave, powerSaveEvidence, powerSaveText } from './power-save.ts';
import type { Restart } from './restarted-media.ts';
import { badStretch } from './stretch.ts';
import type { Thresholds } from './thresholds.ts';

/** Share of the intervals with high delay variation that makes a whole stream jittery. */
const BAD_SHARE = 0.2;
/** A stream that stayed below this share of the limits all the time has no part above them. */
const QUIET_SHARE = 0.5;

/**
 * Smoothed jitter or delay variation past what a usual playout buffer absorbs. Delay variation is judged per interval,
 * against the interval's own fastest packet: a step of the delay that stays is another path, not jitter.
 */
export function jitterFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  if (isQuiet(stream, limits)) return null;
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

/** Most streams are. */
function isQuiet({ jitterMs, pdvMs }: StreamRecord, limits: Thresholds): boolean {
  return (
    (jitterMs.max ?? 0) <= limits.jitterWarningMs * QUIET_SHARE &&
    (pdvMs.max ?? 0) <= limits.pdvWarningMs * QUIET_SHARE
  );
}

/** When the sender went on after it had paused, us. */
function pauseEnds({ startUs, history }: StreamRecord): number[] {
  const pauses = history.gaps.filter(({ stayed, missing }) => stayed && missing === 0);
  return pauses.map(({ atMs, durationMs }) => startUs + (atMs + durationMs) * 1000);
}

/** The estimator of RFC 3550 forgets a pause of a minute within so long. */
const AFTERMATH_US = 2_000_000;

/** Is an interval so soon after the sender went on that it may still show the pause? */
export function followsPause({ startUs, durationMs }: ScoredInterval, resumedUs: readonly number[]): boolean {
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
