import type { HeldBack, HoldReason } from './alert.ts';
import type { Series } from './series.ts';

/** Ended ones that are kept to be told; further ones are counted. */
const HELD_KEPT_MAX = 1000;

/** Alerts that are, or were, held back: one entry for each stretch of time with one reason. */
export class HeldBackList {
  /** Entries that found no room. */
  left = 0;
  private readonly open = new Map<Series, HeldBack>();
  private ended: HeldBack[] = [];

  /** Notes that a series is held back now, or (null) that it is not. */
  note(series: Series, nowUs: number, why: { reason: HoldReason; text: string } | null): void {
    const before = this.open.get(series);
    if (before !== undefined && before.reason === why?.reason) {
      before.text = why.text;
      return;
    }
    if (before !== undefined) this.end(series, before, nowUs);
    if (why === null) return;
    const { rule, labels } = series;
    this.open.set(series, { rule: rule.name, labels, ...why, startUs: nowUs, endUs: null });
  }

  private end(series: Series, entry: HeldBack, nowUs: number): void {
    this.open.delete(series);
    if (this.ended.length >= HELD_KEPT_MAX) this.left++;
    else this.ended.push({ ...entry, endUs: nowUs });
  }

  /** Those that are held back now. */
  current(): HeldBack[] {
    return [...this.open.values()];
  }

  /** Hands over those that ended since the last time. */
  take(): HeldBack[] {
    const taken = this.ended;
    this.ended = [];
    return taken;
  }

  forget(series: Series): void {
    this.open.delete(series);
  }
}
