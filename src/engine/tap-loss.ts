import type { MomentLog } from '../records/moment-log.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';

/** How far a report may be from where the tap was at its time: it travels, and endpoints count late packets. */
const APART_S = 15;
const APART_PACKETS = 200;
/** Time between packets of a stream that does not tell. */
const PTIME_MS = 20;

/**
 * Where a stream stood, and what the tap missed of it, by position: 1 is the first number seen. At the cuts of the
 * interval log both are exact. Between them a position is interpolated, and losses are counted by the times at which
 * they were due, as long as all of them are known; else they are interpolated, too.
 */
export class TapLoss {
  private readonly startUs: number[] = [];
  private readonly durationUs: number[] = [];
  /** Numbers due, and lost, before each interval; one more entry for the end. */
  private readonly due: number[] = [0];
  private readonly lost: number[] = [0];
  private readonly firstSequence: number;
  private readonly firstUs: number;
  private readonly ptimeUs: number;
  private readonly runs: MomentLog;
  private readonly apart: number;

  /** @param measured a finished stream of one segment: without restart or interruption */
  constructor(measured: StreamMeasurement) {
    const { intervals } = measured;
    for (let i = 0; i < intervals.length; i++) {
      const { startUs, durationMs, expected, lost } = intervals.look(i);
      this.startUs.push(startUs);
      this.durationUs.push(durationMs * 1000);
      this.due.push(this.due[i]! + expected);
      this.lost.push(this.lost[i]! + lost);
    }
    this.firstSequence = measured.firstSequence;
    this.firstUs = measured.startUs;
    this.ptimeUs = (measured.ptimeMs ?? PTIME_MS) * 1000;
    this.runs = measured.history.losses;
    const seconds = Math.max(1, (measured.endUs - measured.startUs) / 1e6);
    this.apart = APART_PACKETS + (APART_S * measured.expected) / seconds;
  }

  /** How many numbers were due by a time. */
  dueBy(timeUs: number): number {
    for (let i = this.startUs.length - 1; i >= 0; i--) {
      if (timeUs < this.startUs[i]!) continue;
      const share = Math.min(1, (timeUs - this.startUs[i]!) / Math.max(1, this.durationUs[i]!));
      return this.due[i]! + share * (this.due[i + 1]! - this.due[i]!);
    }
    return 0;
  }

  /**
   * The position of a number that a receiver calls its highest at a time. Only its lower 16 bits are used: receivers
   * count wraps from their own first packet, or not at all.
   *
   * @returns null when no such number is near: the receiver speaks of other numbers than the tap sees
   */
  positionOf(highestSequence: number, timeUs: number): number | null {
    const due = this.dueBy(timeUs);
    const position = highestSequence - this.firstSequence + 1;
    const nearest = position + 65536 * Math.round((due - position) / 65536);
    return Math.abs(nearest - due) <= this.apart ? nearest : null;
  }

  /** Numbers missing at the tap up to and including a position. */
  lostThrough(position: number): number {
    for (let i = this.due.length - 2; i >= 0; i--) {
      if (position < this.due[i]!) continue;
      const due = this.due[i + 1]! - this.due[i]!;
      const share = due === 0 ? 1 : Math.min(1, (position - this.due[i]!) / due);
      return this.lost[i]! + this.lostShare(i, share) * (this.lost[i + 1]! - this.lost[i]!);
    }
    return 0;
  }

  /** Which share of an interval's losses lies in its first part. */
  private lostShare(interval: number, share: number): number {
    const startUs = this.startUs[interval]!;
    const durationUs = this.durationUs[interval]!;
    const whole = this.dueLost(startUs, startUs + durationUs);
    if (whole === 0 || share >= 1) return share;
    return this.dueLost(startUs, startUs + share * durationUs) / whole;
  }

  /** Lost packets that were due between two times; 0 where not all losses are known. */
  private dueLost(fromUs: number, toUs: number): number {
    const { runs, firstUs, ptimeUs } = this;
    if (runs.dropped > 0) return 0;
    let lost = 0;
    for (let k = 0; k < runs.length; k++) {
      const atUs = firstUs + runs.atMs(k) * 1000;
      const before = (us: number): number =>
        Math.min(runs.value(k), Math.max(0, Math.ceil((us - atUs) / ptimeUs)));
      lost += before(toUs) - before(fromUs);
    }
    return lost;
  }
}
