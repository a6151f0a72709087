/**
 * A buffer that follows the delays of the newest 500 packets (standards 6, JB2; the manner of Asterisk). The slot of
 * a packet is judged when the packet arrives, by the delay in force then.
 */
import type { StreamColumns } from '../stream-columns.ts';
import { markDropped } from './dropped.ts';
import { REORDERED } from './fixed.ts';
import * as state from './state.ts';

/** Depth beyond the delays seen; most of it; delay to begin with, all in ms. */
const EXTRA_MS = 40;
const TARGET_MAX_MS = 500;
const START_MS = 40;
/** A delay that differs by more than twice the spread and this much is taken for a spike; four of them for a new path. */
const SPIKE_MS = 500;
const SPIKES_MAX = 4;
/** Least time between two steps, us: up, down, and down with nothing buffered. */
const GROW_US = 40_000;
const SHRINK_US = 500_000;
const SHRINK_EMPTY_US = 80_000;
/** A buffer that holds so much takes no more. */
const FULL_MS = 500;

/**
 * Judges the packets at hand.
 * @param frameMs length of a packet
 * @param first extended sequence number of the first of them
 */
export function playAdaptive(
  table: StreamColumns,
  slot: number,
  count: number,
  first: number,
  how: number,
  frameMs: number,
): void {
  const s = table.playout;
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const delays = s.runDelaysMs;
  if (p[base + state.JUDGED] === 0) begin(s, slot, 0);
  const reach = 2 * p[base + state.ADAPTIVE_SPREAD_MS]! + SPIKE_MS;
  const accepted = p[base + state.ADAPTIVE_ACCEPTED_MS]!;
  let calm = p[base + state.ADAPTIVE_SPIKES] === 0;
  for (let k = 0; k < count; k++) if (!(Math.abs(delays[k]! - accepted) <= reach)) calm = false;
  if (calm) {
    s.delays.add(slot, delays, 0, count, s.runLowsMs, s.runHighsMs);
    playSlots(table, slot, 0, count, first, how, frameMs);
    return;
  }
  for (let k = 0; k < count; k++) {
    if (isSpike(s, slot, k)) {
      p[base + state.ADAPTIVE_EARLY] = p[base + state.ADAPTIVE_EARLY]! + 1;
      p[base + state.ADAPTIVE_SUM_MS] = p[base + state.ADAPTIVE_SUM_MS]! + p[base + state.ADAPTIVE_DEPTH_MS]!;
      if (s.scoreModel === state.MODEL_ADAPTIVE) markDropped(table, slot, first + k);
    } else {
      s.delays.add(slot, delays, k, k + 1, s.runLowsMs, s.runHighsMs);
      playSlots(table, slot, k, k + 1, first, how, frameMs);
    }
  }
}

/** A delay far off: to be dropped, until four in a row show that the path is another one. */
function isSpike(s: state.PlayoutState, slot: number, k: number): boolean {
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const off = Math.abs(s.runDelaysMs[k]! - p[base + state.ADAPTIVE_ACCEPTED_MS]!);
  if (off <= 2 * p[base + state.ADAPTIVE_SPREAD_MS]! + SPIKE_MS) {
    p[base + state.ADAPTIVE_SPIKES] = 0;
    return false;
  }
  const spikes = p[base + state.ADAPTIVE_SPIKES]! + 1;
  p[base + state.ADAPTIVE_SPIKES] = spikes < SPIKES_MAX ? spikes : 0;
  if (spikes === SPIKES_MAX) begin(s, slot, k);
  return spikes < SPIKES_MAX;
}

/** The first packet, or a new path: what was known is forgotten. */
function begin(s: state.PlayoutState, slot: number, k: number): void {
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  s.delays.reset(slot);
  p[base + state.ADAPTIVE_CURRENT_MS] = s.runDelaysMs[k]! + START_MS;
  p[base + state.ADAPTIVE_ACCEPTED_MS] = s.runDelaysMs[k]!;
  p[base + state.ADAPTIVE_SPREAD_MS] = 0;
  p[base + state.ADAPTIVE_CHANGED_US] = s.runTimesUs[k]!;
}

/** Plays packets whose delays are in the history: is each there in time, and does the delay take a step after it? */
function playSlots(
  table: StreamColumns,
  slot: number,
  from: number,
  to: number,
  first: number,
  how: number,
  frameMs: number,
): void {
  const s = table.playout;
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const { runDelaysMs: delays, runLowsMs: lows, runHighsMs: highs } = s;
  let current = p[base + state.ADAPTIVE_CURRENT_MS]!;
  let sum = p[base + state.ADAPTIVE_SUM_MS]!;
  for (let k = from; k < to; k++) {
    const delay = delays[k]!;
    const low = lows[k]!;
    sum += current - low;
    const target = low + Math.min(TARGET_MAX_MS, highs[k]! - low + EXTRA_MS);
    const inTime = delay <= current + frameMs && current - delay < FULL_MS;
    if (inTime && target <= current && target >= current - EXTRA_MS) continue;
    if (!inTime) {
      const counter = base + (delay > current ? state.ADAPTIVE_LATE : state.ADAPTIVE_EARLY);
      p[counter] = p[counter]! + 1;
    }
    const step = how === REORDERED ? 0 : stepToward(s, slot, k, target - current, current - delay);
    p[base + state.ADAPTIVE_CURRENT_MS] = current += step * frameMs;
    if (step > 0) p[base + state.ADAPTIVE_CONCEALED_MS] = p[base + state.ADAPTIVE_CONCEALED_MS]! + frameMs;
    if (step < 0 && inTime) p[base + state.ADAPTIVE_DROPPED] = p[base + state.ADAPTIVE_DROPPED]! + 1;
    if ((!inTime || step < 0) && s.scoreModel === state.MODEL_ADAPTIVE) markDropped(table, slot, first + k);
  }
  p[base + state.ADAPTIVE_ACCEPTED_MS] = delays[to - 1]!;
  p[base + state.ADAPTIVE_SPREAD_MS] = highs[to - 1]! - lows[to - 1]!;
  p[base + state.ADAPTIVE_DEPTH_MS] = current - lows[to - 1]!;
  p[base + state.ADAPTIVE_SUM_MS] = sum;
}

/**
 * One step toward the target, a frame long: up by playing an invented one, down by dropping one.
 * @param gapMs target less delay in force
 * @param spareMs how long the packet at hand waits
 * @returns 1, -1, or 0 when it is too soon
 */
function stepToward(s: state.PlayoutState, slot: number, k: number, gapMs: number, spareMs: number): number {
  const p = s.doubles;
  const changed = slot * state.DOUBLES_PER_STREAM + state.ADAPTIVE_CHANGED_US;
  const sinceUs = s.runTimesUs[k]! - p[changed]!;
  const bufferedMs = Math.max(0, spareMs);
  if (gapMs > 0) {
    if (sinceUs < GROW_US && gapMs <= bufferedMs) return 0;
    p[changed] = s.runTimesUs[k]!;
    return 1;
  }
  if (gapMs >= -EXTRA_MS) return 0;
  if (sinceUs < SHRINK_US && (bufferedMs > 0 || sinceUs < SHRINK_EMPTY_US)) return 0;
  p[changed] = s.runTimesUs[k]!;
  return -1;
}
