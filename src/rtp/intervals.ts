import { closeDelayWindow, pdvPercentilesMs, readWindowPdv } from './delay-variation.ts';
import { closeIpdvWindow } from './ipdv.ts';
import { untieLiteralSource } from './literal-source.ts';
import { openHole } from './sequence.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';
import { finalizeThrough } from './verdicts.ts';

/** Length of a measurement interval: short enough that the worst moment of a call survives in it. */
export const INTERVAL_US = 5_000_000;

/** A lost number is given up at the latest this long after its interval ended (standards D1). */
const FINAL_AFTER_US = 2_000_000;

/** Begins the interval bookkeeping of a stream whose first packet, number `first`, arrived at `timeUs`. */
export function startIntervals(table: StreamTable, slot: number, timeUs: number, first: number): void {
  table.integers[slot * row.INTEGERS_PER_STREAM + row.PENDING_BOUNDARY] = first;
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  d[base + row.INTERVAL_START_US] = timeUs;
  d[base + row.INTERVAL_END_US] = timeUs + INTERVAL_US;
  d[base + row.PENDING_DUE_US] = Number.POSITIVE_INFINITY;
  d[base + row.NEXT_CHECK_US] = timeUs + INTERVAL_US;
}

/**
 * Capture time has reached `NEXT_CHECK_US` with a packet of this stream: finishes the pending interval when its
 * time has come and cuts those that ended before the packet. Numbers lost across a cut belong to the interval in
 * which they were due, interpolated between the packets around the hole.
 *
 * @param hole how many numbers are missing before the packet (`holeBefore`)
 */
export function checkIntervals(table: StreamTable, slot: number, timeUs: number, hole: number): void {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  finishDue(table, slot, timeUs);
  if (timeUs < d[doubleBase + row.INTERVAL_END_US]!) return;
  const highest = n[base + row.HIGHEST]!;
  if (hole > 0) {
    untieLiteralSource(n, base);
    openHole(table, slot, highest + hole, timeUs);
  }
  const lastUs = d[doubleBase + row.LAST_US]!;
  while (timeUs >= d[doubleBase + row.INTERVAL_END_US]!) {
    const endUs = d[doubleBase + row.INTERVAL_END_US]!;
    // Number `highest + k` was due k/(hole+1) of the way between the packets around the hole.
    const due = Math.ceil(((endUs - lastUs) / (timeUs - lastUs)) * (hole + 1)) - 1;
    const boundary = highest + 1 + Math.min(hole, Math.max(0, due));
    if (n[base + row.INTERVAL_PACKETS] === 0 && boundary <= n[base + row.PENDING_BOUNDARY]!) {
      skipEmpty(d, doubleBase, timeUs);
      continue;
    }
    cutInterval(table, slot, boundary, INTERVAL_US / 1000);
  }
}

/** Nothing is open any more: goes straight to the interval that holds `timeUs`. */
function skipEmpty(d: Float64Array, base: number, timeUs: number): void {
  const startUs = d[base + row.INTERVAL_START_US]!;
  const skipped = Math.floor((timeUs - startUs) / INTERVAL_US);
  d[base + row.INTERVAL_START_US] = startUs + skipped * INTERVAL_US;
  d[base + row.INTERVAL_END_US] = startUs + (skipped + 1) * INTERVAL_US;
  d[base + row.NEXT_CHECK_US] = Math.min(d[base + row.INTERVAL_END_US]!, d[base + row.PENDING_DUE_US]!);
}

/**
 * Silence after which an interval is cut without waiting for the packet that would tell which numbers were due in
 * it. Longer than any outage that still counts as loss at usual packet rates.
 */
const SILENT_US = 60_000_000;

/**
 * Time has passed without a packet: finishes what is due, and cuts the interval of a stream that has long been
 * silent, so that it does not wait for ever. Called by the sweep.
 */
export function expireIntervals(table: StreamTable, slot: number, timeUs: number): void {
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const base = slot * row.INTEGERS_PER_STREAM;
  finishDue(table, slot, timeUs);
  if (timeUs < table.doubles[doubleBase + row.INTERVAL_END_US]! + SILENT_US) return;
  if (table.integers[base + row.INTERVAL_PACKETS] === 0) return;
  cutInterval(table, slot, table.integers[base + row.HIGHEST]! + 1, INTERVAL_US / 1000);
  finishDue(table, slot, timeUs);
}

function finishDue(table: StreamTable, slot: number, timeUs: number): void {
  if (table.doubles[slot * row.DOUBLES_PER_STREAM + row.PENDING_DUE_US]! > timeUs) return;
  finishPending(table, slot);
}

function finishPending(table: StreamTable, slot: number): void {
  const boundary = table.integers[slot * row.INTEGERS_PER_STREAM + row.PENDING_BOUNDARY]!;
  finalizeThrough(table, slot, boundary - 1);
}

/** Ends the interval in force before extended number `boundary` and lets it wait for its verdicts. */
function cutInterval(table: StreamTable, slot: number, boundary: number, durationMs: number): void {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  if (d[doubleBase + row.PENDING_DUE_US] !== Number.POSITIVE_INFINITY) finishPending(table, slot);
  const jitterCount = n[base + row.INTERVAL_JITTER_COUNT]!;
  const jitterSumMs = d[doubleBase + row.INTERVAL_JITTER_SUM_MS]!;
  const endUs = d[doubleBase + row.INTERVAL_END_US]!;
  d[doubleBase + row.PENDING_START_US] = d[doubleBase + row.INTERVAL_START_US]!;
  d[doubleBase + row.PENDING_DURATION_MS] = durationMs;
  d[doubleBase + row.PENDING_JITTER_MS] = jitterCount === 0 ? Number.NaN : jitterSumMs / jitterCount;
  readWindowPdv(table, slot);
  d[doubleBase + row.PENDING_PDV50_MS] = pdvPercentilesMs[0]!;
  d[doubleBase + row.PENDING_PDV_MS] = pdvPercentilesMs[1]!;
  d[doubleBase + row.PENDING_PDV99_MS] = pdvPercentilesMs[2]!;
  d[doubleBase + row.PENDING_IPDV_MS] = closeIpdvWindow(table, slot);
  d[doubleBase + row.PENDING_DUE_US] = endUs + FINAL_AFTER_US;
  n[base + row.PENDING_BOUNDARY] = Math.max(boundary, n[base + row.NEXT_FINAL]!);
  n[base + row.PENDING_PACKETS] = n[base + row.INTERVAL_PACKETS]!;
  d[doubleBase + row.PENDING_LEAST_MS] = closeDelayWindow(table, slot);
  n[base + row.INTERVAL_PACKETS] = 0;
  n[base + row.JITTER_COUNT] = n[base + row.JITTER_COUNT]! + jitterCount;
  d[doubleBase + row.JITTER_SUM_MS] = d[doubleBase + row.JITTER_SUM_MS]! + jitterSumMs;
  n[base + row.INTERVAL_JITTER_COUNT] = 0;
  d[doubleBase + row.INTERVAL_JITTER_SUM_MS] = 0;
  d[doubleBase + row.INTERVAL_START_US] = endUs;
  d[doubleBase + row.INTERVAL_END_US] = endUs + INTERVAL_US;
  d[doubleBase + row.NEXT_CHECK_US] = Math.min(endUs + INTERVAL_US, endUs + FINAL_AFTER_US);
}

/** The stream is over: cuts its last, shorter interval and settles everything. The segment must still be open. */
export function endIntervals(table: StreamTable, slot: number): void {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  if (d[doubleBase + row.PENDING_DUE_US] !== Number.POSITIVE_INFINITY) finishPending(table, slot);
  const lastUs = d[doubleBase + row.LAST_US]!;
  const startUs = d[doubleBase + row.INTERVAL_START_US]!;
  const durationMs = Math.max(0, Math.min(INTERVAL_US, lastUs - startUs)) / 1000;
  cutInterval(table, slot, n[base + row.HIGHEST]! + 1, durationMs);
  finishPending(table, slot);
}
