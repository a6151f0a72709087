/**
 * A buffer of fixed depth (standards 6, JB1): anchored at the first packet and again at every talkspurt, it plays a
 * packet `depth` after the anchor said it was due.
 */
import type { StreamColumns } from '../stream-columns.ts';
import { markDropped } from './dropped.ts';
import { SLACK_MS } from './slack.ts';
import * as state from './state.ts';

/** How the packets at hand came: consecutive and in order, as a new beginning, or one behind others. */
export const IN_RUN = 0;
export const NEW_START = 1;
export const REORDERED = 2;

/**
 * A packet due more than this before its turn finds no room; later than this is far late. Three in a row, one or the other,
 * move the anchor: after a stall, whose packets come all at once, a buffer that has started over in the midst of it would
 * have no room for whatever comes in time.
 */
const ROOM_MS = [100, 200];
const DEPTH_MS = [50, 200];
const RESYNC_PACKETS = 3;

/**
 * Clocks drift: an anchor older than this is renewed, so that a call without talkspurts does not run into its
 * buffer's end by skew alone.
 */
const ANCHOR_US = 60_000_000;

/**
 * Judges the packets at hand.
 * @param which 0 for 50 ms, 1 for 200 ms
 * @param first extended sequence number of the first of them
 */
export function playFixed(
  table: StreamColumns,
  slot: number,
  which: number,
  count: number,
  first: number,
  how: number,
): void {
  const s = table.playout;
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM + state.FIXED + which * state.FIXED_FIELDS;
  const { runDelaysMs: delays, runTimesUs: times } = s;
  const depth = DEPTH_MS[which]! + SLACK_MS;
  const room = ROOM_MS[which]! + SLACK_MS;
  const scored = s.scoreModel === state.MODEL_FIXED_50 + which;
  if (how === IN_RUN && fits(s, base, count, depth, room)) {
    p[base + state.ASTRAY] = 0;
    return;
  }
  for (let k = 0; k < count; k++) {
    const delay = delays[k]!;
    const time = times[k]!;
    if (how === NEW_START || (how === IN_RUN && time - p[base + state.ANCHORED_US]! >= ANCHOR_US)) {
      anchor(p, base, delay, time);
      continue;
    }
    const behind = delay - p[base + state.ANCHOR_MS]!;
    if (behind <= depth && behind >= -room) {
      p[base + state.ASTRAY] = 0;
      continue;
    }
    const run = how === IN_RUN ? astray(p[base + state.ASTRAY]!, behind, depth, room) : 0;
    if (Math.abs(run) >= RESYNC_PACKETS) {
      anchor(p, base, delay, time);
      continue;
    }
    p[base + state.ASTRAY] = run;
    const counter = base + (behind < 0 ? state.FIXED_EARLY : state.FIXED_LATE);
    p[counter] = p[counter]! + 1;
    if (scored) markDropped(table, slot, first + k);
  }
}

/** Counts the depth from this delay on. */
function anchor(p: Float64Array, base: number, delay: number, time: number): void {
  p[base + state.ANCHOR_MS] = delay;
  p[base + state.ANCHORED_US] = time;
  p[base + state.ASTRAY] = 0;
}

/** How many packets in a row, with this one, are far late, or (negative) find no room. */
function astray(before: number, behind: number, depth: number, room: number): number {
  if (behind < 0) return Math.min(0, before) - 1;
  return behind - depth > room ? Math.max(0, before) + 1 : 0;
}

/** Do all packets at hand come in time, with an anchor that need not be renewed? */
function fits(s: state.PlayoutState, base: number, count: number, depth: number, room: number): boolean {
  const p = s.doubles;
  const anchor = p[base + state.ANCHOR_MS]!;
  if (s.runTimesUs[count - 1]! - p[base + state.ANCHORED_US]! >= ANCHOR_US) return false;
  for (let k = 0; k < count; k++) {
    const behind = s.runDelaysMs[k]! - anchor;
    if (!(behind <= depth && behind >= -room)) return false;
  }
  return true;
}
