import { type Command, InvalidArgumentError } from 'commander';
import { type AroundChange, aroundChange } from '../compare/around-change.ts';
import { GROUPINGS, type Grouping } from '../compare/groupings.ts';
import { nearest } from '../config/nearest.ts';
import type { TimeZone } from '../report/search/time-zone.ts';
import { askedTimes } from './asked-times.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { timeZone } from './search-values.ts';
import { sentence } from './sentence.ts';

/** Which times of a history are compared, and by what calls are divided. */
export interface AroundOptions {
  history?: string[];
  at?: string;
  timeZone?: TimeZone;
  hours?: number;
  daysBack?: number;
  by?: Grouping;
}

/** As long as a day on either side, every hour is on both. */
const HOURS = 24;
const HOURS_MAX = 31 * 24;
const DAYS_MAX = 366;
/** A time of the day is looked for so far back, as `earshot calls` does. */
const DAYS_BACK = 31;

/** Adds the options of a comparison of two times of a history, and of groups. */
export function addAroundOptions(command: Command): Command {
  return command
    .option('--history <path...>', 'what "earshot live --history" kept: A is before --at, B after it')
    .option(
      '--at <time>',
      'when it changed: 2026-11-20T14:00, 14:00 (last), 2026-11-20T14:00..2026-11-20T14:30',
    )
    .option(
      '--time-zone <zone>',
      'zone of --at and of hours: +02:00, Europe/Berlin or local; UTC if absent',
      timeZone,
    )
    .option('--hours <n>', `how long before and after it (default: ${HOURS})`, hours)
    .option('--days-back <n>', 'A is the same hours so many days earlier, not those just before', days)
    .option('--by <what>', `each group of calls as well, by ${GROUPINGS.join(', ')}`, grouping);
}

/**
 * The times that the options ask for; null where no history is compared. Ends with exit status 2 where they do not fit
 * together.
 */
export function aroundOf(
  command: Command,
  files: readonly string[],
  options: AroundOptions,
): AroundChange | null {
  const wrong = (text: string): never => command.error(`error: ${text}`, { exitCode: EXIT_USAGE });
  const { history, at, timeZone: zone, hours: length = HOURS, daysBack = null } = options;
  if (history === undefined) {
    const stray = (['at', 'hours', 'daysBack'] as const).find((name) => options[name] !== undefined);
    if (stray !== undefined) wrong(`${NAMES[stray]} is about a history: --history is missing`);
    if (zone !== undefined && options.by !== 'hour')
      wrong('--time-zone is the zone of --at or of --by hour, which are missing');
    return null;
  }
  if (files.length > 0) wrong('A and B are both of the --history: leave out other files');
  if (at === undefined) wrong('--history needs --at, the time of the change');
  const nowUs = Date.now() * 1000;
  const spans = askedTimes(command, at!, zone, nowUs, DAYS_BACK);
  const change = spans.filter(({ fromUs }) => fromUs <= nowUs).at(-1);
  if (change === undefined) return wrong(`--at: ${at} is yet to come`);
  if (daysBack !== null && daysBack * 24 < length)
    wrong(`--days-back ${daysBack} is less than --hours ${length}: the times would overlap`);
  return aroundChange(change, length, daysBack);
}

const NAMES = { at: '--at', hours: '--hours', daysBack: '--days-back' } as const;

function hours(text: string): number {
  const value = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= HOURS_MAX) return value;
  throw new InvalidArgumentError(`expected a number of hours above 0, up to ${HOURS_MAX}.`);
}

function days(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= DAYS_MAX) return value;
  throw new InvalidArgumentError(`expected a number of days from 1 to ${DAYS_MAX}.`);
}

function grouping(text: string): Grouping {
  const found = GROUPINGS.find((each) => each === text);
  if (found !== undefined) return found;
  const meant = nearest(text, GROUPINGS);
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  throw new InvalidArgumentError(sentence(`expected one of ${GROUPINGS.join(', ')}${hint}`));
}
