import type { WantedCall } from '../evidence/contract.ts';
import type { Remark } from '../evidence/slice-search.ts';
import { Wanted } from '../evidence/wanted.ts';
import type { ReportCall, ReportFinding } from '../report/contract.ts';
import type { Filter } from '../report/filter.ts';
import { microsOf } from '../report/iso-time.ts';
import type { RecordStore } from '../report/record-store.ts';
import { findCall, select } from '../report/selection.ts';
import { wantedCalls, wantedLoose } from './wanted-calls.ts';

/** Which calls a slice is made of; several ways of saying so add up. */
export interface SliceCriteria {
  calls: readonly string[];
  worst?: number;
  filter?: Filter;
}

/** Calls by sequence number, and streams that no call claims; or what to tell who asked. */
export type SliceChoice =
  | { ok: true; calls: number[]; streams: number[]; legs: number }
  | { ok: false; message: string };

/** Finds the calls that are asked for, and the other legs of their conversations. */
export function chooseCalls(
  records: RecordStore,
  { calls: names, worst, filter }: SliceCriteria,
): SliceChoice {
  const calls = new Set<number>();
  const streams = new Set<number>();
  for (const name of names) {
    const loose = looseNamed(records, name);
    if (loose !== null) {
      streams.add(loose);
      continue;
    }
    const found = findCall(records, name);
    if (!found.ok) return { ok: false, message: `--call: ${found.message}` };
    calls.add(found.call);
  }
  if (worst !== undefined || filter !== undefined) {
    const criteria = {
      ...(worst === undefined ? {} : { worst }),
      ...(filter === undefined ? {} : { filter }),
    };
    const chosen = select(records, criteria);
    const found = [...chosen.calls];
    for (const call of found) calls.add(call);
    if (found.length === 0) for (const stream of chosen.streams) streams.add(stream);
    if (calls.size + streams.size === 0)
      return {
        ok: false,
        message: 'no call of the capture is meant; "earshot replay" lists those there are',
      };
  }
  const asked = calls.size;
  addLegs(records, calls);
  return { ok: true, calls: [...calls], streams: [...streams], legs: calls.size - asked };
}

/** A stream of no call, by its id. */
function looseNamed(records: RecordStore, name: string): number | null {
  if (!/^s\d+$/.test(name)) return null;
  for (const stream of records.streams.ordered())
    if (records.streams.summary(stream).id === name && records.isLoose(stream)) return stream;
  return null;
}

function addLegs(records: RecordStore, calls: Set<number>): void {
  for (const call of calls) {
    const { legs } = JSON.parse(records.calls.text(call)) as ReportCall;
    // What is added while a set is gone through is gone through as well.
    for (const leg of legs) for (const other of records.callsNamed(leg)) calls.add(other);
  }
}

/** What is looked for in the second pass, and the findings that shall stand at its packets. */
export function sliceEvidence(
  records: RecordStore,
  { calls, streams }: { calls: readonly number[]; streams: readonly number[] },
  textOf: (finding: ReportFinding) => string,
): { wanted: Wanted; remarks: Remark[] } {
  const all: WantedCall[] = [...wantedCalls(records, calls), ...wantedLoose(records, streams)];
  const wanted = new Wanted(all);
  const streamById = new Map(wanted.streams.map(({ id }, index) => [id, index]));
  const remarks = calls.flatMap((call, place) =>
    records.findingsOf(call).map((sequence): Remark => {
      const finding = JSON.parse(records.findings.text(sequence)) as ReportFinding;
      const { streamId, startTime, endTime } = finding;
      return {
        call: place,
        stream: streamId === null ? null : (streamById.get(streamId) ?? null),
        fromUs: microsOf(startTime) ?? Number.NEGATIVE_INFINITY,
        toUs: microsOf(endTime) ?? Number.POSITIVE_INFINITY,
        text: textOf(finding),
      };
    }),
  );
  return { wanted, remarks };
}
