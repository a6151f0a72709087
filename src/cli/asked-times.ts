import type { Command } from 'commander';
import { parseWindow, type TimeSpan } from '../report/search/time-window.ts';
import type { TimeZone } from '../report/search/time-zone.ts';
import { EXIT_USAGE } from './exit-codes.ts';

const DAY_US = 86_400e6;

/**
 * The times that `--at` means, us since the epoch, in order; one without a date is looked for in the `days` before `nowUs`. An
 * end with what is wrong with it.
 */
export function askedTimes(
  command: Command,
  at: string,
  zone: TimeZone | undefined,
  nowUs: number,
  days: number,
): readonly TimeSpan[] {
  const parsed = parseWindow(at, zone);
  const within = parsed.ok ? parsed.window.within({ fromUs: nowUs - days * DAY_US, toUs: nowUs }) : parsed;
  if (!within.ok) return command.error(`error: --at: ${within.message}`, { exitCode: EXIT_USAGE });
  return within.spans;
}
