import { findingEntry } from '../../records/finding-codes.ts';
import type { ReportFinding } from '../contract.ts';
import type { RecordStore } from '../record-store.ts';
import { bySeverity } from '../shown-records.ts';
import { mergedSpans, overlaps, type TimeSpan } from './time-window.ts';

/** What else was going on while something was bad. */
export interface Others {
  /** The times that are looked at. */
  spans: TimeSpan[];
  /** Calls that ran then, without those that were asked for; and those of them with bad media or signalling. */
  calls: number;
  bad: number;
  /** What "in the same way" means: any of these findings, then. */
  codes: string[];
  sameWay: number;
  /** The address that most of these share with the calls that were asked for. */
  shared: SharedAddress | null;
  /** Findings then about several calls at once: one moment, one age. The gravest. */
  across: ReportFinding[];
}

/** Calls among the others that pass an address: all of them, and those that were bad in the same way. */
export interface SharedAddress {
  address: string;
  calls: number;
  sameWay: number;
}

/** Findings compared; a call with more has been bad in every way. */
const CODES_MAX = 24;
/** Findings about several calls that are told. */
const ACROSS_MAX = 5;

/**
 * What else was bad at that moment. `codes` are those of a symptom; without one, what was wrong with the chosen calls
 * is looked for. Null when there is neither a time nor a call to take it from.
 */
export function othersThen(
  records: RecordStore,
  chosen: Iterable<number>,
  times: readonly TimeSpan[] | undefined,
  codes: readonly string[] | undefined,
): Others | null {
  const own = new Set(chosen);
  const spans = mergedSpans(times ?? spansOf(records, own));
  if (spans.length === 0) return null;
  const alike = new Set(codes ?? codesOf(records, own, spans));
  const others: Others = { spans, calls: 0, bad: 0, codes: [...alike], sameWay: 0, shared: null, across: [] };
  const through = new Map<string, SharedAddress>();
  for (const call of own)
    for (const address of addressesOf(records, call)) through.set(address, { address, calls: 0, sameWay: 0 });
  for (const call of records.calls.ordered()) {
    const { startUs, endUs, verdict } = records.calls.summary(call);
    if (own.has(call) || !overlaps(spans, startUs, endUs)) continue;
    const isAlike = findingsThen(records, call, spans).some(({ code }) => alike.has(code));
    others.calls++;
    if (verdict !== 'healthy' && verdict !== 'unknown') others.bad++;
    if (isAlike) others.sameWay++;
    for (const address of addressesOf(records, call)) {
      const shared = through.get(address);
      if (shared === undefined) continue;
      shared.calls++;
      if (isAlike) shared.sameWay++;
    }
  }
  others.shared = mostTelling([...through.values()]);
  others.across = acrossThen(records, spans);
  return others;
}

/** About media, and of no call and no stream: about several. */
function acrossThen(records: RecordStore, spans: readonly TimeSpan[]): ReportFinding[] {
  const found: number[] = [];
  for (const sequence of records.findings.ordered()) {
    const { code, callId, streamId, startUs, endUs } = records.findings.summary(sequence);
    if (callId !== null || streamId !== null || !overlaps(spans, startUs, endUs)) continue;
    if (findingEntry(code)?.about === 'media') found.push(sequence);
  }
  return bySeverity(records, found)
    .slice(0, ACROSS_MAX)
    .map((sequence) => JSON.parse(records.findings.text(sequence)) as ReportFinding);
}

/** Where the most of them pass, and the fewest that are well. */
function mostTelling(addresses: readonly SharedAddress[]): SharedAddress | null {
  const telling = addresses.filter(({ sameWay }) => sameWay > 0);
  telling.sort((a, b) => b.sameWay - a.sameWay || a.calls - b.calls || (a.address < b.address ? -1 : 1));
  return telling[0] ?? null;
}

function spansOf(records: RecordStore, calls: ReadonlySet<number>): TimeSpan[] {
  return Array.from(calls, (call) => {
    const { startUs, endUs } = records.calls.summary(call);
    return { fromUs: startUs, toUs: endUs ?? Number.POSITIVE_INFINITY };
  });
}

function codesOf(records: RecordStore, calls: ReadonlySet<number>, spans: readonly TimeSpan[]): Set<string> {
  const codes = new Set<string>();
  for (const call of calls) {
    for (const { code, severity } of findingsThen(records, call, spans))
      if (severity !== 'info' && codes.size < CODES_MAX) codes.add(code);
  }
  return codes;
}

function findingsThen(records: RecordStore, call: number, spans: readonly TimeSpan[]) {
  return records
    .findingsOf(call)
    .map((finding) => records.findings.summary(finding))
    .filter(({ startUs, endUs }) => overlaps(spans, startUs, endUs));
}

/** Hosts that signalling or media of a call passed between. */
function addressesOf(records: RecordStore, call: number): Set<string> {
  const addresses = new Set(records.calls.summary(call).hosts);
  for (const stream of records.streamsOf(call)) {
    const { srcIp, dstIp } = records.streams.summary(stream);
    addresses.add(srcIp).add(dstIp);
  }
  return addresses;
}
