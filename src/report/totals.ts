import { EVIDENCE_MIN } from '../records/evidence.ts';
import type { CallState, Verdict } from '../records/types.ts';
import type { RecordStore } from './record-store.ts';
import { comparableR, type Score } from './score.ts';
import { everything, type Selection } from './selection.ts';

/** Sums over the records of a report. */
export interface Totals {
  calls: number;
  byState: Partial<Record<CallState, number>>;
  byVerdict: Partial<Record<Verdict, number>>;
  /** Calls with bad signalling and good media that never came to be: their set-up failed. */
  failedSetups: number;
  streams: number;
  looseStreams: number;
  packets: number;
  expected: number;
  lost: number;
  /** The lowest score of a stream that is long enough to be judged. */
  worst: Score | null;
  /** Streams that have a score, however short they are. */
  scored: number;
  findings: number;
}

/** Counts the records of a selection, or all. */
export function totalsOf(records: RecordStore, selection: Selection = everything(records)): Totals {
  const totals: Totals = {
    calls: 0,
    byState: {},
    byVerdict: {},
    failedSetups: 0,
    streams: 0,
    looseStreams: 0,
    packets: 0,
    expected: 0,
    lost: 0,
    worst: null,
    scored: 0,
    findings: 0,
  };
  for (const call of selection.calls) {
    const { state, verdict } = records.calls.summary(call);
    totals.calls++;
    totals.byState[state] = (totals.byState[state] ?? 0) + 1;
    totals.byVerdict[verdict] = (totals.byVerdict[verdict] ?? 0) + 1;
    if (verdict === 'signalling' && state === 'failed') totals.failedSetups++;
  }
  for (const stream of selection.streams) addStream(totals, records, stream);
  for (const _ of selection.findings) totals.findings++;
  return totals;
}

function addStream(totals: Totals, records: RecordStore, stream: number): void {
  const { packets, expected, lost, score } = records.streams.summary(stream);
  totals.streams++;
  if (records.isLoose(stream)) totals.looseStreams++;
  totals.packets += packets;
  totals.expected += expected;
  totals.lost += lost;
  if (score === null) return;
  totals.scored++;
  if (expected < EVIDENCE_MIN) return;
  if (totals.worst === null || comparableR(score) < comparableR(totals.worst)) totals.worst = score;
}
