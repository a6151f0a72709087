import type { PacketView } from '../packet/view.ts';
import { GAP_US, noteGap } from './happenings.ts';
import type { RtpHeader } from './header.ts';
import { NO_BOUNDARY, pendingBoundary } from './interval-settle.ts';
import { checkIntervals } from './intervals.ts';
import { measureInOrder, noteArrival, updateLiteralJitter } from './jitter.ts';
import { KEY_WORDS, ROW_WORDS } from './key-index.ts';
import type { RunOwner } from './lanes/lanes.ts';
import { fingerprint, isCopy, networkMark, type RecentPackets } from './mirror-copies.ts';
import { LOOK_MASK } from './payload-peek.ts';
import { KIND_AUDIO, KIND_OTHER } from './payload-types.ts';
import { hasNoHoles, isReceivedTo, measureRun, packetsToVerdicts } from './run.ts';
import { takeInOrder } from './sequence.ts';
import * as row from './stream-row.ts';
import type { StreamTable } from './stream-table.ts';
import { FINAL_DISTANCE } from './verdicts.ts';

/*
 * Nearly every packet of a call says nothing new but when it came: it is the next number, one frame further, of the
 * payload type and path of the one before. Such packets are not measured one by one. What the next one must look
 * like stands beside the stream's key, in the cache line that finding the stream has fetched; a packet that matches
 * leaves its arrival time and is done. ARRIVALS_SIZE of them are measured together, in a loop over local variables,
 * and so are fewer as soon as anything else happens to the stream or anybody asks about it. The loop takes exactly
 * the steps of the long way, so the result is the same to the last bit; a property test compares them.
 */

/** Sequence number of the next packet << 8 | arrivals that wait; `OFF` when the stream is not steady. */
const NEXT = KEY_WORDS;
const OFF = -1;
/** Timestamp of the next packet. */
const TIMESTAMP = KEY_WORDS + 1;
/** Ticks from one packet to the next << 16 | fingerprint of the newest packet, 0 while the long way remembers it. */
const FRAME = KEY_WORDS + 2;
/**
 * When payloads are looked at << 16 | most octets of a silence descriptor << 8 | payload type: the marker bit, above the
 * type, must not be set.
 */
const SHAPE = KEY_WORDS + 3;
const NETWORK = KEY_WORDS + 4;
/** Payload octets of the packets that wait. */
const OCTETS = KEY_WORDS + 5;

/** What `takeSteady` answers: taken, and with a payload that is due a look. */
export const NOT_TAKEN = 0;
export const TAKEN = 1;
export const TAKEN_TO_LOOK_AT = 2;

/** Takes a packet if it is the one that a steady stream sends next. Otherwise nothing is changed. */
export function takeSteady(table: StreamTable, slot: number, header: RtpHeader, view: PacketView): number {
  const { sequence, timestamp, payloadLength } = header;
  const kind = (header.marker << 7) | header.payloadType;
  const mark = networkMark(view);
  return takeNext(table, slot, sequence, timestamp, kind, payloadLength, mark, fingerprint(view), view);
}

/**
 * The same by the fields alone.
 *
 * @param kind marker bit and payload type, as they stand in the header
 * @param mark `networkMark` of the packet, and @param print its `fingerprint`
 * @param view has the capture time; a double among the arguments would be boxed on the heap
 */
export function takeNext(
  table: StreamTable,
  slot: number,
  sequence: number,
  timestamp: number,
  kind: number,
  octets: number,
  mark: number,
  print: number,
  view: PacketView,
): number {
  const words = table.keys.rows;
  const base = slot * ROW_WORDS;
  const next = words[base + NEXT]!;
  const shape = words[base + SHAPE]!;
  if (
    next >> 8 !== sequence ||
    words[base + TIMESTAMP] !== timestamp ||
    kind !== (shape & 0xff) ||
    octets <= ((shape >> 8) & 0xff) ||
    words[base + NETWORK] !== mark
  ) {
    return NOT_TAKEN;
  }
  const waiting = (next & 0xff) + 1;
  table.doubles[slot * row.DOUBLES_PER_STREAM + row.ARRIVALS + waiting - 1] = view.timeUs;
  words[base + NEXT] = (((sequence + 1) & 0xffff) << 8) | waiting;
  const frame = words[base + FRAME]! >> 16;
  words[base + TIMESTAMP] = (timestamp + frame) | 0;
  words[base + FRAME] = (frame << 16) | print;
  words[base + OCTETS] = words[base + OCTETS]! + octets;
  if (waiting === row.ARRIVALS_SIZE) measureFull(table, slot);
  return ((sequence - (shape >> 16)) & LOOK_MASK) === 0 ? TAKEN_TO_LOOK_AT : TAKEN;
}

/** From now on every packet takes the long way. What waits must have been measured. */
export function leaveSteady(table: StreamTable, slot: number): void {
  table.keys.rows[slot * ROW_WORDS + NEXT] = OFF;
}

/**
 * Asked after every packet that took the long way: is the stream steady now? Audio with a known clock,
 * 16 equal frames behind it, no silence pending, and the newest number the reference of all that is measured.
 */
export function enterSteady(table: StreamTable, slot: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const kind = n[base + row.KIND]!;
  const highest = n[base + row.HIGHEST]!;
  const frame = n[base + row.FRAME_TICKS]!;
  const steady =
    (kind === KIND_AUDIO || kind === KIND_OTHER) &&
    table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]! > 0 &&
    n[base + row.FRAME_MATCHES] === row.FRAME_RING_SIZE &&
    n[base + row.RFC_HAS_TRANSIT] === 1 &&
    n[base + row.RFC_TIED] === 1 &&
    n[base + row.AFTER_SILENCE] === 0 &&
    n[base + row.REFERENCE_SEQUENCE] === highest &&
    (frame << 16) >> 16 === frame;
  if (!steady) return;
  const words = table.keys.rows;
  const at = slot * ROW_WORDS;
  words[at + NEXT] = ((highest + 1) & 0xffff) << 8;
  words[at + TIMESTAMP] = (n[base + row.REFERENCE_TIMESTAMP]! + frame) | 0;
  words[at + FRAME] = frame << 16;
  const phase = table.notesOf(slot).firstSequence & LOOK_MASK;
  words[at + SHAPE] = (phase << 16) | (n[base + row.SILENCE_OCTETS_MAX]! << 8) | n[base + row.PAYLOAD_TYPE]!;
  words[at + NETWORK] = n[base + row.NETWORK_MARK]!;
  words[at + OCTETS] = 0;
}

/** Arrival of a stream's newest packet, whether it waits or not. */
export function lastArrival(table: StreamTable, slot: number): number {
  const next = table.keys.rows[slot * ROW_WORDS + NEXT]!;
  const base = slot * row.DOUBLES_PER_STREAM;
  const waiting = next === OFF ? 0 : next & 0xff;
  if (waiting > 0) return table.doubles[base + row.ARRIVALS + waiting - 1]!;
  // What a lane is measuring still stands where it waited.
  const isOut = next !== OFF && table.lanes?.isOut(slot) === true;
  return table.doubles[base + (isOut ? row.ARRIVALS + row.ARRIVALS_SIZE - 1 : row.LAST_US)]!;
}

/** When the newest packet of a steady stream came if `view` is a copy of it, us; else NaN. */
export function newestCopiedUs(table: StreamTable, slot: number, sequence: number, view: PacketView): number {
  const words = table.keys.rows;
  const base = slot * ROW_WORDS;
  const next = words[base + NEXT]!;
  if (next === OFF || ((next >> 8) - 1 - sequence) & 0xffff) return Number.NaN;
  const timeUs = lastArrival(table, slot);
  return isCopy(view, words[base + FRAME]! & 0xffff, words[base + NETWORK]!, timeUs) ? timeUs : Number.NaN;
}

/** The stream is about to leave the steady state: what its key row keeps of the newest packet is remembered. */
export function rememberNewest(table: StreamTable, slot: number, recent: RecentPackets): void {
  const words = table.keys.rows;
  const base = slot * ROW_WORDS;
  const next = words[base + NEXT]!;
  const print = words[base + FRAME]! & 0xffff;
  if (next === OFF || print === 0) return;
  const sequence = ((next >> 8) - 1) & 0xffff;
  recent.remember(slot, sequence, print, words[base + NETWORK]!, lastArrival(table, slot));
}

/** Measures the packets that wait, if any. Call before anything else is done to the stream or read from it. */
export function measureWaiting(table: StreamTable, slot: number): void {
  table.lanes?.settle(slot);
  const waiting = takeWaiting(table, slot);
  if (waiting > 0) {
    const at = slot * row.DOUBLES_PER_STREAM + row.ARRIVALS;
    measureArrivals(table, slot, table.doubles, at, 0, waiting);
  }
}

/** As many packets wait as have room. A lane measures them where there is one, but for those that bring a loss. */
function measureFull(table: StreamTable, slot: number): void {
  const { lanes } = table;
  if (lanes !== null) {
    lanes.settle(slot);
    lanes.collect(slot);
    const at = slot * row.DOUBLES_PER_STREAM + row.ARRIVALS;
    if (bringsNoLoss(table, slot) && lanes.hand(slot, table.doubles, at, 0)) {
      takeWaiting(table, slot);
      return;
    }
  }
  measureWaiting(table, slot);
}

/**
 * Does no loss become certain with the packets that wait, a full run of them, and no interval end? Losses are compared
 * between streams in the order in which they become certain: that must not depend on when a lane gets to them.
 */
function bringsNoLoss(table: StreamTable, slot: number): boolean {
  if (hasNoHoles(table, slot)) return true;
  const { doubles: d, integers: n } = table;
  const base = slot * row.DOUBLES_PER_STREAM;
  const newestUs = d[base + row.ARRIVALS + row.ARRIVALS_SIZE - 1]!;
  const highest = n[slot * row.INTEGERS_PER_STREAM + row.HIGHEST]! + row.ARRIVALS_SIZE;
  const end = highest - FINAL_DISTANCE;
  const boundary = pendingBoundary(table, slot);
  const intervalEnds =
    newestUs >= d[base + row.NEXT_CHECK_US]! || (boundary !== NO_BOUNDARY && boundary <= end);
  return !intervalEnds && isReceivedTo(table, slot, end);
}

/** What the owner of the streams does with runs that lanes did not measure to their end. */
export function runOwner(table: StreamTable): RunOwner {
  const finish: RunOwner['finish'] = (slot, arrivals, at, from) =>
    measureArrivals(table, slot, arrivals, at, from, row.ARRIVALS_SIZE);
  return {
    finish,
    advance: (slot, arrivals, at, from) => {
      takeInOrder(table, slot, table.integers[slot * row.INTEGERS_PER_STREAM + row.HIGHEST]!);
      if (from === row.ARRIVALS_SIZE) return from;
      measureArrivals(table, slot, arrivals, at, from, from + 1);
      return from + 1;
    },
  };
}

/** Nothing waits any more. @returns how many did */
function takeWaiting(table: StreamTable, slot: number): number {
  const words = table.keys.rows;
  const at = slot * ROW_WORDS;
  const next = words[at + NEXT]!;
  const waiting = next === OFF ? 0 : next & 0xff;
  if (waiting === 0) return 0;
  const octets = slot * row.DOUBLES_PER_STREAM + row.OCTETS;
  words[at + NEXT] = next - waiting;
  table.doubles[octets] = table.doubles[octets]! + words[at + OCTETS]!;
  words[at + OCTETS] = 0;
  return waiting;
}

/** Measures arrivals `from` to `end` with all that they may bring about. */
function measureArrivals(
  table: StreamTable,
  slot: number,
  arrivals: Float64Array,
  at: number,
  from: number,
  end: number,
): void {
  const { doubles: d, integers: n } = table;
  const base = slot * row.DOUBLES_PER_STREAM;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  for (let k = from; k < end; ) {
    const timeUs = arrivals[at + k]!;
    if (timeUs >= d[base + row.NEXT_CHECK_US]!) checkIntervals(table, slot, timeUs, 0);
    const stop = Math.min(end, k + packetsToVerdicts(table, slot));
    const measured = measureRun(table, slot, arrivals, at, k, stop, table);
    if (measured === k) measurePaused(table, slot, timeUs);
    else takeInOrder(table, slot, n[intBase + row.HIGHEST]!);
    k = Math.max(measured, k + 1);
  }
}

/** The packet after a step of the delay goes the long way; nothing of what it changes ends the steady state. */
function measurePaused(table: StreamTable, slot: number, timeUs: number): void {
  const n = table.integers;
  const base = slot * row.INTEGERS_PER_STREAM;
  const timestamp = (n[base + row.REFERENCE_TIMESTAMP]! + n[base + row.FRAME_TICKS]!) | 0;
  const sequence = n[base + row.HIGHEST]! + 1;
  const lastUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.LAST_US]!;
  if (timeUs - lastUs >= GAP_US) {
    const msPerTick = table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]!;
    noteGap(table, slot, lastUs, timeUs, 0, n[base + row.FRAME_TICKS]! * msPerTick, false, false);
  }
  takeInOrder(table, slot, sequence);
  noteArrival(table, slot, timeUs);
  n[base + row.INTERVAL_PACKETS] = n[base + row.INTERVAL_PACKETS]! + 1;
  updateLiteralJitter(table, slot, timeUs, timestamp);
  measureInOrder(table, slot, timeUs, timestamp, sequence, 0, false);
}
