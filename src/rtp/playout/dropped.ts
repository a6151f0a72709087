import type { StreamColumns } from '../stream-columns.ts';
import * as row from '../stream-row.ts';
import { DROPPED_WORDS } from './state.ts';

/** Notes that the score's model discarded a packet, for the verdict on its number to find. */
export function markDropped(table: StreamColumns, slot: number, extended: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  // The verdict was "lost" and is not taken back: see RESTORED.
  if (extended < n[base + row.NEXT_FINAL]!) return;
  const { dropped } = table.playout;
  const word = slot * DROPPED_WORDS + ((extended >> 5) & (DROPPED_WORDS - 1));
  dropped[word] = dropped[word]! | (1 << (extended & 31));
  if (extended > n[base + row.LAST_DROPPED]!) n[base + row.LAST_DROPPED] = extended;
}

/** Whether the packet with this number was discarded. The note is gone afterwards. */
export function takeDropped(table: StreamColumns, slot: number, extended: number): boolean {
  const { dropped } = table.playout;
  const word = slot * DROPPED_WORDS + ((extended >> 5) & (DROPPED_WORDS - 1));
  const bit = 1 << (extended & 31);
  if ((dropped[word]! & bit) === 0) return false;
  dropped[word] = dropped[word]! & ~bit;
  return true;
}
