import type { IntervalCut } from '../records/interval-log.ts';
import type { StreamColumns } from './stream-columns.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** Below every extended number: no interval is waiting for its losses. */
export const NO_BOUNDARY = -0x80000000;

/** First extended number after the interval that waits for its verdicts, or `NO_BOUNDARY`. */
export function pendingBoundary(table: StreamColumns, slot: number): number {
  const waiting =
    table.doubles[slot * row.DOUBLES_PER_STREAM + row.PENDING_DUE_US] !== Number.POSITIVE_INFINITY;
  return waiting ? table.integers[slot * row.INTEGERS_PER_STREAM + row.PENDING_BOUNDARY]! : NO_BOUNDARY;
}

/**
 * The verdict frontier has reached the end of the pending interval: its losses are final, it goes into the log.
 * An interval in which nothing was due and nothing came is not worth a record.
 */
export function settleInterval(table: StreamTable, slot: number): void {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const cut: IntervalCut = {
    startUs: d[doubleBase + row.PENDING_START_US]!,
    durationMs: d[doubleBase + row.PENDING_DURATION_MS]!,
    packets: n[base + row.PENDING_PACKETS]!,
    expected: n[base + row.INTERVAL_EXPECTED]!,
    lost: n[base + row.INTERVAL_LOST]!,
    lossRuns: n[base + row.INTERVAL_RUNS]!,
    discarded: n[base + row.INTERVAL_DISCARDED]!,
    missedRuns: n[base + row.INTERVAL_EVENT_RUNS]!,
    jitterMs: orNull(d[doubleBase + row.PENDING_JITTER_MS]!),
    pdvP50Ms: orNull(d[doubleBase + row.PENDING_PDV50_MS]!),
    pdvP95Ms: orNull(d[doubleBase + row.PENDING_PDV_MS]!),
    pdvP99Ms: orNull(d[doubleBase + row.PENDING_PDV99_MS]!),
    ipdvP95Ms: orNull(d[doubleBase + row.PENDING_IPDV_MS]!),
    leastDelayMs: orNull(d[doubleBase + row.PENDING_LEAST_MS]!),
  };
  n[base + row.INTERVAL_EXPECTED] = 0;
  n[base + row.INTERVAL_LOST] = 0;
  n[base + row.INTERVAL_RUNS] = 0;
  n[base + row.INTERVAL_DISCARDED] = 0;
  n[base + row.INTERVAL_EVENT_RUNS] = 0;
  d[doubleBase + row.PENDING_DUE_US] = Number.POSITIVE_INFINITY;
  d[doubleBase + row.NEXT_CHECK_US] = d[doubleBase + row.INTERVAL_END_US]!;
  if (cut.packets > 0 || cut.expected > 0) table.notesOf(slot).intervals.push(cut);
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
