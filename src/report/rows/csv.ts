import type { ReportStream } from '../contract.ts';
import type { Report } from '../report.ts';
import { everything } from '../selection.ts';
import { neutralised } from '../wire-text.ts';
import { FIELDS, type Field, fieldValue, type RowKind } from './fields.ts';
import { intervalRows } from './interval-rows.ts';

const CHUNK_SIZE = 64 * 1024;
/** What spreadsheets take for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const LIST_SEPARATOR = ';';

/**
 * The records of one kind as CSV (RFC 4180): a header of the contract's dotted names, CRLF, quotes where they are
 * needed, nothing in a cell whose value is unknown. Control characters are written as escapes. Text that a spreadsheet
 * would take for a formula gets an apostrophe before it.
 */
export function* csvChunks(report: Report, kind: RowKind): Generator<string> {
  const fields = FIELDS[kind];
  let chunk = csvLine(fields.map(({ name }) => name));
  for (const record of recordsOf(report, kind)) {
    chunk += csvLine(fields.map((field) => cellText(record, field)));
    if (chunk.length < CHUNK_SIZE) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function* recordsOf(report: Report, kind: RowKind): Generator<object> {
  const { records } = report;
  const selection = report.selection ?? everything(records);
  if (kind === 'intervals') {
    for (const stream of selection.streams)
      yield* intervalRows(JSON.parse(records.streams.text(stream)) as ReportStream);
    return;
  }
  for (const sequence of selection[kind]) yield JSON.parse(records[kind].text(sequence)) as object;
}

function cellText(record: object, { path, kind }: Field): string {
  const value = fieldValue(record, path);
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (kind === 'list' && Array.isArray(value)) return harmless(value.map(String).join(LIST_SEPARATOR));
  return harmless(typeof value === 'string' ? value : JSON.stringify(value));
}

function harmless(text: string): string {
  const shown = neutralised(text);
  return FORMULA.test(shown) && !NUMBER.test(shown) ? `'${shown}` : shown;
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
