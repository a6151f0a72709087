import type { ReportCapture, ReportFinding, Timestamp } from '../contract.ts';
import { isoMicros } from '../iso-time.ts';
import { roundScore } from '../rounding.ts';
import type { Answer, Candidate, TicketAnswer } from './answer.ts';
import type { BadMoments } from './bad-moments.ts';
import type { Others } from './others.ts';
import type { Question } from './question.ts';
import type { TimeSpan } from './time-window.ts';
import type { Limit } from './visibility.ts';

/** Name and version of the JSON of an answer. */
export const VERDICT_SCHEMA = 'earshot.verdict/1';

interface ReportSpan {
  fromTime: Timestamp;
  /** Null where it is open. */
  toTime: Timestamp;
}

/** What was asked. */
export interface ReportQuestion {
  at: { text: string; zone: string; spans: ReportSpan[] } | null;
  party: string | null;
  symptom: string | null;
}

/** What else was bad at that moment. */
export interface ReportOthers {
  spans: ReportSpan[];
  calls: number;
  bad: number;
  codes: string[];
  sameWay: number;
  shared: { address: string; calls: number; sameWay: number } | null;
  /** Findings about several calls at once. */
  across: ReportFinding[];
}

/** `search` of a report: what was asked for, and what else was bad then; either may be null. */
export interface ReportSearch {
  question: ReportQuestion | null;
  others: ReportOthers | null;
}

interface ReportMoments extends Omit<BadMoments, 'lowestR' | 'badR'> {
  lowestR: number | null;
  badR: number | null;
}

export interface ReportCandidate {
  id: string;
  callId: string;
  from: string | null;
  to: string | null;
  startTime: Timestamp;
  endTime: Timestamp;
  state: string;
  verdict: string;
  shows: ReportFinding[];
  badMoments: ReportMoments[];
  hints: ReportFinding[];
  besides: ReportFinding[];
  limits: Limit[];
}

/** `earshot.verdict/1`: the answer to a ticket. */
export interface ReportVerdict {
  schema: string;
  tool: { name: string; version: string };
  question: ReportQuestion;
  answer: Answer;
  capture: Pick<ReportCapture, 'files' | 'startTime' | 'endTime' | 'trust'>;
  calls: ReportCandidate[];
  callsLeftOut: number;
  registrations: ReportFinding[];
  limits: Limit[];
  callsThen: number;
  others: ReportOthers | null;
}

/** A question as it is printed. */
export function reportedQuestion({ at, party, symptom }: Question): ReportQuestion {
  return {
    at: at === null ? null : { text: at.text, zone: at.zone, spans: at.spans.map(reportedSpan) },
    party,
    symptom: symptom?.name ?? null,
  };
}

/** `search` as it is printed. */
export function reportedSearch(search: { question: Question | null; others: Others | null }): ReportSearch {
  const { question, others } = search;
  return {
    question: question === null ? null : reportedQuestion(question),
    others: others === null ? null : reportedOthers(others),
  };
}

/** What else was bad, as it is printed. */
export function reportedOthers(others: Others): ReportOthers {
  const { spans, calls, bad, codes, sameWay, shared, across } = others;
  return { spans: spans.map(reportedSpan), calls, bad, codes, sameWay, shared, across };
}

/** An answer as it is printed. */
export function reportedVerdict(
  told: TicketAnswer,
  { startTime, endTime, files, trust }: ReportCapture,
  tool: { name: string; version: string },
): ReportVerdict {
  return {
    schema: VERDICT_SCHEMA,
    tool: { name: tool.name, version: tool.version },
    question: reportedQuestion(told.question),
    answer: told.answer,
    capture: { files, startTime, endTime, trust },
    calls: told.candidates.map(reportedCandidate),
    callsLeftOut: told.more,
    registrations: told.registrations,
    limits: told.limits,
    callsThen: told.callsThen,
    others: told.others === null ? null : reportedOthers(told.others),
  };
}

function reportedCandidate({ call, shows, moments, hints, besides, limits }: Candidate): ReportCandidate {
  const { id, callId, from, to, startTime, endTime, state, verdict } = call;
  const badMoments = moments.map((each) => {
    return { ...each, lowestR: roundScore(each.lowestR), badR: roundScore(each.badR) };
  });
  const who = { id, callId, from, to, startTime, endTime, state, verdict };
  return { ...who, shows, badMoments, hints, besides, limits };
}

function reportedSpan({ fromUs, toUs }: TimeSpan): ReportSpan {
  return { fromTime: isoMicros(fromUs), toTime: isoMicros(toUs) };
}
