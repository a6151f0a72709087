import type { StreamMeasurement } from '../rtp/summary.ts';

/** How far a report may be from where the tap was at its time: it travels, and endpoints count late packets. */
const APART_S = 15;
const APART_PACKETS = 200;

/**
 * Where a stream stood, and what the tap missed of it, by position: 1 is the first number seen. Between the cuts of
 * the interval log both are interpolated; at the cuts they are exact.
 */
export class TapLoss {
  private readonly startUs: number[] = [];
  private readonly durationUs: number[] = [];
  /** Numbers due, and lost, before each interval; one more entry for the end. */
  private readonly due: number[] = [0];
  private readonly lost: number[] = [0];
  private readonly firstSequence: number;
  private readonly apart: number;

  /** @param measured a finished stream of one segment: without restart or interruption */
  constructor(measured: StreamMeasurement) {
    const { intervals } = measured;
    for (let i = 0; i < intervals.length; i++) {
      const { startUs, durationMs, expected, lost } = intervals.at(i);
      this.startUs.push(startUs);
      this.durationUs.push(durationMs * 1000);
      this.due.push(this.due[i]! + expected);
      this.lost.push(this.lost[i]! + lost);
    }
    this.firstSequence = measured.firstSequence;
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
      return this.lost[i]! + share * (this.lost[i + 1]! - this.lost[i]!);
    }
    return 0;
  }
}
