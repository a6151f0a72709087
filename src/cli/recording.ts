import { lossNotices } from '../live/kept-packets.ts';
import type { LiveRecord } from '../live/live-records.ts';
import type { Log } from '../live/log.ts';
import { recordWithoutNumbers } from '../live/redact.ts';
import type { HeldPlace } from '../store/held-status.ts';
import { History, type HistoryOptions } from '../store/history.ts';
import { SegmentFiles } from '../store/segment-files.ts';

/** What of the records is kept on disk, and where. */
export interface HistoryChoice extends HistoryOptions {
  directory: string;
}

/** Keeps what a live probe tells. */
export interface Recording {
  records(records: readonly LiveRecord[]): void;
  /** The holds on it, as they stand. */
  readonly held: HeldPlace;
  /** Writes what is left. */
  stop(): Promise<void>;
}

const TICK_MS = 1000;

/**
 * The history of a live probe; null when none is kept.
 *
 * @throws {StoreError} when its directory cannot be written to
 */
export function recordingOf(
  choice: HistoryChoice | null,
  { redactNumbers, log }: { redactNumbers: boolean; log: Log },
): Recording | null {
  if (choice === null) return null;
  const history = new History(choice, new SegmentFiles(choice.directory, choice.maxBytes, 'ndjson'));
  const timer = setInterval(() => {
    history.tick(Date.now());
    tellLosses(history, log);
  }, TICK_MS);
  return {
    get held() {
      return history.held;
    },
    records: (records) =>
      history.records(redactNumbers ? records.map(recordWithoutNumbers) : records, Date.now()),
    stop: async () => {
      clearInterval(timer);
      await history.close(Date.now());
      tellLosses(history, log);
    },
  };
}

function tellLosses(history: History, log: Log): void {
  const text = 'records could not be written to the history';
  for (const said of lossNotices(text, history.takeLosses())) log.notice(said);
}
