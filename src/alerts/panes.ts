import { addTo, type Counts } from './sketch.ts';

/** Columns of a pane: sums over the samples that fell into it. */
export const SAMPLES = 0;
/** Beyond the threshold and beyond the clearing threshold; of events and parts, the numerator. */
export const BEYOND = 1;
export const BEYOND_CLEAR = 2;
/** Beyond the threshold, and heard: the score of the moment was bad, too. */
export const HEARD = 3;
/** Points of R that each cause takes, of samples beyond the threshold; and how many of them told. */
export const CODEC = 4;
export const LOSS = 5;
export const DISCARD = 6;
export const DELAY = 7;
export const EXPLAINED = 8;
export const COLUMNS = 9;

/** A window is made of so many panes, or of as many as evaluations fit into it. */
const PANES_OF_WINDOW = 60;

/** Length of a pane: the distance of evaluations, or a sixtieth of the window if that is longer. */
export function paneUsOf(windowUs: number, everyUs: number): number {
  return Math.max(1, Math.ceil(windowUs / PANES_OF_WINDOW / everyUs)) * everyUs;
}

/**
 * The last panes of a series: sums over short spans of time, numbered from the epoch. A window is a run of panes, so it
 * slides by panes and forgets exactly what it learnt.
 */
export class Panes {
  readonly paneUs: number;
  /** Panes kept. */
  readonly kept: number;
  private readonly sums: Float64Array;
  private readonly sketches: (Counts | Uint32Array | null)[];
  private newest = Number.NEGATIVE_INFINITY;

  constructor(paneUs: number, kept: number, hasSketch: boolean) {
    this.paneUs = paneUs;
    this.kept = kept;
    this.sums = new Float64Array(kept * COLUMNS);
    this.sketches = hasSketch ? new Array(kept).fill(null) : [];
  }

  /** Number of the pane that a time falls into: panes end with the time they are named by. */
  paneAt(timeUs: number): number {
    return Math.ceil(timeUs / this.paneUs);
  }

  /** Time has come to a pane: those that fall out of what is kept are emptied. */
  moveTo(pane: number): void {
    if (pane <= this.newest) return;
    this.pack();
    const first = Math.max(this.newest + 1, pane - this.kept + 1);
    for (let each = first; each <= pane; each++) this.empty(each);
    this.newest = pane;
  }

  private slot(pane: number): number {
    return ((pane % this.kept) + this.kept) % this.kept;
  }

  private empty(pane: number): void {
    const slot = this.slot(pane);
    this.sums.fill(0, slot * COLUMNS, (slot + 1) * COLUMNS);
    if (this.sketches.length > 0) this.sketches[slot] = null;
  }

  /** Empties the panes from `pane` on: what fell into them is not to be believed. */
  emptyFrom(pane: number): void {
    if (!Number.isFinite(this.newest)) return;
    const first = Math.max(pane, this.newest - this.kept + 1);
    for (let each = first; each <= this.newest; each++) this.empty(each);
  }

  /** Forgets everything, also which pane is the newest: the clock went back before it. */
  clear(): void {
    this.sums.fill(0);
    this.sketches.fill(null);
    this.newest = Number.NEGATIVE_INFINITY;
  }

  /** Adds to a column of the newest pane. */
  add(column: number, amount: number): void {
    const at = this.slot(this.newest) * COLUMNS + column;
    this.sums[at] = this.sums[at]! + amount;
  }

  /** Counts a value in the sketch of the newest pane. */
  count(bucket: number): void {
    const slot = this.slot(this.newest);
    const held = this.sketches[slot] ?? null;
    if (held instanceof Map) {
      addTo(held, bucket, 1);
      return;
    }
    // What was written down goes on after a restart.
    const counts: Counts = new Map();
    if (held !== null) addPacked(counts, held);
    addTo(counts, bucket, 1);
    this.sketches[slot] = counts;
  }

  /** The pane that was newest until now is complete: its sketch takes less room. */
  private pack(): void {
    if (this.sketches.length === 0 || !Number.isFinite(this.newest)) return;
    const slot = this.slot(this.newest);
    const held = this.sketches[slot] ?? null;
    if (held instanceof Map) this.sketches[slot] = Uint32Array.from([...held].flat());
  }

  /** Sum of a column over `count` panes, the last of them `last`. */
  sum(column: number, last: number, count: number): number {
    let sum = 0;
    const first = Math.max(last - count + 1, this.newest - this.kept + 1);
    for (let pane = first; pane <= Math.min(last, this.newest); pane++) {
      sum += this.sums[this.slot(pane) * COLUMNS + column]!;
    }
    return sum;
  }

  /** The sketches of `count` panes in one. */
  sketch(last: number, count: number): Counts {
    const merged: Counts = new Map();
    if (this.sketches.length === 0) return merged;
    const first = Math.max(last - count + 1, this.newest - this.kept + 1);
    for (let pane = first; pane <= Math.min(last, this.newest); pane++) {
      const held = this.sketches[this.slot(pane)] ?? null;
      if (held instanceof Map) for (const [bucket, n] of held) addTo(merged, bucket, n);
      else if (held !== null) addPacked(merged, held);
    }
    return merged;
  }

  /** As plain data. */
  save(): SavedPanes {
    const panes: SavedPanes['panes'] = [];
    for (let pane = this.newest - this.kept + 1; pane <= this.newest; pane++) {
      const slot = this.slot(pane);
      // Whatever else a sample adds, it counts in one of these.
      if (this.sums[slot * COLUMNS + SAMPLES] === 0 && this.sums[slot * COLUMNS + BEYOND] === 0) continue;
      const sums = Array.from(this.sums.subarray(slot * COLUMNS, (slot + 1) * COLUMNS));
      const held = this.sketches[slot] ?? null;
      const packed = held instanceof Map ? [...held].flat() : held === null ? [] : Array.from(held);
      panes.push([pane, sums, packed]);
    }
    return { newest: Number.isFinite(this.newest) ? this.newest : null, panes };
  }

  /** Takes back what `save` gave. */
  restore({ newest, panes }: SavedPanes): void {
    if (newest === null) return;
    this.moveTo(newest);
    for (const [pane, sums, sketch] of panes) {
      if (pane <= newest - this.kept || pane > newest) continue;
      const slot = this.slot(pane);
      this.sums.set(sums.slice(0, COLUMNS), slot * COLUMNS);
      if (this.sketches.length > 0 && sketch.length > 0) this.sketches[slot] = Uint32Array.from(sketch);
    }
  }
}

/** Adds a packed sketch: pairs of bucket and count. */
function addPacked(counts: Counts, packed: Uint32Array): void {
  for (let i = 0; i < packed.length; i += 2) addTo(counts, packed[i]!, packed[i + 1]!);
}

/** Panes as they are written down: number, sums, and pairs of bucket and count. */
export interface SavedPanes {
  newest: number | null;
  panes: [pane: number, sums: number[], sketch: number[]][];
}
