import { GAP_US, noteGap } from './happenings.ts';
import type { RtpHeader } from './header.ts';
import { DUPLICATE, REORDERED_PACKET, RESTART, TOO_OLD } from './sequence.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/**
 * A time without packets has ended with this one: notes what fell into it. Called before the packet is measured.
 *
 * @param lastUs when the packet before came, and @param highest the highest number then
 * @param status what the packet is to the sequence accounting
 */
export function gapBefore(
  table: StreamTable,
  slot: number,
  header: RtpHeader,
  timeUs: number,
  lastUs: number,
  highest: number,
  status: number,
): void {
  if (status === DUPLICATE || status === TOO_OLD || status === REORDERED_PACKET) return;
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const endUs = status >= RESTART ? d[doubleBase + row.JUMP_US]! : timeUs;
  if (endUs - lastUs < GAP_US) return;
  const msPerTick = d[doubleBase + row.MS_PER_TICK]!;
  const ticks = (header.timestamp - n[base + row.REFERENCE_TIMESTAMP]!) | 0;
  const mediaMs = msPerTick > 0 ? ticks * msPerTick : Number.NaN;
  const missing = status >= RESTART ? -1 : n[base + row.HIGHEST]! - highest - 1;
  const marker = header.marker !== 0;
  noteGap(table, slot, lastUs, endUs, missing, mediaMs, marker, marker || n[base + row.AFTER_SILENCE] !== 0);
}
