import { HOURS_OF_WEEK } from './hours.ts';

/** Weeks kept of each hour of the week. */
const WEEKS_KEPT = 8;
/** An hour counts when so much of it was measured. */
const HOUR_COVERED = 0.5;
const HOUR_US = 3_600_000_000;

/**
 * What is usual for a series in an hour of the week: the median, over the last weeks, of the mean that the measured
 * value had in that hour. A week with an incident does not move a median much.
 */
export class Baseline {
  private readonly weeks = new Map<number, number[]>();
  private hour = Number.NaN;
  private hourOfWeek = 0;
  private sum = 0;
  private samples = 0;

  /** Notes the value of an evaluation. `everyUs`: how often there is one. */
  note(timeUs: number, hourOfWeek: number, value: number, everyUs: number): void {
    this.turn(timeUs, hourOfWeek, everyUs);
    this.sum += value;
    this.samples++;
  }

  /** Time goes on without anything to note. */
  turn(timeUs: number, hourOfWeek: number, everyUs: number): void {
    const hour = Math.ceil(timeUs / HOUR_US);
    if (hour === this.hour) return;
    if (this.samples >= (HOUR_US / everyUs) * HOUR_COVERED) this.learn();
    this.hour = hour;
    this.hourOfWeek = hourOfWeek;
    this.sum = 0;
    this.samples = 0;
  }

  private learn(): void {
    const known = this.weeks.get(this.hourOfWeek) ?? [];
    known.push(this.sum / this.samples);
    if (known.length > WEEKS_KEPT) known.shift();
    this.weeks.set(this.hourOfWeek, known);
  }

  /** What is usual, once so many weeks are known; null before. */
  usual(hourOfWeek: number, weeks: number): number | null {
    const known = this.weeks.get(hourOfWeek) ?? [];
    if (known.length < weeks) return null;
    const sorted = known.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  /** Is anything known? */
  get isEmpty(): boolean {
    return this.weeks.size === 0;
  }

  save(): SavedBaseline {
    const { hour, hourOfWeek, sum, samples } = this;
    return {
      weeks: [...this.weeks],
      now: Number.isNaN(hour) ? null : [hour, hourOfWeek, sum, samples],
    };
  }

  restore({ weeks, now }: SavedBaseline): void {
    for (const [hour, values] of weeks) {
      if (hour >= 0 && hour < HOURS_OF_WEEK) this.weeks.set(hour, values.slice(-WEEKS_KEPT));
    }
    if (now !== null) [this.hour, this.hourOfWeek, this.sum, this.samples] = now;
  }
}

/** A baseline as it is written down. */
export interface SavedBaseline {
  weeks: [hourOfWeek: number, values: number[]][];
  now: [hour: number, hourOfWeek: number, sum: number, samples: number] | null;
}
