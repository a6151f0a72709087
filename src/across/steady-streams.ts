import type { IntervalLog } from '../records/interval-log.ts';
import type { StreamHistory } from '../records/stream-history.ts';
import type { StreamRecord } from '../records/types.ts';

/** Times are told apart to the length of an interval. */
const PIECE_US = 5_000_000;
/** Intervals on either side that must be on one level with the one between: a step is placed to an interval or two. */
const BESIDE = 3;
/** Half of the smallest step that is one (`pathStepMs`). */
const STEADY_MS = 5;
/** Intervals that follow each other begin nearer than this: one and a half of their length. */
const ADJACENT_US = 7_500_000;
/** Four days of pieces; those of the last hours where a capture has no end. */
const PIECES_KEPT = 65_536;

/** What tells whether a stream's delay stayed where it was; of one that is over, or still runs. */
export interface LevelHistory {
  startUs: number;
  intervals: IntervalLog;
  history: Pick<StreamHistory, 'spikes'>;
}

/**
 * How many streams ran at a time and well before and after it without a step of their delay. Streams that are over are
 * counted here; of those that still run whoever knows them is asked.
 */
export class SteadyStreams {
  /** Streams that still run and were steady at a time, us; no more of them are counted than are enough. */
  running: (atUs: number, enough: number) => number = () => 0;
  private readonly byPiece = new Map<number, number>();

  /** A stream is over. Returns how many times found no room. */
  add(stream: StreamRecord): number {
    let refused = 0;
    for (const piece of steadyPieces(stream)) {
      const known = this.byPiece.get(piece);
      if (known === undefined && this.byPiece.size >= PIECES_KEPT) refused++;
      else this.byPiece.set(piece, (known ?? 0) + 1);
    }
    return refused;
  }

  /** Streams that are over and were steady at a time, us. */
  over(atUs: number): number {
    return this.byPiece.get(pieceOf(atUs)) ?? 0;
  }

  /** Whether so many streams were steady at a time, those that still run among them. */
  reaches(enough: number, atUs: number): boolean {
    const over = this.over(atUs);
    return over >= enough || over + this.running(atUs, enough - over) >= enough;
  }

  /** Forgets what was before a time. */
  forget(beforeUs: number): void {
    for (const piece of this.byPiece.keys()) {
      if ((piece + 1) * PIECE_US < beforeUs) this.byPiece.delete(piece);
    }
  }
}

/** Which piece of time a moment lies in. */
export function pieceOf(atUs: number): number {
  return Math.floor(atUs / PIECE_US);
}

/** Whether a stream was steady in a piece of time. */
export function isSteadyIn(stream: LevelHistory, piece: number): boolean {
  const { intervals } = stream;
  // Intervals are in order and nearly all of one length: from where it should be, not from the beginning.
  let i = Math.min(intervals.length - 1, Math.max(0, piece - pieceOf(stream.startUs) + 1));
  while (i >= 0 && middlePiece(intervals, i) > piece) i--;
  return i >= 0 && middlePiece(intervals, i) === piece && isSteadyAt(stream, i);
}

/** The pieces of time in which a stream was steady, in order. */
function steadyPieces(stream: LevelHistory): number[] {
  const { intervals } = stream;
  const pieces: number[] = [];
  for (let i = BESIDE; i + BESIDE < intervals.length; i++) {
    if (isSteadyAt(stream, i)) pieces.push(middlePiece(intervals, i));
  }
  return pieces;
}

function middlePiece(intervals: IntervalLog, index: number): number {
  const { startUs, durationMs } = intervals.look(index);
  return pieceOf(startUs + durationMs * 500);
}

/** Whether the least delays of an interval and of those beside it are on one level, without a packet that came much later. */
function isSteadyAt({ startUs, intervals, history }: LevelHistory, index: number): boolean {
  if (index < BESIDE || index + BESIDE >= intervals.length) return false;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let beforeUs = Number.NaN;
  for (let i = index - BESIDE; i <= index + BESIDE; i++) {
    const { startUs: atUs, leastDelayMs } = intervals.look(i);
    if (leastDelayMs === null || atUs - beforeUs > ADJACENT_US) return false;
    beforeUs = atUs;
    least = Math.min(least, leastDelayMs);
    most = Math.max(most, leastDelayMs);
  }
  if (most - least > STEADY_MS) return false;
  // A clock that was set and set back leaves the least delay of an interval where it was.
  const fromMs = (intervals.look(index - 1).startUs - startUs) / 1000;
  return !hasSpike(history.spikes, fromMs, (intervals.look(index + 2).startUs - startUs) / 1000);
}

function hasSpike(spikes: StreamHistory['spikes'], fromMs: number, toMs: number): boolean {
  const { length } = spikes;
  // What came after those that found room is not known.
  if (spikes.dropped > 0 && toMs > spikes.atMs(length - 1)) return true;
  for (let i = 0; i < length; i++) if (spikes.atMs(i) >= fromMs && spikes.atMs(i) < toMs) return true;
  return false;
}
