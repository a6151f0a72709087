import { SCHEMA } from './contract.ts';
import type { RecordList } from './record-list.ts';
import type { Report } from './report.ts';
import { reportedCapture } from './reported.ts';
import { reportedSignalling } from './reported-signalling.ts';
import { reportedSearch } from './search/search-contract.ts';
import { everything } from './selection.ts';
import { jsonText } from './wire-text.ts';

/** Records are small and writes are not free: they are handed over in pieces of at least this many characters. */
const CHUNK_SIZE = 64 * 1024;

/**
 * The report as `earshot.report/1`, in pieces: one line per top-level key, call, stream and finding. Memory stays
 * at one piece, however long the report is.
 */
export function* jsonChunks(report: Report): Generator<string> {
  let chunk = '';
  for (const line of lines(report)) {
    chunk += line;
    if (chunk.length < CHUNK_SIZE) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

/** Writes the report as `earshot.report/1` through a callback. */
export function writeJson(report: Report, write: (chunk: string) => void): void {
  for (const chunk of jsonChunks(report)) write(chunk);
}

function* lines(report: Report): Generator<string> {
  const { tool, capture, records } = report;
  const selection = report.selection ?? everything(records);
  yield `{\n  "schema": ${jsonText(SCHEMA)},\n`;
  yield `  "tool": ${jsonText({ name: tool.name, version: tool.version })},\n`;
  yield `  "capture": ${jsonText(reportedCapture(capture))},\n`;
  if (report.privacy !== undefined) yield `  "privacy": ${jsonText(report.privacy)},\n`;
  yield* list('calls', records.calls, selection.calls);
  yield ',\n';
  yield* list('streams', records.streams, selection.streams);
  yield ',\n';
  yield* list('findings', records.findings, selection.findings);
  const signalling = report.signalling ?? null;
  yield `,\n  "signalling": ${jsonText(signalling === null ? null : reportedSignalling(signalling))},\n`;
  yield* list('registrations', records.registrations, selection.registrations);
  yield `,\n  "registrationsLeftOut": ${records.registrationsLeftOut},\n`;
  yield* list('trunks', records.trunks, selection.trunks);
  if (report.alerts !== undefined) {
    const { raised, heldBack, pending } = report.alerts;
    yield* plainList('alerts', raised);
    yield* plainList('alertsHeldBack', heldBack);
    yield* plainList('alertsPending', pending);
  }
  if (report.search !== undefined) yield `,\n  "search": ${jsonText(reportedSearch(report.search))}`;
  yield '\n}\n';
}

function* plainList(key: string, values: readonly object[]): Generator<string> {
  yield `,\n  "${key}": [`;
  yield values.map((value) => `\n    ${jsonText(value)}`).join(',');
  yield values.length > 0 ? '\n  ]' : ']';
}

function* list<Summary>(
  key: string,
  records: RecordList<Summary>,
  sequences: Iterable<number>,
): Generator<string> {
  yield `  "${key}": [`;
  let separator = '\n    ';
  for (const sequence of sequences) {
    yield separator + records.text(sequence);
    separator = ',\n    ';
  }
  yield separator.startsWith(',') ? '\n  ]' : ']';
}
