import { NO_BOUNDARY, pendingBoundary, settleInterval } from './interval-settle.ts';
import { countRun } from './loss-runs.ts';
import { takeDropped } from './playout/dropped.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** RFC 3611 4.7.2: this many good packets in a row end a burst. */
export const GMIN = 16;

/** A number this far below the highest, unseen, is lost for good (standards D1). */
export const FINAL_DISTANCE = 100;

/**
 * Decides all open sequence numbers up to and including `last`, in sequence order: received or lost. Feeds the
 * loss runs, the bursts and the interval that each number was due in.
 *
 * Stretches of received packets are taken at once, so a clean stream costs next to nothing here.
 */
export function finalizeThrough(table: StreamTable, slot: number, last: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const clean = n[base + row.CLEAN_FROM]!;
  const dropped = n[base + row.LAST_DROPPED]!;
  let next = n[base + row.NEXT_FINAL]!;
  let boundary = pendingBoundary(table, slot);
  for (;;) {
    if (next === boundary) {
      settleInterval(table, slot);
      boundary = NO_BOUNDARY;
    }
    if (next > last) break;
    // A stretch of received numbers is taken at once: all of the clean run, or a full word of the bitmap.
    let received = 0;
    if (next <= dropped) received = 0;
    else if (next >= clean) received = last - next + 1;
    else if (n[base + row.SEEN + ((next >> 5) & 31)] === -1 && (next & 31) === 0) received = 32;
    if (boundary > next) received = Math.min(received, boundary - next);
    received = Math.min(received, last - next + 1);
    if (received > 0) {
      n[base + row.GOOD_RUN] = n[base + row.GOOD_RUN]! + received;
      n[base + row.INTERVAL_EXPECTED] = n[base + row.INTERVAL_EXPECTED]! + received;
      next += received;
      continue;
    }
    n[base + row.INTERVAL_EXPECTED] = n[base + row.INTERVAL_EXPECTED]! + 1;
    const seen = next >= clean || (n[base + row.SEEN + ((next >> 5) & 31)]! & (1 << (next & 31))) !== 0;
    if (!seen) recordLoss(table, slot, next);
    else n[base + row.GOOD_RUN] = n[base + row.GOOD_RUN]! + 1;
    if (next <= dropped && takeDropped(table, slot, next) && seen) recordDiscard(n, base, next);
    next++;
  }
  n[base + row.NEXT_FINAL] = next;
}

/**
 * One lost number. A cluster is a stretch of losses with fewer than GMIN good packets between any two; when it ends
 * it was a burst if it holds two losses or more, and an isolated loss of the gap otherwise.
 */
function recordLoss(table: StreamTable, slot: number, lost: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const good = n[base + row.GOOD_RUN]!;
  const firstEvent = n[base + row.CLUSTER_EVENTS] === 0;
  if (firstEvent || good >= GMIN) {
    closeCluster(n, base);
    n[base + row.CLUSTER_START] = lost;
  }
  n[base + row.CLUSTER_EVENTS] = n[base + row.CLUSTER_EVENTS]! + 1;
  if (good > 0 || firstEvent) {
    n[base + row.RUNS] = n[base + row.RUNS]! + 1;
    n[base + row.RUN_LENGTH] = 0;
    n[base + row.INTERVAL_RUNS] = n[base + row.INTERVAL_RUNS]! + 1;
  } else if (n[base + row.INTERVAL_LOST] === 0) {
    // The run began in the interval before: this one holds a part of it.
    n[base + row.INTERVAL_RUNS] = 1;
  }
  const run = n[base + row.RUN_LENGTH]! + 1;
  n[base + row.RUN_LENGTH] = run;
  countRun(table, slot, run, lost);
  if (run > n[base + row.LONGEST_RUN]!) n[base + row.LONGEST_RUN] = run;
  recordMissed(n, base, lost);
  n[base + row.EVENTS] = n[base + row.EVENTS]! + 1;
  n[base + row.INTERVAL_LOST] = n[base + row.INTERVAL_LOST]! + 1;
  n[base + row.LAST_EVENT] = lost;
  n[base + row.GOOD_RUN] = 0;
}

/** One packet that came, and that the listener misses all the same. */
function recordDiscard(n: Int32Array, base: number, discarded: number): void {
  recordMissed(n, base, discarded);
  n[base + row.DISCARDED] = n[base + row.DISCARDED]! + 1;
  n[base + row.INTERVAL_DISCARDED] = n[base + row.INTERVAL_DISCARDED]! + 1;
}

/** Runs of consecutive numbers that the listener misses, for the burst ratio of the score (G.107 7.5). */
function recordMissed(n: Int32Array, base: number, missed: number): void {
  if (missed !== n[base + row.LAST_MISSED]! + 1) {
    n[base + row.EVENT_RUNS] = n[base + row.EVENT_RUNS]! + 1;
    n[base + row.INTERVAL_EVENT_RUNS] = n[base + row.INTERVAL_EVENT_RUNS]! + 1;
  } else if (n[base + row.INTERVAL_EVENT_RUNS] === 0) {
    // The run began in the interval before: this one holds a part of it.
    n[base + row.INTERVAL_EVENT_RUNS] = 1;
  }
  n[base + row.LAST_MISSED] = missed;
}

/** Books the cluster that is open, if any. The caller starts a new one or ends the segment. */
export function closeCluster(n: Int32Array, base: number): void {
  const events = n[base + row.CLUSTER_EVENTS]!;
  if (events >= 2) {
    n[base + row.BURSTS] = n[base + row.BURSTS]! + 1;
    n[base + row.BURST_EVENTS] = n[base + row.BURST_EVENTS]! + events;
    n[base + row.BURST_PACKETS] =
      n[base + row.BURST_PACKETS]! + n[base + row.LAST_EVENT]! - n[base + row.CLUSTER_START]! + 1;
  }
  n[base + row.CLUSTER_EVENTS] = 0;
}
