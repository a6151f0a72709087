/**
 * A buffer in the manner of libwebrtc's NetEQ (standards 6, JB3): it turns jitter into delay and concealment, and
 * discards only what a later packet has overtaken for good.
 */
import type { StreamColumns } from '../stream-columns.ts';
import { markDropped } from './dropped.ts';
import { REORDERED } from './fixed.ts';
import { SLACK_MS } from './slack.ts';
import * as state from './state.ts';

const START_MS = 80;
const UPDATE_MS = 500;
/** Time stretching changes the delay by at most this share of a packet. */
const STRETCH = 0.1;
/** Three quarters of a buffer of 200 packets. */
const TARGET_PACKETS_MAX = 150;

/**
 * Judges the packets at hand.
 * @param frameMs length of a packet
 * @param firstUs capture time of the stream's first packet
 * @param first extended sequence number of the first of them
 */
export function playNetEq(
  table: StreamColumns,
  slot: number,
  count: number,
  first: number,
  how: number,
  frameMs: number,
  firstUs: number,
): void {
  const s = table.playout;
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const { runDelaysMs: delays, runTimesUs: times } = s;
  const scored = s.scoreModel === state.MODEL_NETEQ;
  if (p[base + state.JUDGED] === 0) begin(s, slot, (times[0]! - firstUs) * 0.001 - delays[0]!);
  const stretchMs = STRETCH * frameMs;
  const targetMaxMs = TARGET_PACKETS_MAX * frameMs;
  let current = p[base + state.NETEQ_CURRENT_MS]!;
  let target = Math.min(targetMaxMs, wantedMs(p, base));
  let sum = p[base + state.NETEQ_SUM_MS]!;
  let blockMs = p[base + state.NETEQ_BLOCK_MS]!;
  let blockLeast = p[base + state.NETEQ_BLOCK_LEAST_MS]!;
  let least = p[base + state.NETEQ_LEAST_MS]!;
  let peak = p[base + state.NETEQ_PEAK_MS]!;
  let updateMs = p[base + state.NETEQ_UPDATE_MS]!;
  for (let k = 0; k < count; k++) {
    const delay = delays[k]!;
    const mediaMs = (times[k]! - firstUs) * 0.001 - delay;
    const inBlockMs = mediaMs + SLACK_MS - blockMs;
    if (!(inBlockMs >= 0 && inBlockMs < BLOCK_MS)) {
      p[base + state.NETEQ_BLOCK_LEAST_MS] = blockLeast;
      p[base + state.NETEQ_LEAST_MS] = least;
      enterBlock(p, base, mediaMs + SLACK_MS);
      blockMs = p[base + state.NETEQ_BLOCK_MS]!;
      blockLeast = p[base + state.NETEQ_BLOCK_LEAST_MS]!;
      least = p[base + state.NETEQ_LEAST_MS]!;
    }
    if (delay < blockLeast) {
      blockLeast = delay;
      if (delay < least) least = delay;
    }
    const lateness = delay - least;
    sum += current;
    if (how === REORDERED) {
      const reordered = s.netEq.updateReordered(slot, lateness, p[base + state.NETEQ_TARGET_MS]!);
      p[base + state.NETEQ_REORDER_TARGET_MS] = reordered;
      // Its successor's turn has come and gone.
      if (lateness > current + frameMs) {
        p[base + state.NETEQ_LATE] = p[base + state.NETEQ_LATE]! + 1;
        if (scored) markDropped(table, slot, first + k);
      }
      continue;
    }
    if (lateness > peak) peak = lateness;
    if (mediaMs + SLACK_MS >= updateMs) {
      updateTarget(s, slot, peak);
      target = Math.min(targetMaxMs, wantedMs(p, base));
      peak = 0;
      updateMs = mediaMs + UPDATE_MS;
    }
    if (lateness > current) {
      // The listener hears invented sound until the packet is there; then it is played, and all after it later.
      p[base + state.NETEQ_CONCEALED_MS] = p[base + state.NETEQ_CONCEALED_MS]! + lateness - current;
      current = lateness;
    }
    if (target > current) {
      const step = Math.min(target - current, stretchMs);
      p[base + state.NETEQ_STRETCHED_MS] = p[base + state.NETEQ_STRETCHED_MS]! + step;
      current += step;
    } else if (target < current) {
      const step = Math.min(current - target, stretchMs);
      p[base + state.NETEQ_ACCELERATED_MS] = p[base + state.NETEQ_ACCELERATED_MS]! + step;
      current -= step;
    }
  }
  p[base + state.NETEQ_CURRENT_MS] = current;
  p[base + state.NETEQ_SUM_MS] = sum;
  p[base + state.NETEQ_BLOCK_LEAST_MS] = blockLeast;
  p[base + state.NETEQ_LEAST_MS] = least;
  p[base + state.NETEQ_PEAK_MS] = peak;
  p[base + state.NETEQ_UPDATE_MS] = updateMs;
}

function wantedMs(p: Float64Array, base: number): number {
  return Math.max(p[base + state.NETEQ_TARGET_MS]!, p[base + state.NETEQ_REORDER_TARGET_MS]!);
}

function begin(s: state.PlayoutState, slot: number, mediaMs: number): void {
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  p[base + state.NETEQ_CURRENT_MS] = START_MS;
  p[base + state.NETEQ_TARGET_MS] = START_MS;
  p[base + state.NETEQ_UPDATE_MS] = mediaMs + UPDATE_MS;
  forgetBlocks(p, base, mediaMs);
}

/** Lateness is measured against the fastest packet of the last 2 s of media: the block at hand and seven before it. */
const BLOCK_MS = 250;

/** The packet is not of the media time at hand: the next block begins. */
function enterBlock(p: Float64Array, base: number, mediaMs: number): void {
  const inBlockMs = mediaMs - p[base + state.NETEQ_BLOCK_MS]!;
  // A little before: a late one of the block before this. It is measured against the same.
  if (inBlockMs < 0 && inBlockMs >= -state.NETEQ_BLOCKS * BLOCK_MS) return;
  if (!(inBlockMs >= 0 && inBlockMs < state.NETEQ_BLOCKS * BLOCK_MS)) {
    forgetBlocks(p, base, mediaMs);
    return;
  }
  for (let passed = inBlockMs; passed >= BLOCK_MS; passed -= BLOCK_MS) {
    const place = p[base + state.NETEQ_PLACE]!;
    p[base + state.NETEQ_BLOCK_LEASTS + place] = p[base + state.NETEQ_BLOCK_LEAST_MS]!;
    p[base + state.NETEQ_PLACE] = place + 1 === state.NETEQ_BLOCKS ? 0 : place + 1;
    p[base + state.NETEQ_BLOCK_LEAST_MS] = Number.POSITIVE_INFINITY;
    p[base + state.NETEQ_BLOCK_MS] = p[base + state.NETEQ_BLOCK_MS]! + BLOCK_MS;
  }
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < state.NETEQ_BLOCKS; i++) {
    const each = p[base + state.NETEQ_BLOCK_LEASTS + i]!;
    if (each < least) least = each;
  }
  p[base + state.NETEQ_LEAST_MS] = least;
}

/** The beginning, or media time that ran far ahead or back: there is nothing to compare with. */
function forgetBlocks(p: Float64Array, base: number, mediaMs: number): void {
  const blocks = base + state.NETEQ_BLOCK_LEASTS;
  p.fill(Number.POSITIVE_INFINITY, blocks, blocks + state.NETEQ_BLOCKS);
  p[base + state.NETEQ_BLOCK_LEAST_MS] = Number.POSITIVE_INFINITY;
  p[base + state.NETEQ_LEAST_MS] = Number.POSITIVE_INFINITY;
  p[base + state.NETEQ_BLOCK_MS] = mediaMs;
}

function updateTarget(s: state.PlayoutState, slot: number, peakMs: number): void {
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  const updates = p[base + state.NETEQ_UPDATES]!;
  p[base + state.NETEQ_TARGET_MS] = s.netEq.update(slot, peakMs, updates);
  p[base + state.NETEQ_UPDATES] = updates + 1;
}
