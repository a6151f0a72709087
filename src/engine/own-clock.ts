import type { IntervalLog, ScoredInterval } from '../records/interval-log.ts';
import { type DelayPoints, otherClockRate } from '../rtp/skew.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

/**
 * A stream whose timestamps advance at another rate than the one agreed (G.722 at 16000, Opus at 16000): by the agreed
 * one every packet comes later than the one before, or earlier, and no buffer could play them. Its ends agree with each
 * other, or nobody would hear anything: what was measured by that clock says nothing, and frames last what they really
 * last. RFC 3550's jitter to the letter stays, for it is what its receivers report. Any other stream is left as it is.
 */
export function onItsOwnClock(measured: StreamMeasurement): StreamMeasurement {
  const { otherClockRate: rate, clockRate, ptimeMs } = measured;
  // Nor does a capture without a clock: all packets at one moment.
  if (measured.startUs === measured.endUs && measured.packets >= AT_ONCE_MIN) return withoutClock(measured);
  if (rate === null || clockRate === null) return measured;
  return { ...withoutClock(measured), ptimeMs: ptimeMs === null ? null : (ptimeMs * clockRate) / rate };
}

/** So many packets of one stream at one moment are no burst. */
const AT_ONCE_MIN = 50;

function withoutClock(measured: StreamMeasurement): StreamMeasurement {
  measured.intervals.dropTiming();
  return {
    ...measured,
    playout: null,
    depths: [],
    jitterMs: { mean: null, p50: null, p95: null, p99: null, max: null, samples: 0 },
    pdvMs: { p50: null, p95: null, p99: null, max: null, samples: 0 },
    ipdvMs: { p5: null, p50: null, p95: null, absP95: null, samples: 0 },
  };
}

/**
 * Is an interval of a running stream timed by a clock that is not its own? The least delays of three intervals tell;
 * before that, the interval itself does.
 *
 * @param leastDelays those of the intervals so far
 * @param clockRate the one they were taken by, Hz
 */
export function isOnOtherClock(
  log: IntervalLog,
  index: number,
  leastDelays: DelayPoints,
  clockRate: number,
): boolean {
  return otherClockRate(leastDelays, clockRate) !== null || isRamp(log.look(index));
}

/** So much of the time that passes, at least, a clock that is not the sender's makes of delay (`otherClockRate`: a fifth). */
const RAMP_SHARE = 0.16;
/** How far percentiles of evenly spread values may lie from where they should. */
const EVEN_WITHIN = 0.04;

/** Delays that grow, or shrink, evenly from one end of an interval to the other, by a fifth of its length or more. */
function isRamp({ durationMs, pdvP50Ms, pdvP95Ms, pdvP99Ms }: Readonly<ScoredInterval>): boolean {
  if (pdvP50Ms === null || pdvP95Ms === null || pdvP99Ms === null) return false;
  if (pdvP99Ms < durationMs * RAMP_SHARE) return false;
  const isEven = (percentile: number, share: number) =>
    Math.abs(percentile / pdvP99Ms - share / 0.99) <= EVEN_WITHIN;
  return isEven(pdvP50Ms, 0.5) && isEven(pdvP95Ms, 0.95);
}
