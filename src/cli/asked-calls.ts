import { timeOf } from '../compare/call-marks.ts';
import { callRef } from '../live/call-ref.ts';
import type { Verdict } from '../records/types.ts';
import type { ReportCall } from '../report/contract.ts';
import type { PlaceKind } from '../report/place.ts';
import type { PartyMatch } from '../report/search/party.ts';
import type { Symptom } from '../report/search/symptoms.ts';
import { overlaps, type TimeSpan } from '../report/search/time-window.ts';

/** The kinds of groups that calls are asked for by. */
export const KINDS: readonly PlaceKind[] = ['site', 'trunk'];

/** What calls of a history are asked for; whom, as they are found. */
export interface AskedCalls {
  times: readonly TimeSpan[] | null;
  match: PartyMatch | null;
  symptom?: Symptom;
  finding?: string;
  site?: string;
  trunk?: string;
  verdict?: Verdict;
  call?: string;
}

/** Whether a line that says it is a call holds one: a history may have been written by anybody. */
export function isCall(record: { type: string }): record is { type: 'call' } & ReportCall {
  if (record.type !== 'call') return false;
  const { callId, findings, startTime } = record as Partial<ReportCall>;
  const isTimed = startTime === null || typeof startTime === 'string';
  return typeof callId === 'string' && isTimed && Array.isArray(findings);
}

/** Whether a call is asked for; `seenUs` is the last that its run told. */
export function isAskedFor(call: ReportCall, asked: AskedCalls, seenUs: number): boolean {
  const { times, match, symptom: said, finding, verdict, call: named } = asked;
  if (named !== undefined && call.callId !== named && callRef(call.callId) !== named) return false;
  if (verdict !== undefined && call.verdict !== verdict) return false;
  if (!KINDS.every((kind) => isIn(call[kind] ?? null, asked[kind]))) return false;
  if (finding !== undefined && !call.findings.includes(finding)) return false;
  if (said !== undefined && !said.shows.some((code) => call.findings.includes(code))) return false;
  if (match !== null && !partiesOf(call).some(match)) return false;
  const startUs = timeOf(call.startTime);
  // A call whose end nobody saw is known up to the last that its run told, and not for ever.
  return times === null || (startUs !== null && overlaps(times, startUs, timeOf(call.endTime) ?? seenUs));
}

/** Whether a call is in a group of this name, where one is asked for. */
function isIn(group: string | null, wanted: string | undefined): boolean {
  return wanted === undefined || group?.toLowerCase() === wanted.toLowerCase();
}

/** The last that is known of a stream or call. */
export function lastTimeUs({
  startTime,
  endTime,
}: {
  startTime: string | null;
  endTime: string | null;
}): number {
  return timeOf(endTime) ?? timeOf(startTime) ?? Number.NEGATIVE_INFINITY;
}

/** Whoever is named; calls of earlier versions lack some of it. */
function partiesOf({ from = null, to = null, signalling }: Partial<ReportCall>): (string | null)[] {
  const named: Partial<ReportCall['signalling']> = signalling ?? {};
  const { assertedIdentity = null, diversions = [], redirectedTo = [] } = named;
  return [from, to, assertedIdentity, ...diversions, ...redirectedTo];
}
