import { type Command, InvalidArgumentError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { type CallEvidence, renderCall } from '../report/call-view.ts';
import { jsonChunks } from '../report/json.ts';
import type { Report } from '../report/report.ts';
import { csvChunks } from '../report/rows/csv.ts';
import { ROW_KINDS, type RowKind } from '../report/rows/fields.ts';
import { ndjsonChunks } from '../report/rows/ndjson.ts';
import { answerTicket } from '../report/search/answer.ts';
import { renderAnswer } from '../report/search/answer-lines.ts';
import { reportedVerdict } from '../report/search/search-contract.ts';
import { shownCapture } from '../report/shown-records.ts';
import { reportLine } from '../report/summary-line.ts';
import { renderTable } from '../report/table.ts';
import { jsonText } from '../report/wire-text.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { writeOut } from './output.ts';
import type { Search } from './search-options.ts';
import { textStyle } from './text-style.ts';

/** In which form a report is printed; as text when none is given. */
export interface OutputOptions {
  json?: boolean;
  ndjson?: boolean;
  csv?: RowKind;
  html?: string;
  verdict?: boolean;
  junit?: string;
}

/** Adds the options for the form of a report. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print the whole report as JSON (earshot.report/1)')
    .option('--ndjson', 'print every interval, stream, call and finding as a line of JSON')
    .option('--csv <kind>', `print a table for spreadsheets: ${ROW_KINDS.join(', ')}`, rowKind)
    .option(
      '--html <file>',
      'write a report to look at, one page that needs no network; - for standard output',
    );
}

function rowKind(text: string): RowKind {
  const kind = ROW_KINDS.find((each) => each === text);
  if (kind !== undefined) return kind;
  const meant = nearest(text, ROW_KINDS);
  const hint = meant === null ? '' : ` Did you mean ${meant}?`;
  throw new InvalidArgumentError(`expected one of ${ROW_KINDS.join(', ')}.${hint}`);
}

/** Ends with exit status 2 when two forms want standard output. */
export function settleOutput(command: Command, options: OutputOptions): void {
  const { json, ndjson, csv, html, verdict, junit } = options;
  const forms: [string, boolean][] = [
    ['--json', json === true],
    ['--ndjson', ndjson === true],
    ['--csv', csv !== undefined],
    ['--html -', html === '-'],
    ['--verdict', verdict === true && json !== true],
    ['--junit -', junit === '-'],
  ];
  const wanted = forms.filter(([, is]) => is).map(([name]) => name);
  if (wanted.length < 2) return;
  const word = wanted.length === 2 ? 'both' : 'all';
  const last = wanted.pop();
  command.error(
    `error: ${wanted.join(', ')} and ${last} ${word} want standard output; give one, or --html a file`,
    { exitCode: EXIT_USAGE },
  );
}

/** Whether a report is told in words on standard output. */
export function isText({ json, ndjson, csv, html, verdict }: OutputOptions): boolean {
  return json !== true && ndjson !== true && csv === undefined && html === undefined && verdict !== true;
}

/** Prints a report in the form that is asked for. */
export function print(
  report: Report,
  { criteria, question }: Search,
  options: OutputOptions,
  evidence: CallEvidence | null,
): void {
  if (options.verdict === true) {
    const told = answerTicket(report.records, shownCapture(report.capture), criteria, question);
    printAnswer(report, told, options.json === true);
    return;
  }
  for (const chunk of chunksOf(report, criteria.call, options, evidence)) writeOut(chunk);
}

function printAnswer(report: Report, told: ReturnType<typeof answerTicket>, asJson: boolean): void {
  const capture = shownCapture(report.capture);
  if (asJson) writeOut(`${jsonText(reportedVerdict(told, capture, report.tool))}\n`);
  else for (const line of renderAnswer(told, capture, textStyle())) writeOut(line);
}

function chunksOf(
  report: Report,
  call: number | undefined,
  { json, ndjson, csv, html }: OutputOptions,
  evidence: CallEvidence | null,
): Iterable<string> {
  if (json === true) return jsonChunks(report);
  if (ndjson === true) return ndjsonChunks(report);
  if (csv !== undefined) return csvChunks(report, csv);
  // The page stands for the tables; one line says what is in it.
  if (html !== undefined) return html === '-' ? [] : [`${html}: ${reportLine(report)}\n`];
  const style = textStyle();
  const told = call === undefined ? renderTable(report, style) : renderCall(report, call, style, evidence);
  return report.privacy === undefined ? told : withNote(told, report.privacy.text);
}

function* withNote(lines: Iterable<string>, note: string): Generator<string> {
  yield* lines;
  yield `\n${note}\n`;
}
