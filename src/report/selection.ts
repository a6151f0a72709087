import type { Filter } from './filter.ts';
import type { RecordStore } from './record-store.ts';
import { badMomentsOfCall, badMomentsOfStream } from './search/bad-moments.ts';
import type { PartyMatch } from './search/party.ts';
import { isShownBy, type Symptom } from './search/symptoms.ts';
import { overlaps, type TimeSpan } from './search/time-window.ts';
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
  /** When it was. Findings of a symptom must touch it, too. */
  times?: readonly TimeSpan[];
  /** Who had to do with it. */
  party?: PartyMatch;
  /** What people say of it: calls and streams with findings that are that. */
  symptom?: Symptom;
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
  const { call, worst } = criteria;
  let calls = [...records.calls.ordered()];
  let loose = [...records.streams.ordered()].filter((stream) => records.isLoose(stream));
  if (call !== undefined) {
    calls = calls.filter((sequence) => sequence === call);
    loose = [];
  }
  const ofSymptom = symptomTest(records, criteria);
  calls = calls.filter((sequence) => callMatches(records, sequence, criteria) && ofSymptom.call(sequence));
  loose = loose.filter((sequence) => looseMatches(records, sequence, criteria) && ofSymptom.stream(sequence));
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

/** Whether a finding is what a symptom is about, and of the time that is asked for. */
export function showsSymptom(
  records: RecordStore,
  finding: number,
  { symptom, times }: Pick<Criteria, 'symptom' | 'times'>,
): boolean {
  const { code, severity, startUs, endUs } = records.findings.summary(finding);
  if (symptom !== undefined && !isShownBy(symptom, code, severity)) return false;
  return times === undefined || overlaps(times, startUs, endUs);
}

interface SymptomTest {
  call(call: number): boolean;
  stream(stream: number): boolean;
}

function symptomTest(records: RecordStore, criteria: Criteria): SymptomTest {
  const { symptom, times } = criteria;
  if (symptom === undefined) return { call: () => true, stream: () => true };
  const streams = new Set<string>();
  for (const finding of records.findings.ordered()) {
    const { streamId } = records.findings.summary(finding);
    if (streamId !== null && showsSymptom(records, finding, criteria)) streams.add(streamId);
  }
  return {
    call: (call) =>
      records.findingsOf(call).some((finding) => showsSymptom(records, finding, criteria)) ||
      (symptom.badScore && badMomentsOfCall(records, call, times).length > 0),
    stream: (stream) =>
      streams.has(records.streams.summary(stream).id) ||
      (symptom.badScore && badMomentsOfStream(records, stream, times) !== null),
  };
}

/** Registrations that the filter finds; of one call, those of its parties. */
function registrationsOf(records: RecordStore, calls: readonly number[], criteria: Criteria): number[] {
  const { filter, call, party, times } = criteria;
  const parties = partiesOf(records, calls);
  return [...records.registrations.ordered()].filter((sequence) => {
    const { aor, contact, source, startUs, endUs } = records.registrations.summary(sequence);
    if (call !== undefined && !parties.has(aor)) return false;
    if (party !== undefined && !party(aor) && !party(contact)) return false;
    if (times !== undefined && !overlaps(times, startUs, endUs)) return false;
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

function trunksOf(records: RecordStore, { filter, call, party, times }: Criteria): number[] {
  if (call !== undefined || party !== undefined) return [];
  return [...records.trunks.ordered()].filter((sequence) => {
    const { addresses, startUs, endUs } = records.trunks.summary(sequence);
    if (times !== undefined && !overlaps(times, startUs, endUs)) return false;
    return filter === undefined || filter(addresses, []);
  });
}

/** Whether a call meets everything but the symptom. */
export function callMatches(records: RecordStore, call: number, criteria: Criteria): boolean {
  const { filter, times, party } = criteria;
  const { callId, from, to, startUs, endUs, place } = records.calls.summary(call);
  if (times !== undefined && !overlaps(times, startUs, endUs)) return false;
  if (party !== undefined && !hasParty(records, call, party)) return false;
  if (filter === undefined || filter([], [callId, from, to], place)) return true;
  return records.streamsOf(call).some((stream) => streamMatches(records, stream, filter));
}

/** Whether somebody had to do with a call. What one leg of a conversation suffers is heard on the others. */
function hasParty(records: RecordStore, call: number, party: PartyMatch): boolean {
  const isIn = (sequence: number): boolean => {
    const { from, to, further } = records.calls.summary(sequence);
    return party(from) || party(to) || further.some(party);
  };
  const { legs } = records.calls.summary(call);
  return isIn(call) || legs.some((callId) => records.callsNamed(callId).some(isIn));
}

/** A stream of no call has no party. */
function looseMatches(records: RecordStore, stream: number, { filter, times, party }: Criteria): boolean {
  const { startUs, endUs } = records.streams.summary(stream);
  if (party !== undefined || (times !== undefined && !overlaps(times, startUs, endUs))) return false;
  return filter === undefined || streamMatches(records, stream, filter);
}

function streamMatches(records: RecordStore, stream: number, filter: Filter): boolean {
  const { srcIp, dstIp, callId, place } = records.streams.summary(stream);
  return filter([srcIp, dstIp], [callId], place);
}

function findingsAbout(
  records: RecordStore,
  calls: readonly number[],
  loose: readonly number[],
  criteria: Criteria,
): number[] {
  const { filter, call, times } = criteria;
  const parties = partiesOf(records, calls);
  const ofCalls = new Set(calls.flatMap((call) => records.findingsOf(call)));
  const looseIds = new Set(loose.map((stream) => records.streams.summary(stream).id));
  const wanted = (party: string): boolean =>
    (filter?.([], [party]) ?? true) && (criteria.party?.(party) ?? true);
  return [...records.findings.ordered()].filter((sequence) => {
    const { callId, streamId, party, startUs, endUs } = records.findings.summary(sequence);
    if (callId !== null || streamId !== null)
      return ofCalls.has(sequence) || (streamId !== null && looseIds.has(streamId));
    if (times !== undefined && !overlaps(times, startUs, endUs)) return false;
    if (party === null) return true;
    // What is about a registration bears on its user only.
    if (call !== undefined) return parties.has(party);
    return wanted(party) && showsSymptom(records, sequence, criteria);
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
