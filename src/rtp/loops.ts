import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** So many copies in a row are no copies. */
const COPIES_MAX = 8;
/** They come no faster than at this share of the pace of audio. */
const PACE_RATIO = 0.5;

/**
 * A player that begins its recording again sends numbers that were all seen, with the timestamps they had. Copies that a
 * network or a mirror makes come among the packets that go on, or all at once; these come one after the other, at the
 * pace of audio, and nothing else does.
 *
 * @param extended number of a packet far behind, which was seen before, or lies before the first
 * @returns whether the sender has begun again
 */
export function isLoop(table: StreamTable, slot: number, extended: number, timeUs: number): boolean {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const highest = n[base + row.HIGHEST]!;
  const continues = n[base + row.COPY_NEXT] === extended && n[base + row.COPY_HIGHEST] === highest;
  if (!continues) d[doubleBase + row.COPY_SINCE_US] = timeUs;
  const run = continues ? n[base + row.COPY_RUN]! + 1 : 1;
  n[base + row.COPY_RUN] = run;
  n[base + row.COPY_NEXT] = extended + 1;
  n[base + row.COPY_HIGHEST] = highest;
  if (run <= COPIES_MAX) return false;
  const frameUs = n[base + row.FRAME_TICKS]! * d[doubleBase + row.MS_PER_TICK]! * 1000;
  return timeUs - d[doubleBase + row.COPY_SINCE_US]! >= (run - 1) * frameUs * PACE_RATIO;
}
