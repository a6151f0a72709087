import * as log from '../records/interval-log.ts';
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

/** The interval at hand, on its way into the log: an object of it would be a dozen allocations. */
const cut = new Float64Array(log.CUT_FIELDS);

/**
 * The verdict frontier has reached the end of the pending interval: its losses are final, it goes into the log.
 * An interval in which nothing was due and nothing came is not worth a record.
 */
export function settleInterval(table: StreamTable, slot: number): void {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const packets = n[base + row.PENDING_PACKETS]!;
  const expected = n[base + row.INTERVAL_EXPECTED]!;
  if (packets > 0 || expected > 0) {
    cut[log.START_US] = d[doubleBase + row.PENDING_START_US]!;
    cut[log.DURATION_MS] = d[doubleBase + row.PENDING_DURATION_MS]!;
    cut[log.PACKETS] = packets;
    cut[log.EXPECTED] = expected;
    cut[log.LOST] = n[base + row.INTERVAL_LOST]!;
    cut[log.LOSS_RUNS] = n[base + row.INTERVAL_RUNS]!;
    cut[log.DISCARDED] = n[base + row.INTERVAL_DISCARDED]!;
    cut[log.MISSED_RUNS] = n[base + row.INTERVAL_EVENT_RUNS]!;
    cut[log.JITTER_MS] = d[doubleBase + row.PENDING_JITTER_MS]!;
    cut[log.PDV_P50_MS] = d[doubleBase + row.PENDING_PDV50_MS]!;
    cut[log.PDV_P95_MS] = d[doubleBase + row.PENDING_PDV_MS]!;
    cut[log.PDV_P99_MS] = d[doubleBase + row.PENDING_PDV99_MS]!;
    cut[log.IPDV_P95_MS] = d[doubleBase + row.PENDING_IPDV_MS]!;
    cut[log.LEAST_DELAY_MS] = d[doubleBase + row.PENDING_LEAST_MS]!;
    table.notesOf(slot).intervals.append(cut);
  }
  n[base + row.INTERVAL_EXPECTED] = 0;
  n[base + row.INTERVAL_LOST] = 0;
  n[base + row.INTERVAL_RUNS] = 0;
  n[base + row.INTERVAL_DISCARDED] = 0;
  n[base + row.INTERVAL_EVENT_RUNS] = 0;
  d[doubleBase + row.PENDING_DUE_US] = Number.POSITIVE_INFINITY;
  d[doubleBase + row.NEXT_CHECK_US] = d[doubleBase + row.INTERVAL_END_US]!;
}
