import type { ReportStream } from '../contract.ts';
import type { RecordList } from '../record-list.ts';
import type { Report } from '../report.ts';
import { reportedCapture } from '../reported.ts';
import { reportedSearch } from '../search/search-contract.ts';
import { everything } from '../selection.ts';
import { jsonText } from '../wire-text.ts';
import { intervalRows } from './interval-rows.ts';

const CHUNK_SIZE = 64 * 1024;

/**
 * The report as one JSON object per line, each with a `type`: those of `live --json` (interval, stream, call, finding,
 * registration, trunk, capture), and `alert` and `search` where there are any. A stream follows its intervals, the
 * capture comes last. Memory stays at one record, however long the report is.
 */
export function* ndjsonChunks(report: Report): Generator<string> {
  let chunk = '';
  for (const line of lines(report)) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_SIZE) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function* lines(report: Report): Generator<string> {
  const { records, tool, capture } = report;
  const selection = report.selection ?? everything(records);
  for (const sequence of selection.streams) {
    const text = records.streams.text(sequence);
    for (const row of intervalRows(JSON.parse(text) as ReportStream))
      yield jsonText({ type: 'interval', ...row });
    yield typed('stream', text);
  }
  yield* list('call', records.calls, selection.calls);
  yield* list('finding', records.findings, selection.findings);
  yield* list('registration', records.registrations, selection.registrations);
  yield* list('trunk', records.trunks, selection.trunks);
  for (const alert of report.alerts?.raised ?? []) yield jsonText({ type: 'alert', ...alert });
  if (report.search !== undefined) yield jsonText({ type: 'search', ...reportedSearch(report.search) });
  yield jsonText({ type: 'capture', tool, ...reportedCapture(capture) });
}

function* list<Summary>(
  type: string,
  records: RecordList<Summary>,
  sequences: Iterable<number>,
): Generator<string> {
  for (const sequence of sequences) yield typed(type, records.text(sequence));
}

/** The texts are objects already; only their type is missing. */
function typed(type: string, text: string): string {
  return `{"type":"${type}",${text.slice(1)}`;
}
