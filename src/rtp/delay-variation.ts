import { confirmPause } from './happenings.ts';
import {
  addToBucket,
  BUCKETS,
  bucketCount,
  DELAY_STEP_MS,
  delayBucket,
  delayBucketStart,
  HISTOGRAM_STRIDE,
  type HighWords,
  histogramTotal,
  ORIGIN_GRID_MS,
} from './histograms.ts';
import { shiftDelays } from './playout/play.ts';
import { DelayPoints, enoughForSkew, followsLine, lowerHullSlope } from './skew.ts';
import type { StreamColumns } from './stream-columns.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';
import { addBeyond, DEPTHS_MS } from './what-if.ts';

/** Room left under the least delay seen, so that a slightly faster packet does not move the whole histogram. */
const ORIGIN_SLACK_MS = 4;

/** A step of the delay between two consecutive numbers that a sender's pause would explain. */
export const PAUSE_STEP_MS = 500;

/** Books the relative delay of one audio packet in the current window. */
export function addDelay(table: StreamTable, slot: number, delayMs: number, timeUs: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  if (!(delayMs >= d[base + row.WINDOW_MIN_MS]! && delayMs <= d[base + row.WINDOW_MAX_MS]!)) {
    widenWindow(table, slot, delayMs, timeUs);
  }
  const counts = table.windowCounts;
  const at = slot * HISTOGRAM_STRIDE + delayBucket(delayMs - d[base + row.WINDOW_ORIGIN_MS]!);
  const count = counts[at]!;
  if (count !== 0xffff) counts[at] = count + 1;
}

/** A delay outside the extremes of the window, or the first one in it. */
export function widenWindow(table: StreamColumns, slot: number, delayMs: number, timeUs: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const origin = originFor(delayMs);
  if (d[base + row.WINDOW_MAX_MS]! < d[base + row.WINDOW_MIN_MS]!) {
    d[base + row.WINDOW_ORIGIN_MS] = origin;
    d[base + row.WINDOW_MIN_MS] = delayMs;
    d[base + row.WINDOW_MIN_US] = timeUs;
    d[base + row.WINDOW_MAX_MS] = delayMs;
  } else if (delayMs > d[base + row.WINDOW_MAX_MS]!) {
    d[base + row.WINDOW_MAX_MS] = delayMs;
  } else {
    d[base + row.WINDOW_MIN_MS] = delayMs;
    d[base + row.WINDOW_MIN_US] = timeUs;
    if (delayMs >= d[base + row.WINDOW_ORIGIN_MS]!) return;
    const byMs = d[base + row.WINDOW_ORIGIN_MS]! - origin;
    // More than 16 bits within one window is a flood: the rest of it is not counted.
    moveOrigin(table.windowCounts, slot * HISTOGRAM_STRIDE, byMs, null);
    d[base + row.WINDOW_ORIGIN_MS] = origin;
  }
}

/** Starts an empty delay window: greatest below least marks it. */
export function openDelayWindow(table: StreamTable, slot: number): void {
  const base = slot * row.DOUBLES_PER_STREAM;
  table.doubles[base + row.WINDOW_MIN_MS] = Number.POSITIVE_INFINITY;
  table.doubles[base + row.WINDOW_MAX_MS] = Number.NEGATIVE_INFINITY;
}

/** Starts the whole-stream distribution. */
export function openStreamDelay(table: StreamTable, slot: number): void {
  const base = slot * row.DOUBLES_PER_STREAM;
  table.doubles[base + row.STREAM_MIN_MS] = Number.POSITIVE_INFINITY;
  table.doubles[base + row.STREAM_MAX_MS] = Number.NEGATIVE_INFINITY;
  openDelayWindow(table, slot);
}

/** The percentiles that are reported, in rising order. */
const PERCENTILES = [0.5, 0.95, 0.99] as const;
/** What `readWindowPdv` and `readStreamPdv` read: p50, p95 and p99, ms; NaN without packets. */
export const pdvPercentilesMs = new Float64Array(PERCENTILES.length);

/** Reads the percentiles of the packet delay variation in the current window. */
export function readWindowPdv(table: StreamTable, slot: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const origin = d[base + row.WINDOW_ORIGIN_MS]!;
  const least = d[base + row.WINDOW_MIN_MS]!;
  readPercentiles(table.windowCounts, slot, null, origin, least, d[base + row.WINDOW_MAX_MS]!);
}

/** Reads those over the whole stream (RFC 5481: delay minus least delay). */
export function readStreamPdv(table: StreamTable, slot: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const { delayHigh } = table.notesOf(slot);
  const origin = d[base + row.STREAM_ORIGIN_MS]!;
  const least = d[base + row.STREAM_MIN_MS]!;
  readPercentiles(table.delayCounts, slot, delayHigh, origin, least, d[base + row.STREAM_MAX_MS]!);
}

/** All percentiles in one pass over the buckets that can hold anything. */
function readPercentiles(
  counts: Uint16Array,
  slot: number,
  high: HighWords,
  originMs: number,
  minMs: number,
  maxMs: number,
): void {
  pdvPercentilesMs.fill(Number.NaN);
  if (maxMs < minMs) return;
  const base = slot * HISTOGRAM_STRIDE;
  const first = delayBucket(Math.max(0, minMs - originMs));
  const through = bucketsUpTo(maxMs - originMs);
  const total = histogramTotal(counts, base, first, through, high);
  if (total === 0) return;
  let below = 0;
  let wanted = 0;
  for (let bucket = first; bucket < through && wanted < PERCENTILES.length; bucket++) {
    const count = bucketCount(counts, base, bucket, high);
    while (wanted < PERCENTILES.length) {
      const rank = Math.max(1, Math.ceil(PERCENTILES[wanted]! * total));
      if (below + count < rank) break;
      const start = delayBucketStart(bucket);
      // The last bucket has no end of its own: what lies in it ends at the greatest delay.
      const end = bucket === BUCKETS - 1 ? maxMs - originMs : delayBucketStart(bucket + 1);
      const width = Math.max(0, end - start);
      const value = originMs + start + (width * (rank - below - 0.5)) / count - minMs;
      pdvPercentilesMs[wanted++] = Math.min(Math.max(0, value), maxMs - minMs);
    }
    below += count;
  }
}

/**
 * Adds the window to the whole-stream distribution and opens the next one.
 *
 * A sender that pauses without moving its timestamps shifts all later delays by the length of the pause. Such a
 * step is only told from a stalled network by what follows: when no packet of the window after it comes back to
 * the old level, the sender paused, and the shift is taken out.
 *
 * @returns the least delay of the window, ms, comparable with that of the window before; NaN when it is not
 */
export function closeDelayWindow(table: StreamTable, slot: number): number {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const notes = table.notesOf(slot);
  if (d[base + row.WINDOW_MAX_MS]! < d[base + row.WINDOW_MIN_MS]!) return Number.NaN;
  if (notes.delayStepped) {
    const shift = d[base + row.WINDOW_MIN_MS]! - d[base + row.STREAM_MIN_MS]!;
    if (shift > PAUSE_STEP_MS && shift < Number.POSITIVE_INFINITY) {
      // On the grid, so that the window's buckets stay aligned with the stream's: the rest is under 16 ms.
      const whole = Math.floor(shift / ORIGIN_GRID_MS) * ORIGIN_GRID_MS;
      for (const field of [row.WINDOW_ORIGIN_MS, row.WINDOW_MIN_MS, row.WINDOW_MAX_MS, row.LAST_DELAY_MS]) {
        d[base + field] = d[base + field]! - whole;
      }
      breakDelay(table, slot);
      confirmPause(table, slot);
      shiftDelays(table, slot, whole);
    }
    notes.delayStepped = false;
  }
  const least = notes.delayBroken ? Number.NaN : d[base + row.WINDOW_MIN_MS]!;
  followClock(table, slot);
  mergeWindow(table, slot);
  openDelayWindow(table, slot);
  return least;
}

/** The timestamps are no longer in step with what was before: delays before and after say nothing of the clock. */
export function breakDelay(table: StreamTable, slot: number): void {
  const notes = table.notesOf(slot);
  notes.leastDelays = new DelayPoints();
  notes.leastDelayPackets = 0;
  notes.driftBaseMs = notes.driftMs;
  notes.delayBroken = true;
}

/** More points than this are thinned to half: a clock's line needs few. */
const POINTS_MAX = 1024;

/** Adds the window's least delay to what tells the sender's clock, and finds what that clock has drifted by now. */
function followClock(table: StreamTable, slot: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const notes = table.notesOf(slot);
  if (notes.delayBroken) {
    // This window holds packets from before and after the break.
    notes.delayBroken = false;
    return;
  }
  const y = d[base + row.WINDOW_MIN_MS]!;
  const x = ((d[base + row.WINDOW_MIN_US]! - d[base + row.FIRST_US]!) / 1000 - y) / 1000;
  const points = notes.leastDelays;
  if (points.length > 0 && x <= points.xs[points.length - 1]!) return;
  points.add(x, y);
  notes.leastDelayPackets += table.integers[slot * row.INTEGERS_PER_STREAM + row.INTERVAL_PACKETS]!;
  if (points.length >= POINTS_MAX) points.thin();
  // The longer the line, the less one more point can turn it.
  const due = points.length <= 64 || points.length % 8 === 0;
  if (due && enoughForSkew(points, notes.leastDelayPackets)) {
    const slope = lowerHullSlope(points);
    if (slope !== null && followsLine(points, slope)) notes.skewPpm = slope * 1000;
  }
  if (notes.skewPpm === null || Math.abs(notes.skewPpm) > SKEW_BELIEVED_PPM) return;
  notes.driftMs = notes.driftBaseMs + (notes.skewPpm / 1000) * (x - points.xs[0]!);
}

/** Beyond this it is no crystal but another clock rate, which is not taken out of the delays. */
const SKEW_BELIEVED_PPM = 10_000;

function mergeWindow(table: StreamTable, slot: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const countBase = slot * HISTOGRAM_STRIDE;
  const notes = table.notesOf(slot);
  const drift = notes.driftMs;
  const windowMin = d[base + row.WINDOW_MIN_MS]! - drift;
  const windowMax = d[base + row.WINDOW_MAX_MS]! - drift;
  if (d[base + row.STREAM_MAX_MS]! < d[base + row.STREAM_MIN_MS]!) {
    d[base + row.STREAM_ORIGIN_MS] = originFor(windowMin);
  } else if (windowMin < d[base + row.STREAM_ORIGIN_MS]!) {
    const origin = originFor(windowMin);
    const byMs = d[base + row.STREAM_ORIGIN_MS]! - origin;
    notes.delayHigh = moveOrigin(table.delayCounts, countBase, byMs, notes.delayHigh);
    d[base + row.STREAM_ORIGIN_MS] = origin;
  }
  d[base + row.STREAM_MIN_MS] = Math.min(d[base + row.STREAM_MIN_MS]!, windowMin);
  d[base + row.STREAM_MAX_MS] = Math.max(d[base + row.STREAM_MAX_MS]!, windowMax);
  const shift = d[base + row.WINDOW_ORIGIN_MS]! - drift - d[base + row.STREAM_ORIGIN_MS]!;
  const from = table.windowCounts;
  const end = bucketsUpTo(d[base + row.WINDOW_MAX_MS]! - d[base + row.WINDOW_ORIGIN_MS]!);
  noteDepths(table, slot, end);
  for (let bucket = 0; bucket < end; bucket++) {
    const count = from[countBase + bucket]!;
    if (count === 0) continue;
    const bucketAt = delayBucket(Math.max(0, middleOf(bucket) + shift));
    notes.delayHigh = addToBucket(table.delayCounts, countBase, bucketAt, count, notes.delayHigh);
  }
  from.fill(0, countBase, countBase + end);
}

function noteDepths(table: StreamTable, slot: number, end: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const notes = table.notesOf(slot);
  const origin = d[base + row.WINDOW_ORIGIN_MS]!;
  const least = d[base + row.WINDOW_MIN_MS]! - origin;
  const most = d[base + row.WINDOW_MAX_MS]! - origin;
  notes.delayedPackets += histogramTotal(table.windowCounts, slot * HISTOGRAM_STRIDE, 0, end, null);
  if (most - least <= DEPTHS_MS[0]) return;
  notes.beyondDepth ??= new Float64Array(DEPTHS_MS.length);
  addBeyond(table.windowCounts, slot * HISTOGRAM_STRIDE, least, most, notes.beyondDepth);
}

/** The grid point below a delay, with the slack. */
function originFor(delayMs: number): number {
  return Math.floor((delayMs - ORIGIN_SLACK_MS) / ORIGIN_GRID_MS) * ORIGIN_GRID_MS;
}

/** How many buckets can hold anything when the greatest delay lies so far above the origin. */
function bucketsUpTo(rangeMs: number): number {
  return delayBucket(Math.max(0, rangeMs)) + 1;
}

/**
 * Moves a histogram's origin down by `byMs`, a multiple of the grid: every value moves up, exactly.
 * @returns the high words, which are new when buckets that came together outgrew 16 bits
 */
function moveOrigin(counts: Uint16Array, base: number, byMs: number, high: HighWords): HighWords {
  let words = high;
  for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
    const low = counts[base + bucket]!;
    const upper = words === null ? 0 : words[bucket]!;
    const target = delayBucket(middleOf(bucket) + byMs);
    if ((low === 0 && upper === 0) || target === bucket) continue;
    counts[base + bucket] = 0;
    words = addToBucket(counts, base, target, low, words);
    if (words === null || upper === 0) continue;
    words[target] = words[target]! + upper;
    words[bucket] = 0;
  }
  return words;
}

function middleOf(bucket: number): number {
  const start = delayBucketStart(bucket);
  return bucket === BUCKETS - 1 ? start : (start + delayBucketStart(bucket + 1)) / 2;
}

/** The histogram's finest step, ms: percentiles below 64 ms are exact to it. */
export const PDV_RESOLUTION_MS = DELAY_STEP_MS;
