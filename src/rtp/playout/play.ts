/** Hands the packets at hand to every playout model. */

import type { StreamColumns } from '../stream-columns.ts';
import * as row from '../stream-row.ts';
import { playAdaptive } from './adaptive.ts';
import { playFixed } from './fixed.ts';
import { playNetEq } from './neteq.ts';
import * as state from './state.ts';

/** Frame length as long as the stream's own is not known, ms: the usual one. */
const USUAL_FRAME_MS = 20;

/**
 * Plays `count` unique audio packets with consecutive numbers from `first` on, whose delays and arrivals stand in the
 * state's run arrays.
 * @param how `IN_RUN`, `NEW_START` (of a stream, a talkspurt, after a jump) or `REORDERED`
 */
export function play(table: StreamColumns, slot: number, count: number, first: number, how: number): void {
  const s = table.playout;
  const ticks = table.integers[slot * row.INTEGERS_PER_STREAM + row.FRAME_TICKS]!;
  const msPerTick = table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]!;
  const frameMs = ticks > 0 ? ticks * msPerTick : USUAL_FRAME_MS;
  const firstUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.FIRST_US]!;
  playFixed(table, slot, 0, count, first, how);
  playFixed(table, slot, 1, count, first, how);
  playAdaptive(table, slot, count, first, how, frameMs);
  playNetEq(table, slot, count, first, how, frameMs, firstUs);
  const judged = slot * state.DOUBLES_PER_STREAM + state.JUDGED;
  s.doubles[judged] = s.doubles[judged]! + count;
}

/** Relative delays are `byMs` less from now on (a sender's pause is taken out): so is all that was kept of them. */
export function shiftDelays(table: StreamColumns, slot: number, byMs: number): void {
  const s = table.playout;
  const p = s.doubles;
  const base = slot * state.DOUBLES_PER_STREAM;
  for (const which of [0, 1]) {
    const anchor = base + state.FIXED + which * state.FIXED_FIELDS + state.ANCHOR_MS;
    p[anchor] = p[anchor]! - byMs;
  }
  for (const field of [state.ADAPTIVE_CURRENT_MS, state.ADAPTIVE_ACCEPTED_MS]) {
    p[base + field] = p[base + field]! - byMs;
  }
  s.delays.shift(slot, byMs);
  for (const field of [state.NETEQ_LEAST_MS, state.NETEQ_BLOCK_LEAST_MS]) {
    p[base + field] = p[base + field]! - byMs;
  }
  for (let i = 0; i < state.NETEQ_BLOCKS; i++) {
    p[base + state.NETEQ_BLOCK_LEASTS + i] = p[base + state.NETEQ_BLOCK_LEASTS + i]! - byMs;
  }
  // Media time is arrival less delay.
  for (const field of [state.NETEQ_BLOCK_MS, state.NETEQ_UPDATE_MS]) {
    p[base + field] = p[base + field]! + byMs;
  }
}

/** Plays one packet. */
export function playOne(
  table: StreamColumns,
  slot: number,
  delayMs: number,
  timeUs: number,
  extended: number,
  how: number,
): void {
  table.playout.runDelaysMs[0] = delayMs;
  table.playout.runTimesUs[0] = timeUs;
  play(table, slot, 1, extended, how);
}
