import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { CaptureError, unreadable } from '../capture/errors.ts';
import { callsOfReport, callsOfStore, type ReportedCalls } from '../compare/reported-calls.ts';
import { reportedCapture } from '../report/reported.ts';
import type { MeasuringOptions } from './measuring-options.ts';
import { replayCaptures } from './replayed-captures.ts';

/** The longest report that is read, octets: it is parsed in one piece. */
const REPORT_BYTES_MAX = 256 << 20;
/** Octets looked at to tell a report from a capture. */
const START_BYTES = 64;
const OPENING_BRACE = 0x7b;

/** What was read for one side of a comparison; closed when it is no longer needed. */
export interface ComparedSide {
  sources: ReportedCalls[];
  problems: string[];
  close(): void;
}

/**
 * Reads one side: captures, merged by time, and reports of earlier replays (`--json`), told apart by their first octet.
 *
 * @throws {CaptureError} when a file cannot be opened, or is no report of this program
 */
export function readSide(
  files: readonly string[],
  options: MeasuringOptions & { keylog?: string },
): ComparedSide {
  const reports = files.filter(isReport);
  const captures = files.filter((file) => !reports.includes(file));
  const sources = reports.map(readReport);
  if (captures.length === 0) return { sources, problems: [], close: () => {} };
  const { store, capture, problems } = replayCaptures(captures, options);
  return {
    sources: [callsOfStore(store, reportedCapture(capture)), ...sources],
    problems,
    close: () => store.close(),
  };
}

/** JSON begins with a brace, maybe behind white space; no capture does. */
function isReport(path: string): boolean {
  if (path === '-') return false;
  const start = Buffer.alloc(START_BYTES);
  let length = 0;
  try {
    // Opening a pipe here would take its beginning, or its reader, from whoever reads it next.
    if (!statSync(path).isFile()) return false;
    const descriptor = openSync(path, 'r');
    try {
      length = readSync(descriptor, start);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const first = start.subarray(0, length).find((octet) => octet > 0x20 && octet < 0x80);
  return first === OPENING_BRACE && !start.subarray(0, start.indexOf(OPENING_BRACE)).some((o) => o > 0x20);
}

function readReport(path: string): ReportedCalls {
  const { size } = statSync(path);
  if (size > REPORT_BYTES_MAX)
    throw new CaptureError('TOO_LARGE', `${path}: a report of ${size} bytes is too large; give the capture`);
  const parsed = callsOfReport(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new CaptureError('NOT_A_REPORT', `${path}: ${parsed.reason}`);
  return { ...parsed.calls, facts: { ...parsed.calls.facts, files: [path] } };
}
