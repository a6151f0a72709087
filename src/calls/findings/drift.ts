import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream } from './finding.ts';
import { pausedBefore, type Restart } from './restarted-media.ts';
import type { Thresholds } from './thresholds.ts';

/** Fewer packets than this in an interval do not show its least delay. */
const PACKETS_MIN = 50;

/** A slope must stand out from what jitter does to the least delays by so many of its standard errors. */
const ERRORS_MIN = 3;
/** A step in the line is taken to be there when it explains so much of what the line alone leaves over. */
const STEP_EXPLAINS = 0.3;
/** Smaller ones pass as they are: nobody asks whether they are clocks or steps. */
const ASKED_PPM = 100;

/**
 * How far the sender's clock is off, ppm; 0 where what the delays show is noise, or another path. The measured skew
 * takes a step of the delay for a slope: here the least delays of the intervals are fitted with a line and with a line
 * that has one step. What `restarts` add is left out.
 */
export function driftPpm(stream: StreamRecord, restarts: readonly Restart[] = []): number | null {
  const { skewPpm } = stream;
  if (skewPpm === null || Math.abs(skewPpm) < ASKED_PPM) return skewPpm;
  const fit = fitted(leastDelays(stream, restarts));
  if (fit === null) return skewPpm;
  const slopePpm = fit.slope * 1000;
  if (slopePpm * skewPpm <= 0 || Math.abs(fit.slope) < ERRORS_MIN * fit.error) return 0;
  return Math.abs(slopePpm) < Math.abs(skewPpm) ? slopePpm : skewPpm;
}

/** Seconds and milliseconds. */
interface Point {
  x: number;
  y: number;
}

function leastDelays({ intervals }: StreamRecord, restarts: readonly Restart[]): Point[] {
  const points: Point[] = [];
  let firstUs: number | null = null;
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, leastDelayMs, packets } = intervals.look(i);
    if (leastDelayMs === null || packets < PACKETS_MIN) continue;
    firstUs ??= startUs;
    points.push({ x: (startUs - firstUs) / 1e6, y: leastDelayMs - pausedBefore(restarts, startUs) });
  }
  return points;
}

/** Sums over points, from which least squares are made. */
class Sums {
  n = 0;
  x = 0;
  y = 0;
  xx = 0;
  xy = 0;
  yy = 0;

  add({ x, y }: Point, sign = 1): void {
    this.n += sign;
    this.x += sign * x;
    this.y += sign * y;
    this.xx += sign * x * x;
    this.xy += sign * x * y;
    this.yy += sign * y * y;
  }

  /** Squares and products about the mean. */
  about(): { xx: number; xy: number; yy: number } {
    const { n, x, y, xx, xy, yy } = this;
    return { xx: xx - (x * x) / n, xy: xy - (x * y) / n, yy: yy - (y * y) / n };
  }
}

interface Fit {
  slope: number;
  error: number;
}

/** The slope of the points with its standard error, one step allowed; null for too few points. */
function fitted(points: readonly Point[]): Fit | null {
  const n = points.length;
  if (n < 6) return null;
  const after = new Sums();
  for (const point of points) after.add(point);
  const whole = after.about();
  const line = leftOver(whole.xx, whole.xy, whole.yy);
  let best = { ...line, parameters: 2, isStep: false };
  const before = new Sums();
  for (let i = 0; i < n - 2; i++) {
    before.add(points[i]!);
    after.add(points[i]!, -1);
    if (i < 1) continue;
    const a = before.about();
    const b = after.about();
    const split = leftOver(a.xx + b.xx, a.xy + b.xy, a.yy + b.yy);
    const limit = best.isStep ? best.rest : line.rest * (1 - STEP_EXPLAINS);
    if (split.rest < limit) best = { ...split, parameters: 3, isStep: true };
  }
  const variance = best.rest / Math.max(1, n - best.parameters);
  return { slope: best.slope, error: Math.sqrt(variance / best.xx) };
}

/** Least squares: the slope, and the squares it leaves over. */
function leftOver(xx: number, xy: number, yy: number): { slope: number; rest: number; xx: number } {
  return { slope: xy / xx, rest: Math.max(0, yy - (xy * xy) / xx), xx };
}

/** A sender's clock that is off by more than crystals are. */
export function driftFinding(
  stream: StreamRecord,
  limits: Thresholds,
  restarts: readonly Restart[] = [],
): FindingRecord | null {
  const skewPpm = driftPpm(stream, restarts);
  if (skewPpm === null || Math.abs(skewPpm) <= limits.skewInfoPpm) return null;
  const slipMsPerMinute = (Math.abs(skewPpm) * 60) / 1000;
  return aboutStream(stream, {
    code: 'clock_drift',
    severity: Math.abs(skewPpm) >= limits.skewWarningPpm ? 'warning' : 'info',
    text:
      `the sender's clock runs ${Math.abs(skewPpm).toFixed(0)} ppm ${skewPpm > 0 ? 'slow' : 'fast'}: ` +
      `the receiver's buffer ${skewPpm > 0 ? 'runs dry' : 'fills'} by ${slipMsPerMinute.toFixed(0)} ms a minute`,
    evidence: { skewPpm, streamSkewPpm: stream.skewPpm, thresholdPpm: limits.skewInfoPpm, slipMsPerMinute },
  });
}
