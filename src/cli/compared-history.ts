import { CaptureError } from '../capture/errors.ts';
import type { AroundChange } from '../compare/around-change.ts';
import type { Loose } from '../compare/call-sample.ts';
import type { Side } from '../compare/compare-sets.ts';
import type { HistoryFacts } from '../compare/contract.ts';
import { type HistoryRecord, HistorySides } from '../compare/history-sides.ts';
import { UnreadStream } from '../compare/unread-stream.ts';
import type { ReportStream } from '../report/contract.ts';
import { neutralised } from '../report/wire-text.ts';
import { recordIn } from '../store/json-lines.ts';
import { coverOf, historyLines, withoutPseudonyms } from './history-files.ts';
import type { ChosenPseudonyms } from './pseudonym-options.ts';

/** Both sides of a change, and lines of the history that hold no record. */
export interface ComparedHistory {
  a: Side;
  b: Side;
  history: HistoryFacts;
  linesSkipped: number;
  /** What the probe had put pseudonyms in place of already, in words. */
  pseudonyms: string | null;
}

/** Intervals are in their streams already. */
const UNREAD = '{"type":"interval"';

/**
 * Reads the calls before and after a change from what `earshot live` told, covered where that is asked for.
 *
 * @throws {CaptureError} when a file cannot be read, or is no history, or has pseudonyms where some are asked for
 */
export function readHistory(
  paths: readonly string[],
  around: AroundChange,
  chosen: ChosenPseudonyms | null,
): ComparedHistory {
  try {
    // The history is read twice where it is covered.
    const cover =
      chosen === null
        ? undefined
        : coverOf(
            chosen.names,
            recordsOf(paths, chosen, () => {}),
          );
    const sides = new HistorySides(around, cover);
    let linesSkipped = 0;
    let pseudonyms: string | null = null;
    const skip = () => {
      linesSkipped++;
    };
    for (const record of recordsOf(paths, chosen, skip)) {
      sides.take(record);
      pseudonyms = pseudonymsIn(record) ?? pseudonyms;
    }
    if (sides.recordsTaken === 0) throw new CaptureError('RECORDS', `${paths.join(', ')}: ${NO_HISTORY}`);
    const names = chosen === null ? paths : paths.map((_, at) => `history-${at + 1}`);
    return { ...sides.sides(names), linesSkipped, pseudonyms };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof CaptureError || code === undefined) throw error;
    throw new CaptureError(code, message);
  }
}

function pseudonymsIn(record: HistoryRecord | UnreadStream): string | null {
  if (record.type !== 'start' && record.type !== 'status') return null;
  const { text } = ((record as HistoryRecord).privacy ?? {}) as { text?: unknown };
  return typeof text === 'string' ? neutralised(text) : null;
}

const NO_HISTORY = 'holds nothing that "earshot live" told; captures are compared as two files';

/** The records of a history; lines that are read and hold none are skipped. */
function* recordsOf(
  paths: readonly string[],
  chosen: ChosenPseudonyms | null,
  skip: () => void,
): Generator<HistoryRecord | UnreadStream> {
  const lines = historyLines(paths);
  if (lines === null) throw new CaptureError('RECORDS', `${paths.join(', ')}: ${NO_HISTORY}`);
  for (const line of chosen === null ? lines : withoutPseudonyms(lines)) {
    if (line === '' || line.startsWith(UNREAD)) continue;
    const read = () => {
      const record = recordIn(line);
      if (record === null) skip();
      return record;
    };
    const record = UnreadStream.of(line, read as () => Loose<ReportStream> | null) ?? read();
    if (record !== null) yield record as HistoryRecord | UnreadStream;
  }
}
