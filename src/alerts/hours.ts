import type { RuleSet } from './rule.ts';

/** Monday first, as in the hours of the week. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const DAYS: Readonly<Record<string, number>> = { Mon: 0, Tue: 1, Wed: 2, Thu: 3, Fri: 4, Sat: 5, Sun: 6 };
/** Offsets from UTC change at quarters of an hour, at most. */
const QUARTER_US = 900_000_000;

/** Hours of a week. */
export const HOURS_OF_WEEK = 168;

/** Minutes since midnight of a time of day such as `08:30`. */
export function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** Tells the day and the time of day of a time zone. The zone's rules are looked up once a quarter of an hour. */
export class LocalTime {
  private readonly format: Intl.DateTimeFormat;
  private quarter = Number.NaN;
  private day = 0;
  private minute = 0;

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Hour of the week, 0 for Monday from midnight to one. */
  hourOfWeek(timeUs: number): number {
    this.look(timeUs);
    return this.day * 24 + Math.floor(this.minute / 60);
  }

  /** Is it within business hours? */
  isBusiness(timeUs: number, { days, fromMinute, toMinute }: RuleSet['businessHours']): boolean {
    this.look(timeUs);
    const minute = this.minute + Math.floor((timeUs - this.quarter * QUARTER_US) / 60_000_000);
    return days.includes(this.day) && minute >= fromMinute && minute < toMinute;
  }

  private look(timeUs: number): void {
    const quarter = Math.floor(timeUs / QUARTER_US);
    if (quarter === this.quarter) return;
    this.quarter = quarter;
    const parts = this.format.formatToParts((quarter * QUARTER_US) / 1000);
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
    this.day = DAYS[part('weekday')] ?? 0;
    this.minute = Number(part('hour')) * 60 + Number(part('minute'));
  }
}
