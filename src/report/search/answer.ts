import type { FindingRecord } from '../../records/types.ts';
import type { ReportCall, ReportCapture, ReportFinding, ReportStream } from '../contract.ts';
import { microsOf } from '../iso-time.ts';
import type { RecordStore } from '../record-store.ts';
import { type Criteria, callMatches, showsSymptom } from '../selection.ts';
import { bySeverity } from '../shown-records.ts';
import { type BadMoments, badMomentsOfCall } from './bad-moments.ts';
import { type Others, othersThen } from './others.ts';
import { type Question, withoutSymptom } from './question.ts';
import type { Symptom } from './symptoms.ts';
import { overlaps, type TimeSpan } from './time-window.ts';
import { callLimits, captureLimits, type Limit } from './visibility.ts';

/**
 * confirmed: calls were found, with findings that are what was said. nothing_wrong: calls were found, and nothing of the
 * kind at this point. not_seen: no such call, though the capture covers the time. no_visibility: the capture does not
 * allow to say.
 */
export type Answer = 'confirmed' | 'nothing_wrong' | 'not_seen' | 'no_visibility';

/** One call that may be meant. */
export interface Candidate {
  call: ReportCall;
  /** Findings that are what was said, those that may be behind it, and all others; of the time asked for. */
  shows: ReportFinding[];
  hints: ReportFinding[];
  besides: ReportFinding[];
  /** Time with a bad score, where that is what was said. */
  moments: BadMoments[];
  limits: Limit[];
}

export interface TicketAnswer {
  question: Question;
  answer: Answer;
  candidates: Candidate[];
  /** Candidates that are not told of: there are more than anyone reads. */
  more: number;
  /** Findings about registrations of the party that are what was said. */
  registrations: ReportFinding[];
  /** What keeps from seeing calls at all. */
  limits: Limit[];
  /** Calls of that time, whoever had them. */
  callsThen: number;
  others: Others | null;
}

/** Calls that one answer tells of. */
const CANDIDATES_MAX = 50;
/** Calls that are looked at in full. */
const LOOKED_AT_MAX = 5000;

/**
 * Answers a complaint: what was said, against what was seen here. Claims no more than the capture shows. Texts are as they
 * were on the wire.
 */
export function answerTicket(
  records: RecordStore,
  capture: ReportCapture,
  criteria: Criteria,
  question: Question,
): TicketAnswer {
  const whoever = withoutSymptom(criteria);
  const meant = [...records.calls.ordered()].filter((call) => callMatches(records, call, whoever));
  const looked = meant.slice(0, LOOKED_AT_MAX);
  const candidates = looked.map((call) => candidateOf(records, call, criteria, question.symptom));
  const registrations = registrationFindings(records, criteria);
  const limits = captureLimits(records, capture, coveredBy(capture), question.at?.spans ?? null);
  const found = candidates.filter(isConfirmed);
  const answer = answerOf(candidates, registrations, limits, question, meant.length - looked.length);
  const told = answer === 'confirmed' && found.length > 0 ? found : worstFirst(candidates);
  const sequences = looked.filter((_, i) => answer !== 'confirmed' || isConfirmed(candidates[i]!));
  return {
    ...{ question, answer, registrations, limits },
    candidates: told.slice(0, CANDIDATES_MAX),
    more: Math.max(0, told.length - CANDIDATES_MAX) + meant.length - looked.length,
    callsThen: countThen(records, question.at?.spans ?? null),
    others: othersThen(records, sequences, question.at?.spans, question.symptom?.shows),
  };
}

function isConfirmed({ shows, moments }: Candidate): boolean {
  return shows.length + moments.length > 0;
}

function answerOf(
  candidates: readonly Candidate[],
  registrations: readonly ReportFinding[],
  limits: readonly Limit[],
  { symptom }: Question,
  unread: number,
): Answer {
  if (candidates.some(isConfirmed) || registrations.length > 0) return 'confirmed';
  if (symptom !== null && symptom.beyond !== null) return 'no_visibility';
  const blocked = limits.some(({ blocks }) => blocks);
  if (candidates.length === 0) return blocked ? 'no_visibility' : 'not_seen';
  // One call of which it cannot be said is enough: it may be the one that is meant.
  const unsure = unread > 0 || candidates.some((candidate) => candidate.limits.some(({ blocks }) => blocks));
  const partly = limits.some(({ code }) => code === 'outside_capture');
  return unsure || partly ? 'no_visibility' : 'nothing_wrong';
}

/** What is told of first: calls of which more can be said. */
function worstFirst(candidates: readonly Candidate[]): Candidate[] {
  const rank = ({ limits, hints, besides }: Candidate): number =>
    (limits.some(({ blocks }) => blocks) ? 0 : 2) + (hints.length + besides.length > 0 ? 0 : 1);
  return [...candidates].sort((a, b) => rank(a) - rank(b));
}

function candidateOf(
  records: RecordStore,
  sequence: number,
  criteria: Criteria,
  symptom: Symptom | null,
): Candidate {
  const call = JSON.parse(records.calls.text(sequence)) as ReportCall;
  const streams = records
    .streamsOf(sequence)
    .map((stream) => JSON.parse(records.streams.text(stream)) as ReportStream);
  const candidate: Candidate = { call, shows: [], hints: [], besides: [], moments: [], limits: [] };
  let oneSided = false;
  for (const finding of bySeverity(records, records.findingsOf(sequence))) {
    const { code, severity } = records.findings.summary(finding);
    if (code === 'capture_one_sided') oneSided = true;
    const told = findingOf(records, finding);
    if (isShown(records, finding, criteria, severity)) candidate.shows.push(told);
    else if (symptom !== null && (symptom.hints as readonly string[]).includes(code))
      candidate.hints.push(told);
    else candidate.besides.push(told);
  }
  candidate.limits = callLimits(call, streams, oneSided, symptom);
  if (symptom === null || symptom.badScore)
    candidate.moments = badMomentsOfCall(records, sequence, criteria.times);
  return candidate;
}

/** Without a symptom, everything that is held against a call is what was said. */
function isShown(
  records: RecordStore,
  finding: number,
  criteria: Criteria,
  severity: FindingRecord['severity'],
): boolean {
  if (!showsSymptom(records, finding, criteria)) return false;
  return criteria.symptom !== undefined || severity !== 'info';
}

function registrationFindings(records: RecordStore, criteria: Criteria): ReportFinding[] {
  const { party, symptom } = criteria;
  if (party === undefined || symptom === undefined) return [];
  return [...records.findings.ordered()]
    .filter((finding) => {
      const { callId, party: aor, severity } = records.findings.summary(finding);
      if (callId !== null || aor === null || severity === 'info') return false;
      return party(aor) && showsSymptom(records, finding, criteria);
    })
    .map((finding) => findingOf(records, finding));
}

function coveredBy({ startTime, endTime }: ReportCapture): TimeSpan | null {
  const [fromUs, toUs] = [microsOf(startTime), microsOf(endTime)];
  return fromUs === null || toUs === null ? null : { fromUs, toUs };
}

function countThen(records: RecordStore, spans: readonly TimeSpan[] | null): number {
  if (spans === null) return records.calls.length;
  let count = 0;
  for (const call of records.calls.ordered()) {
    const { startUs, endUs } = records.calls.summary(call);
    if (overlaps(spans, startUs, endUs)) count++;
  }
  return count;
}

function findingOf(records: RecordStore, finding: number): ReportFinding {
  return JSON.parse(records.findings.text(finding)) as ReportFinding;
}
