import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream } from './finding.ts';
import type { Thresholds } from './thresholds.ts';

/** Fewer packets than this in an interval do not show its least delay. */
const PACKETS_MIN = 50;

/** A slope must stand out from what jitter does to the least delays by so many of its deviations. */
const DEVIATIONS_MIN = 3;

/**
 * How far the sender's clock is off, ppm: what the whole stream and most of its parts agree on, 0 where that is within
 * their noise. The measured skew takes a single step of the delay (another path) for a slope; the middle of the slopes
 * between intervals a quarter of the stream apart does not, and in turn is rougher.
 */
export function driftPpm(stream: StreamRecord): number | null {
  const { skewPpm } = stream;
  if (skewPpm === null) return null;
  const points = leastDelays(stream);
  const apart = Math.floor(points.length / 4);
  if (apart < 1) return skewPpm;
  const usual = middle(slopes(points, apart));
  if (usual * skewPpm <= 0) return 0;
  // Neighbours differ by noise; over `apart` intervals it weighs as much less, and there are four such quarters.
  const near = slopes(points, 1);
  const noise = 1.48 * middle(near.map((slope) => Math.abs(slope - usual)));
  if (Math.abs(usual) < (DEVIATIONS_MIN * noise) / apart / 2) return 0;
  return Math.abs(usual) < Math.abs(skewPpm) ? usual : skewPpm;
}

interface Point {
  startUs: number;
  leastMs: number;
}

function leastDelays({ intervals }: StreamRecord): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, leastDelayMs, packets } = intervals.at(i);
    if (leastDelayMs !== null && packets >= PACKETS_MIN) points.push({ startUs, leastMs: leastDelayMs });
  }
  return points;
}

/** Slopes between points so many places apart, ppm. */
function slopes(points: readonly Point[], apart: number): number[] {
  return points.slice(apart).map((to, i) => {
    const from = points[i]!;
    return ((to.leastMs - from.leastMs) * 1e9) / (to.startUs - from.startUs);
  });
}

function middle(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)]!;
}

/** A sender's clock that is off by more than crystals are. */
export function driftFinding(stream: StreamRecord, limits: Thresholds): FindingRecord | null {
  const skewPpm = driftPpm(stream);
  if (skewPpm === null || Math.abs(skewPpm) <= limits.skewInfoPpm) return null;
  const slipMsPerMinute = (Math.abs(skewPpm) * 60) / 1000;
  return aboutStream(stream, {
    code: 'clock_drift',
    severity: Math.abs(skewPpm) >= limits.skewWarningPpm ? 'warning' : 'info',
    text:
      `the sender's clock runs ${Math.abs(skewPpm).toFixed(0)} ppm ${skewPpm > 0 ? 'slow' : 'fast'}: ` +
      `the receiver's buffer ${skewPpm > 0 ? 'runs dry' : 'fills'} by ${slipMsPerMinute.toFixed(0)} ms a minute`,
    evidence: { skewPpm, thresholdPpm: limits.skewInfoPpm, slipMsPerMinute },
  });
}
