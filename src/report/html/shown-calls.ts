import type { Report } from '../report.ts';
import { everything } from '../selection.ts';
import { worstCalls, worstStreams } from '../worst-first.ts';

/** Calls, and streams of no call, that one page has details of; more would not open. */
const CALLS_MAX = 20_000;
const LOOSE_MAX = 100;

/** What a page has details of, the worst first; sequence numbers. */
export interface ShownCalls {
  calls: number[];
  looseStreams: number[];
}

/** Chooses what a page shows of a report. */
export function shownOf(report: Report): ShownCalls {
  const { records } = report;
  const selection = report.selection ?? everything(records);
  const loose = [...selection.streams].filter((stream) => records.isLoose(stream));
  return {
    calls: worstCalls(records, selection.calls, CALLS_MAX),
    looseStreams: worstStreams(records, loose, LOOSE_MAX),
  };
}
