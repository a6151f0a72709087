import type { AlertInput } from './input.ts';

/**
 * How a signal is read out of records. A `value` is a number per record; an `event` is 1 or 0 per record; `parts` are
 * a numerator and a denominator, to be added up before they are divided.
 */
export type SignalKind = 'value' | 'event' | 'parts';

/** Something that rules can watch. */
export interface Signal {
  name: string;
  doc: string;
  kind: SignalKind;
  /** The type of record it is read from. */
  of: AlertInput['type'];
  /** Empty for what has none; `ratio` is 0 to 1. */
  unit: '' | 'ms' | 'ratio' | 'MOS' | 'R' | 'ppm' | 'packets' | 's';
  /** On which side it is bad. */
  worse: 'high' | 'low';
  /** An overloaded mirror or a wrong clock can make it up: it is not believed while the capture is in doubt. */
  quality: boolean;
  /** What is counted, in words, plural. */
  about: string;
  /** Its value; of parts, the numerator. Null for a record that has none, or too little to say. */
  read(record: AlertInput): number | null;
  /** The denominator of parts. */
  readTotal?(record: AlertInput): number;
  /** The same in metrics: a histogram for values, counters for events and parts. */
  metric?: SignalMetric;
}

/** A metric that says the same, or nearly: then `note` says what is different. */
export type SignalMetric = SameMetric & { note?: string };

type SameMetric =
  | { histogram: string /** Signal times this is the metric's unit. */; scale: number }
  /** Counters; without a denominator it can only be counted. */
  | { numerator: string; denominator: string /** Taken off the denominator. */; less?: string }
  /** 1 while it is so, in PromQL, for each set of these labels. */
  | { expression: string; labels?: readonly string[] };
