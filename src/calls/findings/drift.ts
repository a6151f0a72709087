import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream } from './finding.ts';
import type { Thresholds } from './thresholds.ts';

/** Fewer packets than this in an interval do not show its least delay. */
const PACKETS_MIN = 50;

/**
 * How far the sender's clock is off, ppm: what the whole stream and most of its parts agree on. The measured skew takes
 * a single step of the delay (another path) for a slope; the middle of the slopes between intervals a quarter of the
 * stream apart does not, and in turn is rougher.
 */
export function driftPpm(stream: StreamRecord): number | null {
  const { skewPpm } = stream;
  if (skewPpm === null) return null;
  const usual = usualSlopePpm(stream);
  if (usual === null) return skewPpm;
  if (usual * skewPpm <= 0) return 0;
  return Math.abs(usual) < Math.abs(skewPpm) ? usual : skewPpm;
}

function usualSlopePpm({ intervals }: StreamRecord): number | null {
  const points: { startUs: number; leastMs: number }[] = [];
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, leastDelayMs, packets } = intervals.at(i);
    if (leastDelayMs !== null && packets >= PACKETS_MIN) points.push({ startUs, leastMs: leastDelayMs });
  }
  const apart = Math.floor(points.length / 4);
  if (apart < 1) return null;
  const slopes: number[] = [];
  for (let i = apart; i < points.length; i++) {
    const [from, to] = [points[i - apart]!, points[i]!];
    slopes.push(((to.leastMs - from.leastMs) * 1e9) / (to.startUs - from.startUs));
  }
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)]!;
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
