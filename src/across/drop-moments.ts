import type { FindingRecord, StreamRecord } from '../records/types.ts';

/** So small a part of the packets of a moment makes no finding; it is counted, and that is all. */
const RATIO_MIN = 0.001;
/** Counters are read once a second, and packets wait a little before they are read. */
const MARGIN_US = 500_000;
/** Moments so near are one. */
const NEAR_US = 2_000_000;
const MOMENTS_KEPT = 4096;
/** Share of a stream's losses that must lie in such moments. */
const SHARE_MIN = 0.5;

/** A time in which the capturing machine lost packets itself. */
interface DropMoment {
  fromUs: number;
  toUs: number;
}

/**
 * When the capturing machine itself lost packets: a live source counts what it had to drop, so that is known to the
 * second, and only what was going on then is in doubt.
 */
export class DropMoments {
  /** In the order of time, none near another. */
  private readonly moments: DropMoment[] = [];

  /** Between two readings of a source's counters `dropped` packets were lost beside `packets` that came. */
  note(fromUs: number, toUs: number, dropped: number, packets: number): void {
    if (dropped <= 0 || dropped / (dropped + packets) < RATIO_MIN) return;
    const last = this.moments.at(-1);
    if (last !== undefined && fromUs - last.toUs <= NEAR_US && toUs >= last.fromUs) {
      last.fromUs = Math.min(last.fromUs, fromUs);
      last.toUs = Math.max(last.toUs, toUs);
      return;
    }
    this.moments.push({ fromUs, toUs });
    if (this.moments.length > MOMENTS_KEPT) this.moments.shift();
  }

  /** Moments remembered. */
  get length(): number {
    return this.moments.length;
  }

  /** Were packets dropped at any time between these? */
  overlaps(startUs: number, endUs: number | null): boolean {
    const untilUs = (endUs ?? Number.POSITIVE_INFINITY) + MARGIN_US;
    return this.moments.some(({ fromUs, toUs }) => toUs >= startUs - MARGIN_US && fromUs <= untilUs);
  }

  /** Did the machine drop enough of what a stream lacks to make its losses? */
  isDropLoss(stream: StreamRecord): boolean {
    const { history, startUs, endUs } = stream;
    const { losses } = history;
    if (this.moments.length === 0 || !this.overlaps(startUs, endUs)) return false;
    // When the others were nobody knows.
    if (losses.length === 0 || losses.dropped > 0) return true;
    let shared = 0;
    for (let i = 0; i < losses.length; i++) {
      const atUs = startUs + losses.atMs(i) * 1000;
      if (this.overlaps(atUs, atUs)) shared++;
    }
    return shared >= losses.length * SHARE_MIN;
  }

  /** Were packets dropped in the time that a finding is about? */
  concerns({ startUs, endUs }: FindingRecord): boolean {
    return this.moments.length > 0 && this.overlaps(startUs, endUs);
  }

  /** Forgets moments that ended before a time. */
  forget(beforeUs: number): void {
    let old = 0;
    while (old < this.moments.length && this.moments[old]!.toUs < beforeUs) old++;
    this.moments.splice(0, old);
  }
}
