import type { Filter } from './filter.ts';
import type { RecordStore } from './record-store.ts';
import { neutralised } from './wire-text.ts';
import { worstCalls, worstStreams } from './worst-first.ts';

/** Which records a report shows: sequence numbers in the order of the contract. */
export interface Selection {
  calls: Iterable<number>;
  streams: Iterable<number>;
  findings: Iterable<number>;
  registrations: Iterable<number>;
  trunks: Iterable<number>;
}

/** What a reader asked for. All that is given must hold. */
export interface Criteria {
  filter?: Filter;
  /** The worst N calls with their streams, and the worst N of the streams that belong to no call. */
  worst?: number;
  /** One call, by the sequence number that `findCall` answers. */
  call?: number;
}

/** All records. */
export function everything(records: RecordStore): Selection {
  return {
    calls: records.calls.ordered(),
    streams: records.streams.ordered(),
    findings: records.findings.ordered(),
    registrations: records.registrations.ordered(),
    trunks: records.trunks.ordered(),
  };
}

/**
 * The records that meet the criteria: the calls, every stream and finding of theirs, the streams of no call that
 * meet them too, and findings about the capture as a whole, which bear on everything.
 */
export function select(records: RecordStore, criteria: Criteria): Selection {
  const { filter, call, worst } = criteria;
  let calls = [...records.calls.ordered()];
  let loose = [...records.streams.ordered()].filter((stream) => records.isLoose(stream));
  if (call !== undefined) {
    calls = calls.filter((sequence) => sequence === call);
    loose = [];
  }
  if (filter !== undefined) {
    calls = calls.filter((sequence) => callMatches(records, sequence, filter));
    loose = loose.filter((sequence) => streamMatches(records, sequence, filter));
  }
  if (worst !== undefined) {
    calls = worstCalls(records, calls, worst);
    loose = worstStreams(records, loose, worst);
  }
  const chosenCalls = new Set(calls);
  const chosenStreams = new Set([...loose, ...calls.flatMap((sequence) => records.streamsOf(sequence))]);
  return {
    calls: [...records.calls.ordered()].filter((sequence) => chosenCalls.has(sequence)),
    streams: [...records.streams.ordered()].filter((sequence) => chosenStreams.has(sequence)),
    findings: findingsAbout(records, calls, loose, criteria),
    registrations: registrationsOf(records, calls, criteria),
    trunks: trunksOf(records, criteria),
  };
}

/** Registrations that the filter finds; of one call, those of its parties. */
function registrationsOf(records: RecordStore, calls: readonly number[], criteria: Criteria): number[] {
  const { filter, call } = criteria;
  const parties = partiesOf(records, calls);
  return [...records.registrations.ordered()].filter((sequence) => {
    const { aor, contact, source } = records.registrations.summary(sequence);
    if (call !== undefined && !parties.has(aor)) return false;
    return filter === undefined || filter(source === null ? [] : [source], [aor, contact]);
  });
}

function partiesOf(records: RecordStore, calls: readonly number[]): Set<string | null> {
  return new Set(
    calls.flatMap((call) => {
      const { from, to } = records.calls.summary(call);
      return [from, to];
    }),
  );
}

function trunksOf(records: RecordStore, { filter, call }: Criteria): number[] {
  if (call !== undefined) return [];
  return [...records.trunks.ordered()].filter(
    (sequence) => filter === undefined || filter(records.trunks.summary(sequence).addresses, []),
  );
}

function callMatches(records: RecordStore, call: number, filter: Filter): boolean {
  const { callId, from, to } = records.calls.summary(call);
  if (filter([], [callId, from, to])) return true;
  return records.streamsOf(call).some((stream) => streamMatches(records, stream, filter));
}

function streamMatches(records: RecordStore, stream: number, filter: Filter): boolean {
  const { srcIp, dstIp, callId } = records.streams.summary(stream);
  return filter([srcIp, dstIp], [callId]);
}

function findingsAbout(
  records: RecordStore,
  calls: readonly number[],
  loose: readonly number[],
  { filter, call }: Criteria,
): number[] {
  const parties = partiesOf(records, calls);
  const ofCalls = new Set(calls.flatMap((call) => records.findingsOf(call)));
  const looseIds = new Set(loose.map((stream) => records.streams.summary(stream).id));
  return [...records.findings.ordered()].filter((sequence) => {
    const { callId, streamId, party } = records.findings.summary(sequence);
    // What is about a registration bears on its user only.
    if (party !== null) return call === undefined ? (filter?.([], [party]) ?? true) : parties.has(party);
    if (callId === null && streamId === null) return true;
    return ofCalls.has(sequence) || (streamId !== null && looseIds.has(streamId));
  });
}

/** The call a reader meant, or what to tell the reader. */
export type FoundCall = { ok: true; call: number } | { ok: false; message: string };

/** Calls named in a message that says a name was not unique. */
const NAMED_MAX = 5;

/** Finds one call by its id, its full Call-ID, or a beginning of the Call-ID that only one call has. */
export function findCall(records: RecordStore, text: string): FoundCall {
  const all = [...records.calls.ordered()];
  const summary = (sequence: number) => records.calls.summary(sequence);
  const byId = all.filter((sequence) => summary(sequence).id === text);
  const byCallId = records.callsNamed(text);
  const byPrefix = text === '' ? [] : all.filter((sequence) => summary(sequence).callId.startsWith(text));
  const found = [byId, byCallId, byPrefix].find((candidates) => candidates.length > 0) ?? [];
  if (found.length === 1) return { ok: true, call: found[0]! };
  const shown = `"${neutralised(text)}"`;
  if (found.length === 0) return { ok: false, message: `no call ${shown}: ${whatThereIs(records, all)}` };
  const names = found
    .slice(0, NAMED_MAX)
    .map((call) => `${summary(call).id} (${neutralised(summary(call).callId)})`);
  const more = found.length > NAMED_MAX ? `, +${found.length - NAMED_MAX} more` : '';
  return {
    ok: false,
    message: `${shown} means ${found.length} calls: ${names.join(', ')}${more}; give the id of one`,
  };
}

function whatThereIs(records: RecordStore, all: readonly number[]): string {
  if (all.length === 0) return 'the capture has no calls';
  const first = records.calls.summary(all[0]!).id;
  if (all.length === 1) return `the capture has one, ${first}; give its id or Call-ID`;
  const last = records.calls.summary(all.at(-1)!).id;
  return `the capture has ${all.length}, ${first} to ${last}; give an id, a Call-ID or the beginning of one`;
}
