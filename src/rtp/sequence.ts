import { forgetHoles, noteHole, noteRestart } from './happenings.ts';
import {
  MAX_DROPOUT,
  MAX_MISORDER,
  tieLiteralSource,
  untieLiteralSource,
  updateLiteralSource,
} from './literal-source.ts';
import { isLoop } from './loops.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';
import { closeCluster, FINAL_DISTANCE, finalizeThrough } from './verdicts.ts';

/** Verdicts are given with the packet so far above the lowest number without one: not for every packet. */
export const PACKETS_BETWEEN_VERDICTS = FINAL_DISTANCE + 33;

/** No jump waits for its confirmation. */
const NO_JUMP = -1;

/** What a packet is to the sequence accounting. The codes from RESTART on confirm a jump. */
export const IN_ORDER = 0;
export const REORDERED_PACKET = 1;
export const DUPLICATE = 2;
/** Below everything remembered: neither new nor known to be a copy. */
export const TOO_OLD = 3;
/** A jump that one more consecutive packet has to confirm. */
export const UNCONFIRMED_JUMP = 4;
export const RESTART = 5;
export const INTERRUPTION = 6;

/** How far a timestamp may be off its sequence number for a very late packet to still be one: ticks per number. */
const LATE_TOLERANCE_FRAMES = 4;

/** Up to so many numbers are missing whatever the timestamps say: a second of speech. */
const SHORT_HOLE = 50;

/** Starts a segment at `sequence` (accounting by D1). */
export function startSegment(table: StreamTable, slot: number, sequence: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  n[base + row.HIGHEST] = sequence;
  n[base + row.FIRST] = sequence;
  n[base + row.NEXT_FINAL] = sequence;
  n.fill(0, base + row.SEEN, base + row.SEEN + row.SEEN_WORDS);
  n[base + row.CLEAN_FROM] = sequence;
  n[base + row.GOOD_RUN] = 0;
  n[base + row.LAST_MISSED] = row.NO_NUMBER;
  n[base + row.LAST_DROPPED] = row.NO_NUMBER;
  n[base + row.JUMP_SEQUENCE] = NO_JUMP;
  n[base + row.COPY_NEXT] = row.NO_NUMBER;
  forgetHoles(table, slot);
}

/**
 * Accounts for one packet of a stream (standards 1.2, Deviation D1) and, beside it, for the literal source of
 * RFC 3550 A.1. On a confirmed jump the segment is closed and a new one begun with both packets of the new run.
 *
 * @param timestamp and @param timeUs decide between a restart, an interruption and a very late packet
 * @returns one of the codes above; `HIGHEST` is the packet's extended number when it is `IN_ORDER`
 */
export function trackSequence(
  table: StreamTable,
  slot: number,
  sequence: number,
  timestamp: number,
  timeUs: number,
): number {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const extended = n[base + row.HIGHEST]! + 1;
  if (((sequence - extended) & 0xffff) === 0 && n[base + row.RFC_TIED] === 1) {
    takeInOrder(table, slot, extended);
    return IN_ORDER;
  }
  untieLiteralSource(n, base);
  updateLiteralSource(n, base, sequence);
  const status = trackIrregular(table, slot, sequence, timestamp, timeUs);
  tieLiteralSource(n, base);
  return status;
}

/** Number `extended` is the new highest; everything between is known to be unseen. */
export function takeInOrder(table: StreamTable, slot: number, extended: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  n[base + row.HIGHEST] = extended;
  if (extended - n[base + row.NEXT_FINAL]! >= PACKETS_BETWEEN_VERDICTS) {
    finalizeThrough(table, slot, extended - FINAL_DISTANCE - 1);
  }
}

function trackIrregular(
  table: StreamTable,
  slot: number,
  sequence: number,
  timestamp: number,
  timeUs: number,
): number {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const highest = n[base + row.HIGHEST]!;
  const ahead = (sequence - highest) & 0xffff;
  const hole = holeBefore(table, slot, sequence, timestamp, timeUs);
  if (ahead === hole + 1) {
    if (hole > 0) openHole(table, slot, highest + hole, timeUs);
    takeInOrder(table, slot, highest + ahead);
    return IN_ORDER;
  }
  const behind = (highest - sequence) & 0xffff;
  if (behind < row.SEEN_BITS && isPlausiblyLate(n, base, behind, timestamp)) {
    const late = trackLate(table, slot, highest - behind);
    const isOld = behind >= MAX_MISORDER && (late === DUPLICATE || late === TOO_OLD);
    if (!isOld || !isLoop(table, slot, highest - behind, timeUs)) {
      if (late === DUPLICATE) n[base + row.DUPLICATES] = n[base + row.DUPLICATES]! + 1;
      else if (late === TOO_OLD) table.notesOf(slot).tooOld++;
      return late;
    }
  }
  return trackJump(table, slot, sequence, timestamp, timeUs, ahead);
}

/**
 * How many numbers between the highest and a packet are missing: below 3000 all of them (A.1), unless nobody sent them;
 * 0 when it is no packet in order.
 */
export function holeBefore(
  table: StreamTable,
  slot: number,
  sequence: number,
  timestamp: number,
  timeUs: number,
): number {
  const ahead = (sequence - table.integers[slot * row.INTEGERS_PER_STREAM + row.HIGHEST]!) & 0xffff;
  if (ahead <= 1 || ahead >= MAX_DROPOUT) return 0;
  const hole = ahead - 1;
  return hole > SHORT_HOLE && neverSent(table, slot, ahead, timestamp, timeUs) ? 0 : hole;
}

/**
 * Does the sender start over close ahead of where it was, as after a transfer? So many packets would have taken time,
 * on its own clock and at the tap. Where not half of that has passed on either, nobody sent them. A.1 would call
 * them lost, and the literal source does.
 */
function neverSent(
  table: StreamTable,
  slot: number,
  ahead: number,
  timestamp: number,
  timeUs: number,
): boolean {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const due = ahead * n[base + row.FRAME_TICKS]!;
  const msPerTick = d[doubleBase + row.MS_PER_TICK]!;
  // What came since the reference without being audio tells nothing of its clock.
  if (due === 0 || msPerTick === 0 || n[base + row.AFTER_SILENCE] === 1) return false;
  const elapsedMs = (timeUs - d[doubleBase + row.LAST_US]!) / 1000;
  const ticks = (timestamp - n[base + row.REFERENCE_TIMESTAMP]!) | 0;
  return elapsedMs < (due * msPerTick) / 2 && Math.abs(ticks - due) > due / 2;
}

/**
 * Takes the numbers after the highest, up to and including `through`, as unseen: a packet with a later number is
 * here, at `timeUs`. Numbers that fall out of the bitmap by this get their verdict first.
 */
export function openHole(table: StreamTable, slot: number, through: number, timeUs: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const highest = n[base + row.HIGHEST]!;
  const beforeUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.LAST_US]!;
  noteHole(table, slot, highest + 1, through, beforeUs, timeUs);
  // One more than `through` arrives next: what it pushes out must be decided, too.
  const oldest = through + 1 - row.SEEN_BITS + 1;
  if (n[base + row.NEXT_FINAL]! < oldest) finalizeThrough(table, slot, Math.min(highest, oldest - 1));
  writeSeen(n, base);
  clearSeen(n, base, highest + 1, Math.min(through, highest + row.SEEN_BITS));
  n[base + row.HIGHEST] = through;
  n[base + row.CLEAN_FROM] = through + 1;
  // Numbers of the hole itself that the bitmap cannot hold are lost by now.
  if (n[base + row.NEXT_FINAL]! < oldest) finalizeThrough(table, slot, oldest - 1);
}

/** Brings the bitmap up to date: the clean run up to HIGHEST is written, at most as much of it as the bitmap holds. */
function writeSeen(n: Int32Array, base: number): void {
  const highest = n[base + row.HIGHEST]!;
  let number = Math.max(n[base + row.CLEAN_FROM]!, highest - row.SEEN_BITS + 1);
  while (number <= highest) {
    const word = base + row.SEEN + ((number >> 5) & 31);
    if ((number & 31) === 0 && highest - number >= 31) {
      n[word] = -1;
      number += 32;
    } else {
      n[word] = n[word]! | (1 << (number & 31));
      number++;
    }
  }
  n[base + row.CLEAN_FROM] = highest + 1;
}

function clearSeen(n: Int32Array, base: number, from: number, through: number): void {
  for (let number = from; number <= through; number++) {
    const word = base + row.SEEN + ((number >> 5) & 31);
    n[word] = n[word]! & ~(1 << (number & 31));
  }
}

/**
 * Packets up to 99 behind are late or copies (A.1). Farther back the sequence number alone cannot tell a very late
 * packet from a sender that restarted close by: the timestamp does, since it must lie as far back as the number.
 */
function isPlausiblyLate(n: Int32Array, base: number, behind: number, timestamp: number): boolean {
  if (behind < MAX_MISORDER) return true;
  const frame = n[base + row.FRAME_TICKS]!;
  if (frame === 0) return false;
  const ticksBack = (n[base + row.REFERENCE_TIMESTAMP]! - timestamp) | 0;
  return Math.abs(ticksBack - behind * frame) <= (LATE_TOLERANCE_FRAMES + behind * 0.1) * frame;
}

/** A number at or below the highest: a copy when it was seen, a late first arrival when not. Copies are the caller's to count. */
function trackLate(table: StreamTable, slot: number, extended: number): number {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  writeSeen(n, base);
  if (extended < n[base + row.FIRST]!) {
    // Sent before what we took for the first packet. Only at the very start can that be true.
    const early =
      n[base + row.FIRST]! - extended < MAX_MISORDER &&
      n[base + row.HIGHEST]! - n[base + row.FIRST]! < 100 &&
      n[base + row.NEXT_FINAL] === n[base + row.FIRST];
    if (!early) return TOO_OLD;
    n[base + row.FIRST] = extended;
    n[base + row.NEXT_FINAL] = extended;
  }
  const word = base + row.SEEN + ((extended >> 5) & 31);
  const bit = 1 << (extended & 31);
  if ((n[word]! & bit) !== 0) return DUPLICATE;
  // More than 100 behind it is final-lost: booked as such before the late packet fills its bit.
  if (n[base + row.HIGHEST]! - extended > FINAL_DISTANCE) finalizeThrough(table, slot, extended);
  if (extended < n[base + row.NEXT_FINAL]!) n[base + row.RESTORED] = n[base + row.RESTORED]! + 1;
  n[word] = n[word]! | bit;
  n[base + row.REORDERED] = n[base + row.REORDERED]! + 1;
  return REORDERED_PACKET;
}

/** A jump, forward or back: believed when the next packet continues it (A.1 rule 3). */
function trackJump(
  table: StreamTable,
  slot: number,
  sequence: number,
  timestamp: number,
  timeUs: number,
  ahead: number,
): number {
  const n = table.integers;
  const d = table.doubles;
  const base = slot * row.INTEGERS_PER_STREAM;
  const doubleBase = slot * row.DOUBLES_PER_STREAM;
  const notes = table.notesOf(slot);
  const expectedNext = n[base + row.JUMP_SEQUENCE]!;
  if (sequence !== expectedNext) {
    if (expectedNext !== NO_JUMP) notes.stray++;
    n[base + row.JUMP_SEQUENCE] = (sequence + 1) & 0xffff;
    d[doubleBase + row.JUMP_US] = timeUs;
    return UNCONFIRMED_JUMP;
  }
  const interruption = ahead >= MAX_DROPOUT && keptPace(table, slot, timestamp, timeUs);
  if (interruption) {
    notes.interruptions++;
    // A clock that was set back in between leaves no time to count.
    const silentUs = Math.max(0, d[doubleBase + row.JUMP_US]! - d[doubleBase + row.LAST_US]!);
    d[doubleBase + row.INTERRUPTED_MS] = d[doubleBase + row.INTERRUPTED_MS]! + silentUs / 1000;
  } else {
    notes.restarts++;
    noteRestart(table, slot, d[doubleBase + row.JUMP_US]!);
  }
  closeSegment(table, slot);
  const first = (sequence - 1) & 0xffff;
  startSegment(table, slot, first);
  n[base + row.HIGHEST] = first + 1;
  notes.segments++;
  return interruption ? INTERRUPTION : RESTART;
}

/** Did media time run on with the clock over a dropout, within 10 %? */
function keptPace(table: StreamTable, slot: number, timestamp: number, timeUs: number): boolean {
  const n = table.integers;
  const d = table.doubles;
  const msPerTick = d[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]!;
  if (msPerTick === 0) return false;
  const elapsedMs = (timeUs - d[slot * row.DOUBLES_PER_STREAM + row.LAST_US]!) / 1000;
  const ticks = (timestamp - n[slot * row.INTEGERS_PER_STREAM + row.REFERENCE_TIMESTAMP]!) | 0;
  return Math.abs(ticks * msPerTick - elapsedMs) <= 0.1 * elapsedMs;
}

/** Ends the segment in force: all its numbers get their verdict and its totals are kept. */
export function closeSegment(table: StreamTable, slot: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const notes = table.notesOf(slot);
  const first = n[base + row.FIRST]!;
  const highest = n[base + row.HIGHEST]!;
  finalizeThrough(table, slot, highest);
  closeCluster(n, base);
  notes.closedExpected += highest - first + 1;
  n[base + row.HIGHEST] = first - 1;
  n[base + row.NEXT_FINAL] = first;
}
