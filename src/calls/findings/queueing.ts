import type { ScoredInterval } from '../../records/interval-log.ts';
import type { FindingRecord, StreamRecord } from '../../records/types.ts';
import { aboutStream, percentText, secondsText } from './finding.ts';
import type { StandingQueue } from './standing-queue.ts';
import type { Thresholds } from './thresholds.ts';

/** Neighbouring packets must agree this well while the delay wanders: jitter is the other way round. */
const SMOOTH_SHARE = 0.25;
const SMOOTH_MS = 6;
/** A ramp has its middle in the middle; a step has it at one of its ends. */
const MIDDLE_MIN = 0.15;
const MIDDLE_MAX = 0.85;
const RAMPING_MIN = 2;
/** A queue this long is a buffer nobody sized for voice. */
const BLOATED_MS = 200;
/** Rises and falls over several intervals that make a slow wave. */
const TURNS_MIN = 2;

/**
 * A queue that fills and drains: delay moves slowly by more than `queueRampMs` while neighbouring packets agree, within
 * an interval or over several; where more than a few packets are lost, it overflows. A delay that only ever grows is a clock (clock_drift), one that
 * steps is another path. One that stands full for long has hardly a ramp: `standing` are those times.
 */
export function queueingFinding(
  stream: StreamRecord,
  limits: Thresholds,
  standing: readonly StandingQueue[],
): FindingRecord | null {
  const overflows = stream.lostRatio >= limits.lossWarningRatio;
  const { intervals } = stream;
  let ramping = 0;
  let rampMs = 0;
  let startUs = Number.NaN;
  let endUs = Number.NaN;
  for (let i = 0; i < intervals.length; i++) {
    const interval = intervals.look(i);
    if (!isRamp(interval, limits)) continue;
    ramping++;
    rampMs = Math.max(rampMs, interval.pdvP95Ms!);
    if (Number.isNaN(startUs)) startUs = interval.startUs;
    endUs = interval.startUs + interval.durationMs * 1000;
  }
  const wave = slowWave(stream, limits);
  if (ramping < RAMPING_MIN && wave === null) return standingFinding(stream, standing);
  if (isSteadyClimb(stream)) return null;
  if (ramping < RAMPING_MIN) {
    startUs = wave!.startUs;
    endUs = wave!.endUs;
  }
  rampMs = Math.max(rampMs, wave?.riseMs ?? 0);
  return aboutStream(stream, {
    code: 'queueing',
    severity: 'warning',
    text:
      `delay ramps up and down by ${rampMs.toFixed(0)} ms while neighbouring packets agree and ` +
      `${percentText(stream.lostRatio)} % are lost: a queue fills and ${overflows ? 'overflows' : 'drains'}` +
      (rampMs >= BLOATED_MS ? ', and its buffer is far too large (bufferbloat)' : ''),
    evidence: {
      rampMs,
      rampingIntervals: ramping,
      intervals: intervals.length,
      lostRatio: stream.lostRatio,
      overflows,
      bufferbloat: rampMs >= BLOATED_MS,
    },
    startUs,
    endUs: Math.min(endUs, stream.endUs),
  });
}

/** A queue that filled, stood full and overflowed, and drained. */
function standingFinding(stream: StreamRecord, standing: readonly StandingQueue[]): FindingRecord | null {
  const first = standing[0];
  if (first === undefined) return null;
  const riseMs = Math.max(...standing.map((queue) => queue.riseMs));
  const standingMs = standing.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1000, 0);
  const lost = standing.reduce((sum, queue) => sum + queue.lost, 0);
  const lostRatio = lost / standing.reduce((sum, { expected }) => sum + expected, 0);
  const bufferbloat = riseMs >= BLOATED_MS;
  return aboutStream(stream, {
    code: 'queueing',
    severity: 'warning',
    text:
      `delay stood ${riseMs.toFixed(0)} ms higher for about ${secondsText(standingMs)} s` +
      `${standing.length > 1 ? ` in ${standing.length} pieces` : ''}, in which ${percentText(lostRatio)} % were lost, ` +
      `and fell back: a queue was full and overflowed${bufferbloat ? ', and its buffer is far too large (bufferbloat)' : ''}`,
    evidence: {
      rampMs: riseMs,
      standingMs,
      rampingIntervals: 0,
      intervals: stream.intervals.length,
      lostRatio: stream.lostRatio,
      standingLostRatio: lostRatio,
      overflows: true,
      bufferbloat,
    },
    startUs: first.startUs,
    endUs: Math.min(standing.at(-1)!.endUs, stream.endUs),
  });
}

function isRamp(interval: ScoredInterval, { queueRampMs }: Thresholds): boolean {
  return interval.packets >= 50 && movesEvenly(interval, queueRampMs, SMOOTH_MS);
}

/** Whether the delay moves evenly within an interval, by `leastMs` at least, neighbouring packets agreeing: it has no level. */
export function isSloping(interval: ScoredInterval, leastMs: number): boolean {
  return movesEvenly(interval, leastMs, 0);
}

/** @param smoothMs neighbouring packets that differ by no more agree, however little the delay moves */
function movesEvenly(
  { pdvP50Ms, pdvP95Ms, ipdvP95Ms }: ScoredInterval,
  leastMs: number,
  smoothMs: number,
): boolean {
  if (pdvP50Ms === null || pdvP95Ms === null || ipdvP95Ms === null || pdvP95Ms < leastMs) return false;
  const middle = pdvP50Ms / pdvP95Ms;
  return (
    ipdvP95Ms <= Math.max(smoothMs, pdvP95Ms * SMOOTH_SHARE) && middle >= MIDDLE_MIN && middle <= MIDDLE_MAX
  );
}

/** Does the delay only ever grow, or only ever fall, in a line? Then it is a clock. */
function isSteadyClimb({ intervals }: StreamRecord): boolean {
  const points: [x: number, y: number][] = [];
  for (let i = 0; i < intervals.length; i++) {
    const { startUs, leastDelayMs } = intervals.look(i);
    if (leastDelayMs !== null) points.push([startUs / 1e6, leastDelayMs]);
  }
  if (points.length < 3) return false;
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  return xx > 0 && yy > 0 && (xy * xy) / (xx * yy) > 0.95 && Math.abs(xy / xx) > 2;
}

/** Intervals within which the delay moves evenly; one that only steps from level to level is another path. */
const SLANTED_MIN = 2;
const SLANT_SHARE = 0.1;

function isSlanted(p50Ms: number, p95Ms: number, rampMs: number): boolean {
  const share = p50Ms / p95Ms;
  return p95Ms >= rampMs * SLANT_SHARE && share >= MIDDLE_MIN && share <= MIDDLE_MAX;
}

interface Wave {
  riseMs: number;
  startUs: number;
  endUs: number;
}

/** The level of the delay, interval by interval, rises and falls by the ramp at least twice; null when it does not. */
function slowWave({ intervals }: StreamRecord, { queueRampMs }: Thresholds): Wave | null {
  let turns = 0;
  let slanted = 0;
  let rise = 0;
  let low = Number.NaN;
  let high = Number.NaN;
  let rising: boolean | null = null;
  let startUs = Number.NaN;
  let endUs = Number.NaN;
  for (let i = 0; i < intervals.length; i++) {
    const {
      leastDelayMs,
      pdvP50Ms,
      pdvP95Ms,
      ipdvP95Ms,
      startUs: atUs,
      packets,
      durationMs,
    } = intervals.look(i);
    // Where neighbouring packets do not agree, it is jitter that comes and goes.
    const rough = (ipdvP95Ms ?? 0) > Math.max(SMOOTH_MS, queueRampMs * SMOOTH_SHARE);
    if (leastDelayMs === null || pdvP50Ms === null || packets < 50 || rough) {
      low = Number.NaN;
      high = Number.NaN;
      rising = null;
      continue;
    }
    // From the lowest to the highest of it: an interval's middle hides a queue as short as a few intervals. Where the
    // delay only steps, most of the interval is on one level.
    const isMoving = isSlanted(pdvP50Ms, pdvP95Ms ?? 0, queueRampMs);
    const least = isMoving ? leastDelayMs : leastDelayMs + pdvP50Ms;
    const most = isMoving ? leastDelayMs + (pdvP95Ms ?? 0) : least;
    if (isMoving) slanted++;
    low = Number.isNaN(low) ? least : Math.min(low, least);
    high = Number.isNaN(high) ? most : Math.max(high, most);
    if (rising !== true && most - low >= queueRampMs) {
      rising = true;
      turns++;
      rise = Math.max(rise, most - low);
      if (Number.isNaN(startUs)) startUs = atUs;
      high = most;
    } else if (rising !== false && high - least >= queueRampMs) {
      rising = false;
      turns++;
      rise = Math.max(rise, high - least);
      low = least;
    }
    endUs = atUs + durationMs * 1000;
  }
  return turns >= TURNS_MIN && slanted >= SLANTED_MIN && !Number.isNaN(startUs)
    ? { riseMs: rise, startUs, endUs }
    : null;
}
