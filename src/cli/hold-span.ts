import type { Command } from 'commander';
import type { TimeZone } from '../report/search/time-zone.ts';
import { askedTimes } from './asked-times.ts';
import { EXIT_USAGE } from './exit-codes.ts';

export interface SpanOptions {
  at?: string;
  timeZone?: TimeZone;
  last?: number;
  untilReleased?: boolean;
}

/**
 * What a hold is to be about, us since the epoch: to null for all that comes. A time without a date is the last one there
 * was. An end with what is wrong where it is said twice, or not at all.
 */
export function holdSpan(
  command: Command,
  { at, timeZone, last, untilReleased }: SpanOptions,
  nowUs: number,
): { fromUs: number; toUs: number | null } {
  const wrong = (text: string): never => command.error(`error: ${text}`, { exitCode: EXIT_USAGE });
  if (at !== undefined && last !== undefined) wrong('--at and --last exclude each other');
  if (at === undefined) {
    if (last === undefined && untilReleased !== true)
      wrong('say what is to be held: --at 13:50..14:20, --last 30m or --until-released');
    return { fromUs: nowUs - (last ?? 0) * 1000, toUs: untilReleased === true ? null : nowUs };
  }
  const spans = askedTimes(command, at, timeZone, nowUs, 1);
  const span = spans.filter(({ fromUs }) => fromUs <= nowUs).at(-1) ?? spans[0];
  if (span === undefined) return wrong(`--at: "${at}" is no time of the last day`);
  return untilReleased === true ? { fromUs: span.fromUs, toUs: null } : span;
}
