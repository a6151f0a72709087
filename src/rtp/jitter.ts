import { addDelay, breakDelay, closeDelayWindow, PAUSE_STEP_MS } from './delay-variation.ts';
import { noteSpike, noteStep, SPIKE_STEP_MS } from './happenings.ts';
import { addToBucket, HISTOGRAM_STRIDE, jitterBucket } from './histograms.ts';
import { addIpdv } from './ipdv.ts';
import { KIND_AUDIO, KIND_COMFORT_NOISE, KIND_OTHER } from './payload-types.ts';
import { IN_RUN, NEW_START, REORDERED } from './playout/fixed.ts';
import { playOne } from './playout/play.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';

/** The running estimator is still climbing before this packet of a talkspurt: it stays out of the aggregates. */
export const WARM_UP_PACKETS = 33;
/** Fewer consecutive pairs than this do not tell the frame length. */
const FRAME_PAIRS_MIN = 4;

/** Keeps the longest time between two arrivals. */
export function noteArrival(table: StreamTable, slot: number, timeUs: number): void {
  const d = table.doubles;
  const base = slot * row.DOUBLES_PER_STREAM;
  const deltaMs = (timeUs - d[base + row.LAST_US]!) * 0.001;
  if (deltaMs > d[base + row.MAX_DELTA_MS]!) d[base + row.MAX_DELTA_MS] = deltaMs;
  d[base + row.LAST_US] = timeUs;
}

/** Counts one jitter value in its bucket. */
export function countJitter(table: StreamTable, slot: number, bucket: number): void {
  const notes = table.notesOf(slot);
  const base = slot * HISTOGRAM_STRIDE;
  notes.jitterHigh = addToBucket(table.jitterCounts, base, bucket, 1, notes.jitterHigh);
}

/**
 * RFC 3550 A.8 to the letter, for one received packet of any kind but telephone-event: copies and late packets
 * included, arrival rounded to ticks relative to the first packet.
 *
 * The caller leaves out pairs whose clock rates differ by `restartLiteralJitter`.
 */
export function updateLiteralJitter(
  table: StreamTable,
  slot: number,
  timeUs: number,
  timestamp: number,
): void {
  const d = table.doubles;
  const n = table.integers;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const msPerTick = d[base + row.MS_PER_TICK]!;
  const arrivalTicks = Math.round((timeUs - d[base + row.FIRST_US]!) * d[base + row.TICKS_PER_US]!);
  const transit = (arrivalTicks - timestamp) | 0;
  let jitter = d[base + row.RFC_JITTER_MS]!;
  if (n[intBase + row.RFC_HAS_TRANSIT] !== 0) {
    const difference = (transit - n[intBase + row.RFC_TRANSIT]!) | 0;
    const ticks = difference < 0 ? -difference : difference;
    jitter += (ticks * msPerTick - jitter) * 0.0625;
    d[base + row.RFC_JITTER_MS] = jitter;
    if (jitter > d[base + row.RFC_JITTER_MAX_MS]!) d[base + row.RFC_JITTER_MAX_MS] = jitter;
  }
  n[intBase + row.RFC_TRANSIT] = transit;
  n[intBase + row.RFC_HAS_TRANSIT] = 1;
  n[intBase + row.RFC_JITTER_COUNT] = n[intBase + row.RFC_JITTER_COUNT]! + 1;
  d[base + row.RFC_JITTER_SUM_MS] = d[base + row.RFC_JITTER_SUM_MS]! + jitter;
}

/** The next packet has no predecessor to compare with: the clock rate or the timestamps changed. */
export function restartLiteralJitter(table: StreamTable, slot: number): void {
  table.integers[slot * row.INTEGERS_PER_STREAM + row.RFC_HAS_TRANSIT] = 0;
}

/**
 * Jitter by Deviation D2 (standards 1.4) and relative delay for one in-order packet.
 *
 * Comfort noise and silence descriptors change nothing but `AFTER_SILENCE`; a talkspurt start, a timestamp jump or
 * a first packet becomes the new reference without an update; everything else updates, whatever its size.
 */
export function measureInOrder(
  table: StreamTable,
  slot: number,
  timeUs: number,
  timestamp: number,
  sequence: number,
  marker: number,
  silent: boolean,
): void {
  const d = table.doubles;
  const n = table.integers;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const kind = n[intBase + row.KIND]!;
  if (kind === KIND_COMFORT_NOISE || (silent && kind !== KIND_OTHER)) {
    n[intBase + row.AFTER_SILENCE] = 1;
    return;
  }
  if (kind !== KIND_AUDIO && kind !== KIND_OTHER) return;
  const run = n[intBase + row.RUN_PACKETS]!;
  if (run === 0) {
    if (table.notesOf(slot).leastDelays.length > 0) breakDelay(table, slot);
    takeReference(table, slot, timeUs, timestamp, sequence);
    n[intBase + row.RUN_PACKETS] = 1;
    n[intBase + row.AFTER_SILENCE] = 0;
    addDelay(table, slot, d[base + row.LAST_DELAY_MS]!, timeUs);
    playOne(table, slot, d[base + row.LAST_DELAY_MS]!, timeUs, sequence, NEW_START);
    return;
  }
  const msPerTick = d[base + row.MS_PER_TICK]!;
  const ticks = (timestamp - n[intBase + row.REFERENCE_TIMESTAMP]!) | 0;
  const numbers = sequence - n[intBase + row.REFERENCE_SEQUENCE]!;
  const frame = n[intBase + row.FRAME_TICKS]!;
  const delayStepMs = (timeUs - d[base + row.REFERENCE_US]!) * 0.001 - ticks * msPerTick;

  if (
    numbers === 1 &&
    marker === 0 &&
    (frame !== ticks || n[intBase + row.FRAME_MATCHES] !== row.FRAME_RING_SIZE)
  ) {
    noteFrame(n, intBase, ticks);
  }
  const talkspurt =
    marker !== 0 || n[intBase + row.AFTER_SILENCE] !== 0 || skipsSilence(ticks, numbers, frame);
  if (talkspurt || (frame !== 0 && isJump(ticks, numbers, frame, msPerTick))) {
    if (!talkspurt) table.notesOf(slot).timestampJumps++;
    rebase(table, slot, timeUs, timestamp, sequence, delayStepMs);
    return;
  }
  // The step of a pausing sender and the first packet out of a stalled network look alike; see there.
  if (delayStepMs > PAUSE_STEP_MS && numbers === 1) {
    closeDelayWindow(table, slot);
    table.notesOf(slot).delayStepped = true;
    noteStep(table, slot);
  }
  if (delayStepMs > SPIKE_STEP_MS) noteSpike(table, slot, timeUs, delayStepMs);
  const deviation = delayStepMs < 0 ? -delayStepMs : delayStepMs;
  const jitter = d[base + row.JITTER_MS]! + (deviation - d[base + row.JITTER_MS]!) * 0.0625;
  d[base + row.JITTER_MS] = jitter;
  n[intBase + row.RUN_PACKETS] = run + 1;
  if (run + 1 >= WARM_UP_PACKETS) {
    if (jitter > d[base + row.JITTER_MAX_MS]!) d[base + row.JITTER_MAX_MS] = jitter;
    n[intBase + row.INTERVAL_JITTER_COUNT] = n[intBase + row.INTERVAL_JITTER_COUNT]! + 1;
    d[base + row.INTERVAL_JITTER_SUM_MS] = d[base + row.INTERVAL_JITTER_SUM_MS]! + jitter;
    countJitter(table, slot, jitterBucket(jitter));
  }
  const delay = d[base + row.LAST_DELAY_MS]! + delayStepMs;
  d[base + row.LAST_DELAY_MS] = delay;
  d[base + row.REFERENCE_US] = timeUs;
  n[intBase + row.REFERENCE_TIMESTAMP] = timestamp;
  n[intBase + row.REFERENCE_SEQUENCE] = sequence;
  if (numbers === 1) addIpdv(table, slot, delayStepMs);
  addDelay(table, slot, delay, timeUs);
  playOne(table, slot, delay, timeUs, sequence, IN_RUN);
}

/**
 * Do the timestamps skip time that no packet was sent for? Less than half a frame is no silence: it is a timestamp
 * taken from a clock, a frame that is no whole number of ticks (20 ms at 11025 Hz), or a longer frame.
 */
function skipsSilence(ticks: number, numbers: number, frame: number): boolean {
  return frame !== 0 && ticks - numbers * frame > frame / 2;
}

/** Up to so many numbers the frame length says exactly how far timestamps must have come. */
const EXACT_NUMBERS = 50;

/**
 * Timestamp off its sequence number by more than 8 frames and 0.2 s: the sender's clock jumped (D2). After a longer
 * hole, in which the frame length may have changed, by more than half of what the numbers stand for.
 */
function isJump(ticks: number, numbers: number, frame: number, msPerTick: number): boolean {
  const expected = numbers * frame;
  const off = Math.abs(ticks - expected);
  if (numbers > EXACT_NUMBERS && off <= expected / 2) return false;
  return off > 8 * frame && off * msPerTick > 200;
}

/** How far outside everything seen so far a delay may land and still be a delay, ms. */
const DELAY_ROOM_MS = 200;

/** Is this a delay like those seen so far, or later by at most `laterMs` more? */
function isAmongDelays(d: Float64Array, base: number, delay: number, laterMs: number): boolean {
  const least = Math.min(d[base + row.WINDOW_MIN_MS]!, d[base + row.STREAM_MIN_MS]!);
  const most = Math.max(d[base + row.WINDOW_MAX_MS]!, d[base + row.STREAM_MAX_MS]!);
  return delay >= least - DELAY_ROOM_MS && delay <= most + DELAY_ROOM_MS + laterMs;
}

/**
 * A new reference without a jitter update. Relative delay goes on across it where that gives a delay like those seen
 * so far: a talkspurt in step with the clock, or timestamps that skip what a stall had missed. Where it does not,
 * the timestamps jumped or stood still, and the delay is taken as unchanged.
 */
function rebase(
  table: StreamTable,
  slot: number,
  timeUs: number,
  timestamp: number,
  sequence: number,
  delayStepMs: number,
): void {
  const d = table.doubles;
  const n = table.integers;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const delay = d[base + row.LAST_DELAY_MS]! + delayStepMs;
  if (isAmongDelays(d, base, delay, 0)) d[base + row.LAST_DELAY_MS] = delay;
  else breakDelay(table, slot);
  takeReference(table, slot, timeUs, timestamp, sequence);
  n[intBase + row.RUN_PACKETS] = 1;
  n[intBase + row.AFTER_SILENCE] = 0;
  addDelay(table, slot, d[base + row.LAST_DELAY_MS]!, timeUs);
  playOne(table, slot, d[base + row.LAST_DELAY_MS]!, timeUs, sequence, NEW_START);
}

function takeReference(
  table: StreamTable,
  slot: number,
  timeUs: number,
  timestamp: number,
  sequence: number,
): void {
  table.doubles[slot * row.DOUBLES_PER_STREAM + row.REFERENCE_US] = timeUs;
  table.integers[slot * row.INTEGERS_PER_STREAM + row.REFERENCE_TIMESTAMP] = timestamp;
  table.integers[slot * row.INTEGERS_PER_STREAM + row.REFERENCE_SEQUENCE] = sequence;
}

/** A late first arrival: no jitter update (D2), but its delay is a delay like any other. */
export function measureReordered(
  table: StreamTable,
  slot: number,
  timeUs: number,
  timestamp: number,
  sequence: number,
): void {
  const d = table.doubles;
  const n = table.integers;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  if (n[intBase + row.RUN_PACKETS] === 0) return;
  const ticks = (timestamp - n[intBase + row.REFERENCE_TIMESTAMP]!) | 0;
  const elapsedMs = (timeUs - d[base + row.REFERENCE_US]!) / 1000;
  const delay = d[base + row.LAST_DELAY_MS]! + elapsedMs - ticks * d[base + row.MS_PER_TICK]!;
  // From before a jump of the timestamps: it cannot be faster than all others, nor later than the stream is old.
  const ageMs = (timeUs - d[base + row.FIRST_US]!) / 1000;
  if (!isAmongDelays(d, base, delay, ageMs)) return;
  addDelay(table, slot, delay, timeUs);
  playOne(table, slot, delay, timeUs, sequence, REORDERED);
}

/** Remembers one timestamp step between consecutive numbers and keeps the mode of the last 16 of them. */
function noteFrame(n: Int32Array, base: number, ticks: number): void {
  const ring = base + row.FRAME_RING;
  const at = n[base + row.FRAME_NEXT]!;
  n[ring + at] = ticks;
  n[base + row.FRAME_NEXT] = (at + 1) % row.FRAME_RING_SIZE;
  const pairs = Math.min(row.FRAME_RING_SIZE, n[base + row.FRAME_PAIRS]! + 1);
  n[base + row.FRAME_PAIRS] = pairs;
  let mode = 0;
  let most = 0;
  for (let i = 0; i < pairs; i++) {
    const candidate = n[ring + i]!;
    let count = 0;
    for (let j = 0; j < pairs; j++) if (n[ring + j] === candidate) count++;
    if (count > most) {
      most = count;
      mode = candidate;
    }
  }
  n[base + row.FRAME_MATCHES] = most;
  n[base + row.FRAME_TICKS] = pairs >= FRAME_PAIRS_MIN && mode > 0 ? mode : 0;
}
