import { emergencyFailed } from '../records/emergency-outcome.ts';
import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { Direction, Verdict } from '../records/types.ts';
import { ABSENT, clock, day, percent, scoreText, seconds } from './amounts.ts';
import { emergencyText } from './call-signalling-lines.ts';
import type { Column, Note } from './columns.ts';
import type { ReportCall } from './contract.ts';
import { findingNotes, heldBackText } from './finding-notes.ts';
import type { Tone } from './paint.ts';
import type { RecordStore } from './record-store.ts';
import { comparableR, reportedScore, type Score } from './score.ts';
import { shownCall } from './shown-records.ts';

/** What the streams of one direction amount to. */
interface DirectionSum {
  lostRatio: number | null;
  /** The lowest of its streams. */
  score: Score | null;
  /** Too few packets for the score to mean much. */
  thin: boolean;
}

/** One row of the CALLS table. */
export interface CallRow {
  call: ReportCall;
  toCallee: DirectionSum;
  toCaller: DirectionSum;
  notes: Note[];
}

const FINDINGS_SHOWN = 3;

/** The colour that goes with the verdict. */
export const VERDICT_TONE: Readonly<Record<Verdict, Tone>> = {
  both: 'red',
  media: 'red',
  signalling: 'red',
  unknown: 'dim',
  healthy: 'green',
};

/** Reads what the row of one call needs. */
export function callRow(records: RecordStore, sequence: number): CallRow {
  const call = shownCall(records, sequence);
  return {
    call,
    toCallee: directionSum(records, sequence, 'callerToCallee'),
    toCaller: directionSum(records, sequence, 'calleeToCaller'),
    notes: [
      ...emergencyNotes(call),
      ...findingNotes(records, records.findingsOf(sequence), call, FINDINGS_SHOWN),
      ...heldBackNotes(call),
    ],
  };
}

/** Whoever reads at night must not overlook them: they look like any other call. */
function emergencyNotes(call: ReportCall): Note[] {
  const { emergency, ofScan } = call.signalling;
  if (emergency === null) return [];
  if (ofScan)
    return [{ text: `emergency number, tried by a scan (${emergencyText(emergency)})`, tone: 'dim' }];
  return [
    {
      text: `EMERGENCY CALL (${emergencyText(emergency)})`,
      tone: emergencyFailed(call) === true ? 'red' : null,
    },
  ];
}

/** What was not said of a call. */
function heldBackNotes({ heldBack }: ReportCall): Note[] {
  if (heldBack.length === 0) return [];
  return [{ text: heldBackText(heldBack), tone: 'dim' }];
}

function directionSum(records: RecordStore, call: number, direction: Direction): DirectionSum {
  let expected = 0;
  let lost = 0;
  let score: Score | null = null;
  for (const sequence of records.streamsOf(call)) {
    const stream = records.streams.summary(sequence);
    if (stream.direction !== direction) continue;
    expected += stream.expected;
    lost += stream.lost;
    const own = reportedScore(stream.score);
    if (own !== null && (score === null || comparableR(own) < comparableR(score))) score = own;
  }
  return { lostRatio: expected > 0 ? lost / expected : null, score, thin: expected < EVIDENCE_MIN };
}

/** The mark of a score that rests on too few packets; a line under the table explains it. */
export const THIN_MARK = '*';

function sumScore(sum: DirectionSum): string {
  if (sum.score === null) return ABSENT;
  return scoreText(sum.score) + (sum.thin ? THIN_MARK : '');
}

function stateWords(call: ReportCall): string {
  return call.finalCode === null || call.finalCode === 200 ? call.state : `${call.state} ${call.finalCode}`;
}

/** The columns of the CALLS table; `withDay` when the calls are not all of one day. */
export function callColumns(withDay: boolean): Column<CallRow>[] {
  const start = ({ call }: CallRow): string =>
    withDay ? `${day(call.startTime)} ${clock(call.startTime)}` : clock(call.startTime);
  return [
    {
      header: 'verdict',
      align: 'left',
      cell: (row) => row.call.verdict,
      tone: (row) => VERDICT_TONE[row.call.verdict],
    },
    { header: 'id', align: 'left', cell: (row) => row.call.id },
    { header: 'start (UTC)', align: 'left', cell: start, leaveOut: 5 },
    { header: 'from', align: 'left', cell: (row) => row.call.from ?? ABSENT, min: 8 },
    { header: 'to', align: 'left', cell: (row) => row.call.to ?? ABSENT, min: 8 },
    { header: 'state', align: 'left', cell: (row) => stateWords(row.call) },
    { header: 'dur s', align: 'right', cell: (row) => seconds(row.call.durationMs, 1), leaveOut: 2 },
    {
      header: 'PDD s',
      align: 'right',
      cell: (row) => seconds(row.call.setup.postDialDelayMs, 2),
      leaveOut: 1,
    },
    directionColumn('to callee', 'loss %', (row) => percent(row.toCallee.lostRatio), 3),
    directionColumn('to callee', 'R', (row) => sumScore(row.toCallee)),
    directionColumn('to caller', 'loss %', (row) => percent(row.toCaller.lostRatio), 4),
    directionColumn('to caller', 'R', (row) => sumScore(row.toCaller)),
  ];
}

function directionColumn(
  group: string,
  header: string,
  cell: (row: CallRow) => string,
  leaveOut?: number,
): Column<CallRow> {
  return { group, header, align: 'right', cell, ...(leaveOut === undefined ? {} : { leaveOut }) };
}
