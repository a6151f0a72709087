/*
 * What befalls a stream now and then, with its time: lost packets, late ones, gaps, other paths, other formats.
 * Called when it happens, never for a packet in order; every list is bounded.
 */
import { MomentLog, NO_MOMENTS } from '../records/moment-log.ts';
import type { FormatSpan, Gap, PathMark, Silence, StreamHistory } from '../records/stream-history.ts';
import * as row from './stream-row.ts';
import type { StreamNotes, StreamTable } from './stream-table.ts';

/** So much of everything is kept per stream. */
const LOSSES_MAX = 256;
const SPIKES_MAX = 256;
const GAPS_MAX = 64;
const LONG_SILENCES_MAX = 64;
const RESTARTS_MAX = 16;
const PATHS_MAX = 32;
const FORMATS_MAX = 32;
/** Holes in the sequence whose numbers have no verdict yet: more than can be open at one time. */
const HOLES = 128;

/** A time without packets that is worth a note. */
export const GAP_US = 1_000_000;
/** Silence that is kept with its time. */
const LONG_SILENCE_MS = 10_000;
/** A packet that comes so much later after the one before than it was sent. */
export const SPIKE_STEP_MS = 30;

/** The history of a stream about which nothing is known yet. */
export interface HistoryNotes {
  losses: MomentLog | null;
  spikes: MomentLog | null;
  gaps: Gap[];
  gapsDropped: number;
  /** The gap that the sender's pause would explain, if the delay stays where it is after it. */
  stepped: Gap | null;
  silences: number;
  longSilences: Silence[] | null;
  restartsMs: number[] | null;
  path: PathMark[];
  pathChanges: number;
  formats: FormatSpan[];
  formatsDropped: number;
  /** Ring of the newest holes: first and last number, and the times around them, ms after the first packet. */
  holeNumbers: Int32Array | null;
  holeTimes: Float32Array | null;
  holes: number;
}

export function startHistory(): HistoryNotes {
  return {
    losses: null,
    spikes: null,
    gaps: [],
    gapsDropped: 0,
    stepped: null,
    silences: 0,
    longSilences: null,
    restartsMs: null,
    path: [],
    pathChanges: 0,
    formats: [],
    formatsDropped: 0,
    holeNumbers: null,
    holeTimes: null,
    holes: 0,
  };
}

const NONE: readonly never[] = [];

/** What is reported of it. @param endsSilent the last packet announced silence */
export function historyOf({ history }: StreamNotes, endsSilent: boolean): StreamHistory {
  const { gaps, gapsDropped, silences, path, pathChanges, formats, formatsDropped } = history;
  const longSilences = history.longSilences ?? NONE;
  const restartsMs = history.restartsMs ?? NONE;
  const losses = history.losses ?? NO_MOMENTS;
  const spikes = history.spikes ?? NO_MOMENTS;
  return {
    ...{ losses, spikes, gaps, gapsDropped, silences, longSilences, endsSilent },
    ...{ restartsMs, path, pathChanges, formats, formatsDropped },
  };
}

function sinceStart(table: StreamTable, slot: number, timeUs: number): number {
  return (timeUs - table.doubles[slot * row.DOUBLES_PER_STREAM + row.FIRST_US]!) / 1000;
}

/** The numbers began anew, with the packet that came at `timeUs`. */
export function noteRestart(table: StreamTable, slot: number, timeUs: number): void {
  const { history } = table.notesOf(slot);
  history.restartsMs ??= [];
  if (history.restartsMs.length < RESTARTS_MAX) history.restartsMs.push(sinceStart(table, slot, timeUs));
}

/** Numbers `from` to `through` were skipped; the packets around them came at `beforeUs` and `afterUs`. */
export function noteHole(
  table: StreamTable,
  slot: number,
  from: number,
  through: number,
  beforeUs: number,
  afterUs: number,
): void {
  const history = table.notesOf(slot).history;
  history.holeNumbers ??= new Int32Array(HOLES * 2);
  history.holeTimes ??= new Float32Array(HOLES * 2);
  const at = (history.holes++ % HOLES) * 2;
  history.holeNumbers[at] = from;
  history.holeNumbers[at + 1] = through;
  history.holeTimes[at] = sinceStart(table, slot, beforeUs);
  history.holeTimes[at + 1] = sinceStart(table, slot, afterUs);
}

/** The numbers start over: what is known of holes is of no use. */
export function forgetHoles(table: StreamTable, slot: number): void {
  table.notesOf(slot).history.holes = 0;
}

/** A lost number, the `run`-th in a row. A run is noted with the time at which its first number was due. */
export function noteLoss(table: StreamTable, slot: number, lost: number, run: number): void {
  const history = table.notesOf(slot).history;
  if (history.losses === null) history.losses = new MomentLog(LOSSES_MAX);
  const losses = history.losses;
  if (run > 1) {
    if (losses.dropped === 0) losses.setLast(run);
    return;
  }
  const atMs = dueMs(history, lost);
  losses.push(atMs, 1);
  const firstUs = table.doubles[slot * row.DOUBLES_PER_STREAM + row.FIRST_US]!;
  table.lossFeed.push(firstUs + atMs * 1000, slot);
}

/** When a number of a hole was due: interpolated between the packets around it. */
function dueMs(history: HistoryNotes, lost: number): number {
  const { holeNumbers, holeTimes, holes } = history;
  if (holeNumbers === null || holeTimes === null) return 0;
  for (let k = holes - 1; k >= 0 && k >= holes - HOLES; k--) {
    const at = (k % HOLES) * 2;
    const from = holeNumbers[at]!;
    const through = holeNumbers[at + 1]!;
    if (lost < from || lost > through) continue;
    const before = holeTimes[at]!;
    return before + ((holeTimes[at + 1]! - before) * (lost - from + 1)) / (through - from + 2);
  }
  // More holes than the ring holds: the newest is the nearest.
  return holes === 0 ? 0 : holeTimes[((holes - 1) % HOLES) * 2]!;
}

/** A packet came `stepMs` later after the one before than it was sent after it. */
export function noteSpike(table: StreamTable, slot: number, timeUs: number, stepMs: number): void {
  const history = table.notesOf(slot).history;
  if (history.spikes === null) history.spikes = new MomentLog(SPIKES_MAX);
  history.spikes.push(sinceStart(table, slot, timeUs), stepMs);
}

/**
 * A time without packets has ended.
 *
 * @param missing numbers that fell into it; negative when the numbers began anew
 * @param mediaMs how far the timestamps went on; NaN while the clock is unknown
 * @param announced a marker or a silence descriptor says that the sender was silent
 */
export function noteGap(
  table: StreamTable,
  slot: number,
  fromUs: number,
  toUs: number,
  missing: number,
  mediaMs: number,
  marker: boolean,
  announced: boolean,
): void {
  const history = table.notesOf(slot).history;
  const durationMs = (toUs - fromUs) / 1000;
  const ranOn = mediaMs >= durationMs / 2;
  if (missing === 0 && ranOn && announced) {
    history.silences++;
    if (durationMs >= LONG_SILENCE_MS) noteLongSilence(history, sinceStart(table, slot, fromUs), durationMs);
    return;
  }
  if (history.gaps.length >= GAPS_MAX) {
    history.gapsDropped++;
    return;
  }
  history.gaps.push({
    atMs: sinceStart(table, slot, fromUs),
    durationMs,
    missing: missing < 0 ? null : missing,
    mediaMs: Number.isNaN(mediaMs) ? null : mediaMs,
    // With a marker the delay is taken anew: nothing is there to catch up with.
    stayed: missing === 0 && !ranOn && marker,
    marker,
  });
}

function noteLongSilence(history: HistoryNotes, atMs: number, durationMs: number): void {
  history.longSilences ??= [];
  if (history.longSilences.length < LONG_SILENCES_MAX) history.longSilences.push({ atMs, durationMs });
}

/** The delay stepped up with this packet: a pause of the sender, or the first packet out of a stalled network. */
export function noteStep(table: StreamTable, slot: number): void {
  const history = table.notesOf(slot).history;
  history.stepped = history.gaps.at(-1) ?? null;
}

/** The delay stayed where it had stepped to: the sender had paused. */
export function confirmPause(table: StreamTable, slot: number): void {
  const { stepped } = table.notesOf(slot).history;
  if (stepped !== null && stepped.missing === 0) stepped.stayed = true;
}

/** Marking or distance as of now; -1 is unknown. */
export function notePathMark(
  table: StreamTable,
  slot: number,
  timeUs: number,
  tos: number,
  ttl: number,
): void {
  const history = table.notesOf(slot).history;
  const dscp = tos < 0 ? null : tos >> 2;
  const hops = ttl < 0 ? null : ttl;
  const last = history.path.at(-1);
  if (last !== undefined) {
    if (last.dscp === dscp && last.ttl === hops) return;
    history.pathChanges++;
  }
  if (history.path.length < PATHS_MAX)
    history.path = history.path.concat({ atMs: sinceStart(table, slot, timeUs), dscp, ttl: hops });
}

/** An audio payload type is in force as of now, or what it stands for became known. */
export function noteFormat(
  table: StreamTable,
  slot: number,
  timeUs: number,
  payloadType: number,
  codec: string | null,
): void {
  const history = table.notesOf(slot).history;
  const last = history.formats.at(-1);
  if (last !== undefined && last.payloadType === payloadType) {
    if (last.codec === null) last.codec = codec;
    if (codec === null || last.codec?.toLowerCase() === codec.toLowerCase()) return;
  }
  if (history.formats.length >= FORMATS_MAX) history.formatsDropped++;
  else
    history.formats = history.formats.concat({ atMs: sinceStart(table, slot, timeUs), payloadType, codec });
}
