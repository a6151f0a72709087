import { EVIDENCE_MIN } from '../records/evidence.ts';
import { ABSENT, fixed, percent, scaleMark } from './amounts.ts';
import { THIN_MARK } from './call-rows.ts';
import type { Column } from './columns.ts';
import type { ReportStream } from './contract.ts';
import { microsOf } from './iso-time.ts';
import type { RecordStore } from './record-store.ts';
import { scoreOf, shownR } from './score.ts';
import { shownStream } from './shown-records.ts';

/** One row of the STREAMS table. */
export interface StreamRow {
  stream: ReportStream;
  /** Id of the call that claims it. */
  call: string | null;
}

/** Reads what the row of one stream needs. */
export function streamRow(records: RecordStore, sequence: number): StreamRow {
  const stream = shownStream(records, sequence);
  // The intervals of a long stream are big, and no table shows them.
  stream.intervals = [];
  const { callId, id } = records.streams.summary(sequence);
  const calls = records.callsNamed(callId).map((call) => records.calls.summary(call));
  const owner = calls.length > 1 ? calls.find((call) => call.streams.includes(id)) : calls[0];
  return { stream, call: owner?.id ?? null };
}

/**
 * The columns of the STREAMS table: those of tshark's RTP statistics in their order, then the score. Times count from
 * the first packet of the capture, as they do there.
 */
export function streamColumns(captureStart: string | null): Column<StreamRow>[] {
  const startUs = microsOf(captureStart);
  const since = (iso: string | null): string => {
    const us = microsOf(iso);
    return us === null || startUs === null ? ABSENT : fixed((us - startUs) / 1e6, 3);
  };
  const right = (
    header: string,
    cell: (stream: ReportStream) => string,
    more: Partial<Column<StreamRow>> = {},
  ): Column<StreamRow> => ({ header, align: 'right', cell: (row) => cell(row.stream), ...more });
  const left = (
    header: string,
    cell: (stream: ReportStream) => string,
    more: Partial<Column<StreamRow>> = {},
  ): Column<StreamRow> => ({ header, align: 'left', cell: (row) => cell(row.stream), ...more });
  return [
    right('start s', (s) => since(s.startTime), { leaveOut: 6 }),
    right('end s', (s) => since(s.endTime), { leaveOut: 2 }),
    left('ip', (s) => s.src.ip, { group: 'src', min: 9 }),
    right('port', (s) => String(s.src.port), { group: 'src', leaveOut: 9 }),
    left('ip', (s) => s.dst.ip, { group: 'dst', min: 9 }),
    right('port', (s) => String(s.dst.port), { group: 'dst', leaveOut: 10 }),
    left('SSRC', (s) => s.ssrc, { leaveOut: 8 }),
    left('payload', payloadText, { leaveOut: 12 }),
    right('pkts', (s) => String(s.packets)),
    right('lost', (s) => `${s.lost} (${percent(s.lostRatio)} %)`),
    right('max delta ms', (s) => fixed(s.maxDeltaMs, 1), { leaveOut: 4 }),
    right('mean', (s) => fixed(s.jitterMs.mean, 1), { group: 'jitter ms', leaveOut: 3 }),
    right('max', (s) => fixed(s.jitterMs.max, 1), { group: 'jitter ms', leaveOut: 5 }),
    right('p95', (s) => fixed(s.jitterMs.p95, 1), { group: 'jitter ms', leaveOut: 13 }),
    right('longest loss', (s) => String(s.burst.longestLossRun ?? ABSENT), { leaveOut: 7 }),
    right('R', rText),
    right('MOS-LQ', (s) => fixed(s.quality?.mosLq ?? null, 2), { leaveOut: 11 }),
    right('MOS-CQ', (s) => fixed(s.quality?.mosCq ?? null, 2), { leaveOut: 4.5 }),
    { header: 'call', align: 'left', cell: callText, tone: (row) => (row.call === null ? 'yellow' : null) },
    left('id', (s) => s.id, { leaveOut: 1 }),
  ];
}

function payloadText(stream: ReportStream): string {
  if (stream.codec !== null) return stream.codec;
  return stream.payloadTypes.length === 0 ? ABSENT : `pt ${stream.payloadTypes.join(',')}`;
}

function rText(stream: ReportStream): string {
  const score = scoreOf(stream.quality);
  if (score === null) return ABSENT;
  const mark = stream.expected < EVIDENCE_MIN ? THIN_MARK : '';
  return `${fixed(shownR(score.rFactor, score.scale), 1)}${scaleMark(score.scale)}${mark}`;
}

function callText({ stream, call }: StreamRow): string {
  if (call === null) return 'no call';
  if (stream.direction === null) return call;
  return `${call} ${stream.direction === 'callerToCallee' ? 'to callee' : 'to caller'}`;
}
