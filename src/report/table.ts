import { EVIDENCE_MIN } from '../records/evidence.ts';
import { findingEntry } from '../records/finding-codes.ts';
import { alertLines } from './alert-lines.ts';
import { counted, day, grouped } from './amounts.ts';
import { assumptionsText } from './assumptions.ts';
import { unfolded } from './brief-streams.ts';
import { byPlaceLines } from './by-place-lines.ts';
import { type CallRow, callColumns, callRow, THIN_MARK } from './call-rows.ts';
import { captureLines, decodedText } from './capture-lines.ts';
import { noteLines, tableLines } from './columns.ts';
import { looseNotes } from './finding-notes.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import type { Report } from './report.ts';
import { othersLines } from './search/answer-lines.ts';
import { everything, type Selection } from './selection.ts';
import { shownCapture, shownSignalling } from './shown-records.ts';
import { signallingLines, trunkLines } from './signalling-lines.ts';
import { type StreamRow, streamColumns, streamRow } from './stream-rows.ts';
import { reportLine } from './summary-line.ts';
import { wrapped } from './terminal-text.ts';
import { totalsOf } from './totals.ts';
import { worstCalls, worstStreams } from './worst-first.ts';

export interface TableOptions extends TextStyle {
  /** Most rows of each table; the worst are shown. */
  calls?: number;
  streams?: number;
}

const CALLS_SHOWN = 50;
const STREAMS_SHOWN = 100;

/** The terminal report, line by line, each with its line end. */
export function* renderTable(report: Report, options: TableOptions = {}): Generator<string> {
  for (const line of tableReport(report, options)) yield `${line}\n`;
}

function* tableReport(report: Report, options: TableOptions): Generator<string> {
  const { records } = report;
  const paint = options.paint ?? PLAIN;
  const selection = report.selection ?? everything(records);
  const totals = totalsOf(records, selection);
  const capture = shownCapture(report.capture);
  yield* captureLines(capture, options);
  for (const line of wrapped(reportLine(report, totals), options.columns ?? 0)) yield paint.bold(line);

  const isEmpty = records.calls.length === 0 && records.streams.length === 0;
  if (isEmpty && capture.packets > 0) yield decodedText(capture);

  // Whoever is not to know everything is not told the groups.
  if ((report.privacy?.leftOut.length ?? 0) === 0) yield* byPlaceLines(report, selection, options);
  const calls = worstCalls(records, selection.calls, options.calls ?? CALLS_SHOWN);
  const callRows = calls.map((call) => callRow(records, call));
  if (callRows.length > 0) {
    yield '';
    yield paint.bold(title('CALLS', callRows.length, totals.calls));
    yield* tableLines(callColumns(onSeveralDays(callRows)), callRows, (row) => row.notes, options);
  }

  const brief = unfolded(records, selection.streams);
  const streams = worstStreams(records, brief.streams, options.streams ?? STREAMS_SHOWN);
  const streamRows = streams.map((stream) => streamRow(records, stream));
  if (streamRows.length > 0 || brief.lines.length > 0) {
    yield '';
    yield paint.bold(title('STREAMS', streamRows.length, totals.streams - brief.folded));
    if (streamRows.length > 0)
      yield* tableLines(streamColumns(capture.startTime), streamRows, () => [], options);
    for (const text of brief.lines) yield* noteLines({ text, tone: null }, options);
  }

  if (report.alerts !== undefined) yield* alertLines(report.alerts, options);
  yield* looseFindings(report, selection, options);
  yield* trunkLines(report, selection, options);
  yield* othersLines(report.search?.others ?? null, report.search?.question?.symptom?.name ?? null, options);
  // The figures are those of the whole capture: beside a part of it they would mislead.
  const whole = report.selection === undefined ? (report.signalling ?? null) : null;
  if (whole !== null) yield* signallingLines(shownSignalling(whole), options);
  yield* legend(callRows, streamRows, options);
}

function title(name: string, shown: number, all: number): string {
  if (all === 1) return name;
  return shown === all ? `${name}, worst first` : `${name}, the worst ${grouped(shown)} of ${grouped(all)}`;
}

function onSeveralDays(rows: readonly CallRow[]): boolean {
  return new Set(rows.map((row) => day(row.call.startTime))).size > 1;
}

/**
 * Findings that stand under no call: about several calls, registrations, or streams that no call claims. Those about
 * the capture have been said above, as reasons to doubt it.
 */
function* looseFindings(report: Report, selection: Selection, options: TableOptions): Generator<string> {
  const { records } = report;
  const loose = [...selection.findings].filter(
    (finding) =>
      findingEntry(records.findings.summary(finding).code)?.about !== 'capture' &&
      records.callsNamed(records.findings.summary(finding).callId).length === 0,
  );
  if (loose.length === 0) return;
  const notes = looseNotes(records, loose);
  yield '';
  yield (options.paint ?? PLAIN).bold(`OTHER FINDINGS, ${counted(loose.length, 'finding')} of no call`);
  for (const note of notes) yield* noteLines(note, options);
}

function* legend(
  calls: readonly CallRow[],
  streams: readonly StreamRow[],
  options: TableOptions,
): Generator<string> {
  const paint = options.paint ?? PLAIN;
  const qualities = streams.flatMap(({ stream }) => (stream.quality === null ? [] : [stream.quality]));
  const thinCall = calls.some(({ toCallee, toCaller }) =>
    [toCallee, toCaller].some((sum) => sum.thin && sum.score !== null),
  );
  const thinStream = streams.some(({ stream }) => stream.quality !== null && stream.expected < EVIDENCE_MIN);
  const lines = [
    assumptionsText(qualities),
    streams.length > 0
      ? 'R and MOS-CQ include delay, MOS-LQ does not; times in STREAMS count from the first packet'
      : null,
    thinCall || thinStream
      ? `${THIN_MARK} fewer than ${EVIDENCE_MIN} packets were due: too few to judge by`
      : null,
  ];
  const known = lines.filter((text) => text !== null);
  if (known.length > 0) yield '';
  for (const text of known) {
    for (const line of wrapped(text, options.columns ?? 0)) yield paint.dim(line);
  }
}
